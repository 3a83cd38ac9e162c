"""The public keys of an issuer: fetched, bounded, and kept through an outage for a time.

Only keys that can verify with an accepted algorithm are kept: a secret, an encryption key or a short RSA key in the
set signs nothing (RFC 8725, 3.2). They are fetched again when they grow old, and for a key id nobody knows, at most
once every ten seconds: a stranger's token must not make us a load on the issuer.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from portico_core.errors import IssuerUnavailable, Unauthenticated
from portico_identity.compact import decode_base64url

logger = logging.getLogger(__name__)

VerifyingKey: TypeAlias = ECKey | RSAKey

FETCH_DEADLINE_S = 3.0
MAX_JWKS_BYTES = 65_536
MAX_KEYS = 32
LEAST_RSA_BITS = 2_048
_PUBLIC = {"EC": ("kty", "crv", "x", "y", "kid"), "RSA": ("kty", "n", "e", "kid")}


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """Ages in seconds: when keys are fetched again, how long they serve while that fails, how often it is tried."""

    fresh_s: float = 900.0
    stale_s: float = 86_400.0
    refetch_s: float = 10.0


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key and the one algorithm that it verifies."""

    kid: str | None
    algorithm: str
    key: VerifyingKey


class KeySource(Protocol):
    """Knows the keys of whoever signs."""

    async def find(self, kid: str | None, *, algorithm: str) -> VerifyingKey:
        """Return the key of this id for this algorithm; raise Unauthenticated or IssuerUnavailable."""


class IssuerKeys:
    """The keys behind one address."""

    def __init__(
        self, url: str, *, limits: KeyLimits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._limits = limits or KeyLimits()
        self._clock = clock
        self._keys: tuple[IssuerKey, ...] = ()
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None, *, algorithm: str) -> VerifyingKey:
        """Return the key of this id for this algorithm.

        Raises:
            Unauthenticated: the issuer has published no such key; without an id, also when several could be meant.
            IssuerUnavailable: no key was ever read, or the last ones are older than an outage may last.
        """
        found = self._search(kid, algorithm) if self._age() < self._limits.fresh_s else ()
        if not found:
            await self._refresh(kid, algorithm)
            if self._age() > self._limits.stale_s:
                raise IssuerUnavailable
            found = self._search(kid, algorithm)
        if len(found) != 1:
            raise Unauthenticated
        return found[0].key

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _search(self, kid: str | None, algorithm: str) -> tuple[IssuerKey, ...]:
        return tuple(key for key in self._keys if key.algorithm == algorithm and kid in (None, key.kid))

    async def _refresh(self, kid: str | None, algorithm: str) -> None:
        """Fetch the keys unless it was tried a moment ago; those that wait for the lock share one fetch."""
        async with self._lock:
            if self._age() < self._limits.fresh_s and self._search(kid, algorithm):
                return
            if self._clock() - self._tried_at < self._limits.refetch_s:
                return
            self._tried_at = self._clock()
            fetched = await self._fetch()
            if fetched:
                self._keys, self._fetched_at = fetched, self._clock()
            else:
                logger.warning("issuer_keys_not_read")

    async def _fetch(self) -> tuple[IssuerKey, ...]:
        """Return the usable keys of the set; none where it cannot be read."""
        try:
            document = json.loads(await fetch_bounded(self._url, most=MAX_JWKS_BYTES))
            published = document["keys"]
            if not isinstance(published, list) or len(published) > MAX_KEYS:
                return ()
            return tuple(key for each in published if (key := read_key(each)) is not None)
        except (IssuerUnavailable, ValueError, KeyError, TypeError, RecursionError):
            return ()


async def fetch_bounded(url: str, *, most: int) -> bytes:
    """GET a small document without following redirects; raise IssuerUnavailable for any failure."""
    body = bytearray()
    try:
        async with (
            asyncio.timeout(FETCH_DEADLINE_S),
            httpx2.AsyncClient(timeout=FETCH_DEADLINE_S, trust_env=False) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != 200:
                raise IssuerUnavailable
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > most:
                    raise IssuerUnavailable
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError):
        raise IssuerUnavailable from None
    return bytes(body)


def read_key(published: Any) -> IssuerKey | None:
    """Return a published key as a public verification key; None for one that may not verify."""
    if not isinstance(published, Mapping):
        return None
    kind, kid = published.get("kty"), published.get("kid")
    operations = published.get("key_ops", ["verify"])
    serves = published.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    if kind not in _PUBLIC or not serves or not (kid is None or isinstance(kid, str)):
        return None
    algorithm = {"EC": "ES256", "RSA": "RS256"}[kind]
    if published.get("alg", algorithm) != algorithm:
        return None
    members = {name: published[name] for name in _PUBLIC[kind] if name in published}
    try:
        if not _is_strong(members):
            return None
        key = ECKey.import_key(members) if kind == "EC" else RSAKey.import_key(members)
    except (JoseError, Unauthenticated, ValueError, KeyError, TypeError):
        return None
    return IssuerKey(kid, algorithm, key)


def _is_strong(members: Mapping[str, str]) -> bool:
    """Say whether a key is P-256, or RSA of 2,048 bits and more."""
    if members["kty"] == "EC":
        return members["crv"] == "P-256"
    return int.from_bytes(decode_base64url(members["n"]), "big").bit_length() >= LEAST_RSA_BITS
