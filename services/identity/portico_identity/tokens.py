"""Access tokens verified by issuer, audience, algorithm and time, against the issuer's published keys.

Only ES256 and RS256 are accepted, so that neither `none` nor a public key used as an HMAC secret can sign (RFC 8725).
The keys are cached, fetched again for a token they do not verify at most once every ten seconds, and survive an
outage of the issuer.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portico_core.errors import Unauthenticated

ALGORITHMS = ["ES256", "RS256"]
LEEWAY_S = 30
REFETCH_S = 10.0
FETCH_DEADLINE_S = 3.0
MAX_TOKEN_CHARACTERS = 8_192
MAX_JWKS_BYTES = 65_536


class IssuerTokens:
    """The tokens of one issuer for one audience."""

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

    async def verify(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token; raise Unauthenticated for any defect."""
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            raise Unauthenticated
        try:
            return self._decode(token, await self._current_keys(refetch=False))
        except Unauthenticated:
            return self._decode(token, await self._current_keys(refetch=True))

    def _decode(self, token: str, keys: KeySet) -> Mapping[str, Any]:
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise Unauthenticated from None
        claims: Mapping[str, Any] = decoded.claims
        return claims

    async def _current_keys(self, *, refetch: bool) -> KeySet:
        async with self._lock:
            stale = self._keys is None or refetch
            if stale and time.monotonic() - self._fetched_at >= REFETCH_S:
                self._fetched_at = time.monotonic()
                self._keys = await self._fetch() or self._keys
        if self._keys is None:
            self._fetched_at = float("-inf")
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
