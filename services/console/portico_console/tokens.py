"""Who signs in: staff tokens of the hospital's issuer, verified by algorithm, issuer, audience, time and role.

Only ES256 and RS256 are accepted, so that neither `none` nor a public key used as an HMAC secret can sign (RFC 8725).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portico_console.ports import Member, Profession
from portico_core.errors import DependencyUnavailable, Forbidden, Unauthenticated
from portico_core.labels import Role

ALGORITHMS = ["ES256", "RS256"]
STAFF = (Role.CLINICIAN, Role.COMPLIANCE)
LEEWAY_S = 30
FETCH_DEADLINE_S = 3.0
MOST_TOKEN_CHARACTERS = 8_192
MOST_KEY_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class StaffTokens:
    """Verifies tokens against the issuer's published keys, read anew at each sign-in: there are few of them."""

    issuer: str
    audience: str
    jwks_url: str

    async def authenticate(self, token: str) -> Member:
        """Return the holder of a token; raise Unauthenticated for any defect, Forbidden for who is not staff."""
        if not 0 < len(token) <= MOST_TOKEN_CHARACTERS:
            raise Unauthenticated
        return _member_of(self._claims(token, await self._keys()))

    def _claims(self, token: str, keys: KeySet) -> Mapping[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
            registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise Unauthenticated from None
        return decoded.claims

    async def _keys(self) -> KeySet:
        try:
            async with httpx2.AsyncClient(timeout=FETCH_DEADLINE_S, trust_env=False) as client:
                answer = await client.get(self.jwks_url)
            if answer.status_code == httpx2.codes.OK and len(answer.content) <= MOST_KEY_BYTES:
                return KeySet.import_key_set(answer.json())
        except (httpx2.HTTPError, JoseError, ValueError, KeyError, TypeError):
            raise DependencyUnavailable from None
        raise DependencyUnavailable


def _member_of(claims: Mapping[str, Any]) -> Member:
    role = next((role for role in STAFF if role == claims.get("role")), None)
    if role is None:
        raise Forbidden
    subject = str(claims["sub"])
    name, profession = claims.get("name"), claims.get("profession")
    known = cast(Profession, profession) if profession in get_args(Profession) else "staff"
    return Member(subject, name if isinstance(name, str) else subject, role, known)


@dataclass(frozen=True, slots=True)
class DemoIssuer:
    """Fetches a clinician's token from the development issuer."""

    token_url: str

    async def clinician_token(self) -> str:
        """Return a short-lived token; raise DependencyUnavailable when the issuer does not answer."""
        try:
            async with httpx2.AsyncClient(timeout=FETCH_DEADLINE_S, trust_env=False) as client:
                answer = await client.post(self.token_url, json={"role": Role.CLINICIAN.value})
            return str(answer.raise_for_status().json()["token"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            raise DependencyUnavailable from None
