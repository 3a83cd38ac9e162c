"""Who is this: access tokens verified by issuer, audience, algorithm, time and claims, before anything is read.

Only ES256 and RS256 are accepted, so that neither `none` nor a public key used as an HMAC secret can sign (RFC 8725).
The issuer's keys are cached, refetched for an unknown key id at most once every ten seconds, and survive its outage.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portico_core.errors import Forbidden, Unauthenticated
from portico_core.labels import PhiType, Role

ALGORITHMS = ["ES256", "RS256"]
LEEWAY_S = 30
REFETCH_S = 10.0
FETCH_DEADLINE_S = 3.0
MAX_TOKEN_CHARACTERS = 8_192
MAX_JWKS_BYTES = 65_536
_KNOWN_CLAIMS: Mapping[str, PhiType] = {
    "name": PhiType.NAME,
    "birthdate": PhiType.DATE,
    "mrn": PhiType.MRN,
    "phone_number": PhiType.PHONE,
    "email": PhiType.EMAIL,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """The holder of a verified token. `known_values` are identifiers the portal vouches for."""

    subject: str
    role: Role
    patient: str | None
    known_values: tuple[tuple[PhiType, str], ...] = field(default=(), repr=False)

    def patient_id(self) -> str:
        """Return the patient this holder may speak for; raise Forbidden where there is none."""
        if self.role is not Role.PATIENT or self.patient is None:
            raise Forbidden
        return self.patient


class TokenVerifier:
    """Verifies bearer tokens against an issuer's published keys."""

    def __init__(self, *, issuer: str, audience: str, jwks_url: str) -> None:
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._jwks_url = jwks_url
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, authorization: str) -> Identity:
        """Return who holds the token of an Authorization header; raise Unauthenticated for any defect."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_CHARACTERS:
            raise Unauthenticated
        try:
            claims = self._decode(token, await self._current_keys(refetch=False))
        except Unauthenticated:
            claims = self._decode(token, await self._current_keys(refetch=True))
        return _identity_of(claims)

    def _decode(self, token: str, keys: KeySet) -> Mapping[str, Any]:
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise Unauthenticated from None
        return decoded.claims

    async def _current_keys(self, *, refetch: bool) -> KeySet:
        async with self._lock:
            stale = self._keys is None or refetch
            if stale and time.monotonic() - self._fetched_at >= REFETCH_S:
                self._fetched_at = time.monotonic()
                self._keys = await self._fetch() or self._keys
        if self._keys is None:
            raise Unauthenticated
        return self._keys

    async def _fetch(self) -> KeySet | None:
        try:
            async with httpx2.AsyncClient(timeout=FETCH_DEADLINE_S, trust_env=False) as client:
                answer = await client.get(self._jwks_url)
            if answer.status_code != 200 or len(answer.content) > MAX_JWKS_BYTES:
                return None
            return KeySet.import_key_set(answer.json())
        except (httpx2.HTTPError, JoseError, ValueError, KeyError, TypeError):
            return None


def _identity_of(claims: Mapping[str, Any]) -> Identity:
    try:
        role = Role(claims.get("role", ""))
    except ValueError:
        raise Unauthenticated from None
    patient = claims.get("patient")
    if role is Role.PATIENT and not (isinstance(patient, str) and 0 < len(patient) <= 128):
        raise Unauthenticated
    known = tuple((kind, claims[name]) for name, kind in _KNOWN_CLAIMS.items() if isinstance(claims.get(name), str))
    return Identity(str(claims["sub"]), role, patient if role is Role.PATIENT else None, known)
