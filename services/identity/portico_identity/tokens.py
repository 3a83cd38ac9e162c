"""Access tokens verified by form, issuer, audience, algorithm, time, kind, tenant and scopes.

Only ES256 and RS256 are accepted, so that neither `none` nor a public key used as an HMAC secret can sign (RFC 8725).
A token made for another use is refused although its signature is good: an identity or refresh token, a logout token,
one that is bound to a key which nobody shows us here (RFC 8725, 3.11 and 3.12; RFC 9449).
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from portico_core.errors import Unauthenticated
from portico_identity.compact import CompactToken, read_compact, read_object
from portico_identity.issuer_keys import IssuerKeys, KeySource

ALGORITHMS = ("ES256", "RS256")
LEEWAY_S = 30
LONGEST_LIFE_S = 24 * 3600
MAX_AUDIENCES = 16
MAX_SUBJECT_CHARACTERS = 255
_ANY_HARMLESS_HEADER = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
_KINDS = {"jwt", "at+jwt"}
_USES = {"token_use": {"access"}, "typ": {"bearer", "at+jwt"}}  # Claims of identity servers that say what a token is.
_OF_OTHER_USE = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "cnf", "events"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: who issued it, for whom, and what it must allow. `tenant` counts where a token has one."""

    issuer: str
    audience: str
    scopes: frozenset[str] = field(default=frozenset())
    tenant: str = ""


class IssuerTokens:
    """The access tokens of one issuer for one audience."""

    def __init__(self, expected: Expected, keys: IssuerKeys, *, clock: Callable[[], float] = time.time) -> None:
        self._expected = expected
        self._keys = keys
        self._clock = clock

    async def verify(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token; raise Unauthenticated for any defect, IssuerUnavailable without keys."""
        read = read_compact(token)
        if read.kind not in _KINDS:
            raise Unauthenticated
        claims = await verify_signature(read, self._keys)
        check_claims(claims, self._expected, now=self._clock())
        _refuse_other_uses(claims)
        if not self._expected.scopes <= scopes_of(claims):
            raise Unauthenticated
        if self._expected.tenant and claims.get("tenant", self._expected.tenant) != self._expected.tenant:
            raise Unauthenticated
        return claims


async def verify_signature(read: CompactToken, keys: KeySource) -> dict[str, Any]:
    """Return what a token says once its signature has been checked; raise Unauthenticated for any other."""
    if read.algorithm not in ALGORITHMS:
        raise Unauthenticated
    key = await keys.find(read.kid, algorithm=read.algorithm)
    try:
        jws.deserialize_compact(read.text, key, registry=_ANY_HARMLESS_HEADER)
    except (JoseError, ValueError, TypeError, KeyError):
        raise Unauthenticated from None
    return read_object(read.payload)


def check_claims(claims: Mapping[str, Any], expected: Expected, *, now: float) -> None:
    """Raise Unauthenticated unless issuer, audience, subject and times are as expected."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not 0 < len(audiences) <= MAX_AUDIENCES:
        raise Unauthenticated
    if not all(isinstance(each, str) for each in audiences) or expected.audience not in audiences:
        raise Unauthenticated
    if claims.get("iss") != expected.issuer or not is_identifier(claims.get("sub"), most=MAX_SUBJECT_CHARACTERS):
        raise Unauthenticated
    expires, begins, issued = (_moment(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is None or not now - LEEWAY_S < expires <= now + LONGEST_LIFE_S:
        raise Unauthenticated
    if any(moment is not None and moment > now + LEEWAY_S for moment in (begins, issued)):
        raise Unauthenticated


def scopes_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return what a token allows: `scope` of RFC 9068, or the list `scp` that some servers write."""
    said = claims.get("scope", claims.get("scp", ""))
    names = said.split(" ") if isinstance(said, str) else said
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Unauthenticated
    return frozenset(filter(None, names))


def is_identifier(value: object, *, most: int) -> bool:
    """Say whether a claim can name somebody: a text without unseen characters, not empty, not padded."""
    return isinstance(value, str) and 0 < len(value) <= most and value == value.strip() and not _CONTROL.search(value)


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a NumericDate; None where the claim is absent."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Unauthenticated
    return float(value)


def _refuse_other_uses(claims: Mapping[str, Any]) -> None:
    if claims.keys() & _OF_OTHER_USE:
        raise Unauthenticated
    for name, allowed in _USES.items():
        if name in claims and str(claims[name]).lower() not in allowed:
            raise Unauthenticated
