"""Who signs in at a demo: staff tokens of the development issuer. An installation signs in by `staff_sign_in`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import httpx2

from portico_console.ports import Member, NotLetIn, Profession, Refused
from portico_core.errors import DependencyUnavailable
from portico_core.labels import Role
from portico_identity.issuer_keys import IssuerKeys
from portico_identity.tokens import Expected, IssuerTokens

STAFF = (Role.CLINICIAN, Role.SUPERVISOR, Role.COMPLIANCE)
FETCH_DEADLINE_S = 3.0


class StaffTokens:
    """Reads staff tokens at sign-in."""

    def __init__(self, issuer: str, audience: str, jwks_url: str) -> None:
        self._tokens = IssuerTokens(Expected(issuer, audience), IssuerKeys(jwks_url))

    async def authenticate(self, token: str) -> Member:
        """Return the holder of a token; raise Unauthenticated for any defect, NotLetIn for who is not staff."""
        claims = await self._tokens.verify(token)
        role = next((role for role in STAFF if role == claims.get("role")), None)
        if role is None:
            raise NotLetIn(Refused.NO_ROLE, str(claims["sub"]))
        return member_of(claims, role)


def member_of(claims: Mapping[str, Any], role: Role) -> Member:
    """Return the member of staff of verified claims."""
    subject = str(claims["sub"])
    name, profession = claims.get("name"), claims.get("profession")
    known = cast(Profession, profession) if profession in get_args(Profession) else "staff"
    return Member(subject, name if isinstance(name, str) and 0 < len(name) <= 120 else subject, role, known)


@dataclass(frozen=True, slots=True)
class DemoIssuer:
    """Fetches tokens of made-up staff from the development issuer."""

    token_url: str

    async def staff_token(self, role: Role) -> str:
        """Return a short-lived token; raise DependencyUnavailable when the issuer does not answer."""
        try:
            async with httpx2.AsyncClient(timeout=FETCH_DEADLINE_S, trust_env=False) as client:
                answer = await client.post(self.token_url, json={"role": role.value})
            return str(answer.raise_for_status().json()["token"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            raise DependencyUnavailable from None
