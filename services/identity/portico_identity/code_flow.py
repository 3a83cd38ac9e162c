"""The authorization code flow of OpenID Connect and SMART App Launch 2.2: how a browser brings us somebody's identity.

PKCE with S256 and a nonce in every flow, the state compared with what this very browser was given, the issuer of the
answer compared where it is named, and refused as missing where the server promises to name it (RFC 9207), and an
asymmetric client assertion where a key is set (SMART App Launch 2.2, "client-confidential-asymmetric"; RFC 7523). The
code is worth nothing without the verifier, which never leaves us except to the token endpoint.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from portico_core.errors import IssuerUnavailable, Unauthenticated
from portico_identity.compact import read_compact, read_object
from portico_identity.issuer_keys import IssuerKeys, fetch_bounded
from portico_identity.tokens import Expected, check_claims, is_identifier, scopes_of, verify_signature

ClientKey: TypeAlias = ECKey | RSAKey

ANSWER_DEADLINE_S = 5.0
MAX_ANSWER_BYTES = 65_536
MAX_CODE_CHARACTERS = 2_048
ASSERTION_LIFE_S = 60
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NAMES_ITSELF = "authorization_response_iss_parameter_supported"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Provider:
    """Where an authorization server answers, as it says itself; it `names_itself` in every answer of a browser."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    keys: IssuerKeys
    names_itself: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """How we are registered there. Without a key we are a public client, and PKCE alone binds the code to us."""

    id: str
    redirect_uri: str
    scope: str
    key: ClientKey | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """What must come back with the browser; it travels there sealed, so that nothing is stored for a visitor."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom the server vouches for. `patient` is the launch context, which SMART gives beside the tokens."""

    claims: Mapping[str, Any] = field(repr=False)
    scopes: frozenset[str]
    patient: str | None = field(default=None, repr=False)


async def discover_openid(issuer: str) -> Provider:
    """Read OpenID Connect discovery; raise IssuerUnavailable where it is missing or names another issuer."""
    return await _discover(f"{issuer.rstrip('/')}/.well-known/openid-configuration", issuer=issuer)


async def discover_smart(fhir_base: str) -> Provider:
    """Read a FHIR server's SMART configuration; raise IssuerUnavailable where it lacks what a launch needs."""
    return await _discover(f"{fhir_base.rstrip('/')}/.well-known/smart-configuration", issuer=None)


def begin(
    provider: Provider, client: Client, *, audience: str = "", launch: str = "", acr: str = ""
) -> tuple[str, Pending]:
    """Return where to send the browser, and what to keep for its return.

    `audience` is the FHIR server of a SMART launch, `launch` the handle that an EHR gave, `acr` the sign-in asked for.
    """
    pending = Pending(*(secrets.token_urlsafe(32) for _ in range(3)))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "scope": client.scope,
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "aud": audience,
        "launch": launch,
        "acr_values": acr,
    }
    return f"{provider.authorization_endpoint}?{urlencode({k: v for k, v in asked.items() if v})}", pending


async def finish(provider: Provider, client: Client, pending: Pending, *, query: Mapping[str, str]) -> SignedIn:
    """Exchange the code that a browser brought; raise Unauthenticated for any defect, IssuerUnavailable for a fault."""
    code, state = query.get("code", ""), query.get("state", "")
    if not hmac.compare_digest(state.encode(), pending.state.encode()) or query.get("error"):
        raise Unauthenticated
    unnamed = "" if provider.names_itself else provider.issuer
    if query.get("iss", unnamed) != provider.issuer or not 0 < len(code) <= MAX_CODE_CHARACTERS:
        raise Unauthenticated
    answer = await _exchange(provider, client, {"code": code, "code_verifier": pending.verifier})
    claims = await _verify_identity(answer, provider, client, pending)
    patient = answer.get("patient")
    if patient is not None and not is_identifier(patient, most=128):
        raise Unauthenticated
    return SignedIn(claims, scopes_of(answer), patient)


async def _verify_identity(
    answer: Mapping[str, Any], provider: Provider, client: Client, pending: Pending
) -> Mapping[str, Any]:
    """Return the claims of the identity token; raise Unauthenticated unless it is of this very flow."""
    token = answer.get("id_token")
    if not isinstance(token, str) or str(answer.get("token_type", "")).lower() != "bearer":
        raise Unauthenticated
    read = read_compact(token)
    claims = await verify_signature(read, provider.keys)
    check_claims(claims, Expected(provider.issuer, client.id), now=time.time())
    nonce, party = claims.get("nonce"), claims.get("azp", client.id)
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), pending.nonce.encode()):
        raise Unauthenticated
    if party != client.id or (isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims):
        raise Unauthenticated
    _check_access_token_hash(claims, answer.get("access_token"))
    return claims


def _check_access_token_hash(claims: Mapping[str, Any], access_token: object) -> None:
    """Raise Unauthenticated where the server binds an access token that is not the one it sent (OIDC, 3.1.3.6)."""
    if "at_hash" not in claims:
        return
    if not isinstance(access_token, str):
        raise Unauthenticated
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    if claims["at_hash"] != base64.urlsafe_b64encode(half).rstrip(b"=").decode():
        raise Unauthenticated


async def _exchange(provider: Provider, client: Client, fields: Mapping[str, str]) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "redirect_uri": client.redirect_uri, "client_id": client.id, **fields}
    if client.key is not None:
        assertion = client_assertion(client.id, client.key, audience=provider.token_endpoint)
        form |= {"client_assertion_type": _ASSERTION, "client_assertion": assertion}
    body = bytearray()
    try:
        async with (
            asyncio.timeout(ANSWER_DEADLINE_S),
            httpx2.AsyncClient(timeout=ANSWER_DEADLINE_S, trust_env=False) as http,
            http.stream("POST", provider.token_endpoint, data=form, headers={"Accept": "application/json"}) as answer,
        ):
            status = answer.status_code
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise IssuerUnavailable
    except (httpx2.HTTPError, OSError, TimeoutError):
        raise IssuerUnavailable from None
    if status >= 500:
        raise IssuerUnavailable
    if status != 200:
        raise Unauthenticated
    return read_object(bytes(body))


def client_assertion(client_id: str, key: ClientKey, *, audience: str) -> str:
    """Return a signed assertion that we are this client, good for one minute and one use (RFC 7523)."""
    now = int(time.time())
    claims = {
        "iss": client_id, "sub": client_id, "aud": audience, "jti": uuid.uuid4().hex, "iat": now,
        "exp": now + ASSERTION_LIFE_S,
    }  # fmt: skip
    algorithm = assertion_algorithm(key)
    try:
        return jwt.encode({"alg": algorithm, "kid": str(key.kid)}, claims, key, algorithms=[algorithm])
    except (JoseError, ValueError):
        raise IssuerUnavailable from None


def assertion_algorithm(key: ClientKey) -> str:
    """Return what SMART App Launch 2.2 signs with this kind of key: ES384 or RS384; ES256 for a P-256 key."""
    if isinstance(key, RSAKey):
        return "RS384"
    return "ES384" if key.curve_name == "P-384" else "ES256"


async def _discover(url: str, *, issuer: str | None) -> Provider:
    try:
        said = read_object(await fetch_bounded(url, most=MAX_ANSWER_BYTES))
        methods = said.get("code_challenge_methods_supported", ["S256"] if issuer else [])
        provider = Provider(
            str(said["issuer"]), str(said["authorization_endpoint"]), str(said["token_endpoint"]),
            IssuerKeys(str(said["jwks_uri"])), said.get(_NAMES_ITSELF, False) is not False,
        )  # fmt: skip
        endpoints = (provider.authorization_endpoint, provider.token_endpoint, str(said["jwks_uri"]))
    except (Unauthenticated, KeyError):
        raise IssuerUnavailable from None
    if issuer not in (None, provider.issuer) or "S256" not in methods or not all(map(_is_safe, endpoints)):
        raise IssuerUnavailable
    return provider


def _is_safe(url: str) -> bool:
    """Say whether words may go there: over TLS, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
