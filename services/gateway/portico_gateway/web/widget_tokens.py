"""Tokens of our own for the widget: five minutes, for one patient, readable by nobody but the gateway.

They are sealed and not signed (AES-GCM under the vault's wrapping keys, bound to tenant and purpose): the browser that
carries one cannot read the patient's name in it, there is no algorithm to confuse, and a rotated key opens old ones.
NIST SP 800-38D, 8.2.2 bounds one key to 2^32 seals; rotate it long before (docs/how-to/key-rotation.md).
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico_core.errors import ConfigurationError, StateUnavailable, Unauthenticated
from portico_identity.compact import MAX_TOKEN_CHARACTERS
from portico_state.keyring import KeySet
from portico_state.sealing import FORM, seal, unseal

LIFE_S = 300
SIGN_OUT_KEPT_S = LIFE_S + 60
"""How long a sign-out is remembered: as long as a token can live where two gateways' clocks differ by a minute."""
_PURPOSE = "widget-token"


@dataclass(frozen=True, slots=True)
class WidgetTokens:
    """The tokens of one tenant."""

    keys: KeySet = field(repr=False)
    tenant: str
    clock: Callable[[], float] = time.time

    def mint(self, claims: Mapping[str, Any]) -> str:
        """Return a token of five minutes that says this."""
        said = {**claims, "exp": self.clock() + LIFE_S}
        plain = json.dumps(said, ensure_ascii=False).encode()
        token = seal(plain, keys=self.keys, place=(self.tenant, _PURPOSE))
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise Unauthenticated
        return token

    def is_ours(self, token: str) -> bool:
        """Say whether a token claims to be of this form; an issuer's begins otherwise."""
        return token.startswith(f"{FORM}.")

    def open(self, token: str) -> Mapping[str, Any]:
        """Return what a token says; raise Unauthenticated for any defect."""
        if len(token) > MAX_TOKEN_CHARACTERS or not _is_spelled_once(token):
            raise Unauthenticated
        try:
            claims: dict[str, Any] = json.loads(unseal(token, keys=self.keys, place=(self.tenant, _PURPOSE)))
        except (StateUnavailable, ConfigurationError):
            raise Unauthenticated from None
        if self.clock() >= claims["exp"]:
            raise Unauthenticated
        return claims


def _is_spelled_once(token: str) -> bool:
    """Say whether the sealed part is the only spelling of its bytes."""
    body = token.rpartition(".")[2]
    try:
        return base64.urlsafe_b64encode(base64.urlsafe_b64decode(body)).decode() == body
    except ValueError:
        return False
