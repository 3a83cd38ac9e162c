"""Staff sign in at the hospital's identity server; a second factor is demanded, a role must be one that we know.

What must come back with the browser (state, nonce, PKCE verifier) travels in a cookie that only we can open, bound to
this tenant and good for ten minutes: a visitor who starts to sign in fills no store.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portico_console.ports import Member, NotLetIn, Refused
from portico_console.tokens import member_of
from portico_core.errors import ConfigurationError, StateUnavailable, Unauthenticated
from portico_core.labels import Role
from portico_identity.assurance import Assurance
from portico_identity.code_flow import Client, Pending, begin, discover_openid, finish
from portico_identity.discovered import Discovered
from portico_state.keyring import KeySet
from portico_state.sealing import seal, unseal

PENDING_S = 600


@dataclass(frozen=True, slots=True)
class StaffRules:
    """Whom the identity server's words let in. `roles` maps a value of `role_claim` to a role; the first match counts.

    `acr` asks the server for a class of sign-in by name; what came of it is what `assurance` looks at.
    """

    roles: Mapping[str, Role]
    role_claim: str = "role"
    assurance: Assurance = field(default_factory=Assurance)
    acr: str = ""

    def member(self, claims: Mapping[str, Any]) -> Member:
        """Return who this is; raise NotLetIn for a weak sign-in and for somebody who is not staff."""
        if not self.assurance.is_met(claims):
            raise NotLetIn(Refused.WEAK, str(claims["sub"]))
        said = claims.get(self.role_claim)
        named = said if isinstance(said, list) else [said]
        role = next((role for value, role in self.roles.items() if value in named), None)
        if role is None:
            raise NotLetIn(Refused.NO_ROLE, str(claims["sub"]))
        return member_of(claims, role)


class StaffSignIn:
    """The way to the identity server and back."""

    def __init__(
        self,
        issuer: str,
        client: Client,
        rules: StaffRules,
        *,
        keys: KeySet,
        tenant: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._rules = client, rules
        self._keys, self._place = keys, (tenant, "staff-sign-in")
        self._clock = clock
        self._server = Discovered(lambda: discover_openid(issuer), clock=clock)

    async def begin(self) -> tuple[str, str]:
        """Return where to send the browser, and the sealed value it must bring back; raise IssuerUnavailable."""
        url, pending = begin(await self._server.provider(), self._client, acr=self._rules.acr)
        kept = json.dumps({**asdict(pending), "until": self._clock() + PENDING_S})
        return url, seal(kept.encode(), keys=self._keys, place=self._place)

    async def finish(self, sealed: str, query: Mapping[str, str]) -> Member:
        """Return who has signed in; raise Unauthenticated, NotLetIn or IssuerUnavailable."""
        try:
            kept = json.loads(unseal(sealed, keys=self._keys, place=self._place))
        except (StateUnavailable, ConfigurationError):
            raise Unauthenticated from None
        if self._clock() > kept["until"]:
            raise Unauthenticated
        pending = Pending(kept["state"], kept["nonce"], kept["verifier"])
        signed_in = await finish(await self._server.provider(), self._client, pending, query=query)
        return self._rules.member(signed_in.claims)


@dataclass(frozen=True, slots=True)
class PendingCookie:
    """How the sealed value travels. It comes back from another site, so it cannot be as strict as the session's."""

    secure: bool

    @property
    def name(self) -> str:
        """Return the cookie's name."""
        return "__Host-portico_sign_in" if self.secure else "portico_sign_in"

    def read(self, request: Request) -> str:
        """Return what the browser brought, or an empty text."""
        return request.cookies.get(self.name, "")

    def write(self, response: Response, sealed: str) -> None:
        """Give it to the browser for ten minutes."""
        response.set_cookie(
            self.name, sealed, max_age=PENDING_S, secure=self.secure, httponly=True, samesite="lax", path="/"
        )

    def clear(self, response: Response) -> None:
        """Take it back: it is good for one return."""
        response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="lax", path="/")


def parse_roles(text: str) -> dict[str, Role]:
    """Read `value=role` pairs with commas between; raise ConfigurationError for a role that staff cannot have."""
    staff = {Role.CLINICIAN, Role.SUPERVISOR, Role.COMPLIANCE}
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    roles = {value.strip(): role.strip() for value, _, role in pairs}
    if not roles or not all(roles) or not set(roles.values()) <= staff:
        raise ConfigurationError("PORTICO_STAFF_ROLES must be pairs such as `nurses=clinician`, of staff roles")
    return {value: Role(role) for value, role in roles.items()}
