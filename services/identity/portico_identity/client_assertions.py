"""Who asks for tokens: a portal's back end, which proves itself with a signed assertion (RFC 7523, private_key_jwt).

A shared secret would have to lie on both sides and says nothing of who used it; a signature of one minute and one use
can be neither replayed nor made from what we store.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico_core.errors import ConfigurationError, Unauthenticated
from portico_identity.compact import read_compact, read_object
from portico_identity.issuer_keys import MAX_KEYS, IssuerKey, VerifyingKey, read_key
from portico_identity.tokens import Expected, check_claims, is_identifier, verify_signature

LONGEST_LIFE_S = 300


@dataclass(frozen=True, slots=True)
class RegisteredKeys:
    """The public keys that one client registered with us."""

    keys: tuple[IssuerKey, ...]

    async def find(self, kid: str | None, *, algorithm: str) -> VerifyingKey:
        """Return the key of this id for this algorithm; raise Unauthenticated where there is not exactly one."""
        found = [key for key in self.keys if key.algorithm == algorithm and kid is not None and key.kid == kid]
        if len(found) != 1:
            raise Unauthenticated
        return found[0].key


@dataclass(frozen=True, slots=True)
class Assertion:
    """A proof of who asks; `id` must not be seen a second time before `expires_at`."""

    client: str
    id: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class ClientAssertions:
    """The clients of one site. `audience` is what their assertions must name."""

    clients: Mapping[str, RegisteredKeys]
    audience: str
    clock: Callable[[], float] = time.time

    async def verify(self, assertion: str) -> Assertion:
        """Return who signed an assertion; raise Unauthenticated for any defect."""
        read = read_compact(assertion)
        keys = self.clients.get(str(read_object(read.payload).get("iss")))
        if keys is None:
            raise Unauthenticated
        claims = await verify_signature(read, keys)
        now, client, jti = self.clock(), str(claims["iss"]), claims.get("jti")
        check_claims(claims, Expected(client, self.audience), now=now)
        if claims["sub"] != client or claims["exp"] > now + LONGEST_LIFE_S or not is_identifier(jti, most=128):
            raise Unauthenticated
        return Assertion(client, str(jti), float(claims["exp"]))


def load_clients(path: Path) -> dict[str, RegisteredKeys]:
    """Read `{"client id": {"keys": [public JWK, …]}, …}`; raise ConfigurationError where one has no key."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        clients = {name: RegisteredKeys(_usable(each["keys"])) for name, each in document.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"the portal clients in {path} cannot be read") from None
    if not all(is_identifier(name, most=64) and keys.keys for name, keys in clients.items()):
        raise ConfigurationError(f"a portal client in {path} has no usable public key (P-256, or RSA of 2,048 bits)")
    return clients


def _usable(published: list[Any]) -> tuple[IssuerKey, ...]:
    return tuple(key for each in published[:MAX_KEYS] if (key := read_key(each)) is not None)
