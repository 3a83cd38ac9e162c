"""POST /v1/tokens: the portal's back end, which has its patient signed in, gets a token for the patient's browser.
POST /v1/tokens/revoke: the patient has signed out there; the tokens that it got for this person are over at once.

The portal proves itself (`portico_identity.client_assertions`), an assertion is good once, a client gets so many
tokens a minute, and every token is an `access` record before it is handed out. What the portal says of the patient
has the shape of the claims of an access token, and is held to the same bounds.

A revocation names a person and no token (RFC 7009 names one): a portal hands tokens to pages and keeps none. A sign-in
is named under the client, so that no portal can end what another one began.
"""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico_core.audit import AuditEntry
from portico_core.errors import InvalidRequest, RateLimited, Unauthenticated
from portico_core.labels import AccessPurpose, AuditPhase, Role
from portico_gateway.web.body import read_model
from portico_gateway.web.widget_tokens import LIFE_S, SIGN_OUT_KEPT_S, WidgetTokens
from portico_identity.client_assertions import Assertion, ClientAssertions
from portico_identity.patient_claims import read_known_values
from portico_identity.tokens import LEEWAY_S, is_identifier
from portico_state.client import Store
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.sign_outs import SignOuts

PATH = "/v1/tokens"
MAX_SUBJECT_CHARACTERS = 128
_MINUTE_S = 60
_RESERVED = {"sub", "patient", "role", "exp", "client", "sign_in"}
_COUNT = """
local made = redis.call('INCR', KEYS[1])
if made == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return made
"""


class TokenRequest(BaseModel):
    """What a portal asks for: `subject` is its own opaque name of the patient, `proxy` of the person who acts for them.

    `claims` are of OpenID Connect and of our own (docs/how-to/identity.md); they are looked for in messages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)

    client_assertion: str = Field(repr=False)
    subject: str = Field(repr=False)
    proxy: str | None = Field(None, repr=False)
    claims: dict[str, Any] = Field(default_factory=dict, repr=False)


class Revocation(BaseModel):
    """Whose tokens end: of the patient, or of the person who acts for them and nobody else."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)

    client_assertion: str = Field(repr=False)
    subject: str = Field(repr=False)
    proxy: str | None = Field(None, repr=False)


class MintedToken(BaseModel):
    """A token for the widget, and how many seconds it lives."""

    token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """What the route needs; one object a process."""

    assertions: ClientAssertions
    tokens: WidgetTokens
    store: Store
    audit: RedisAudit
    keyring: Keyring
    per_minute: int
    receive_deadline_s: float

    def routes(self) -> list[Route]:
        """Return the routes; without a registered client there are none."""
        if not self.assertions.clients:
            return []
        return [Route(PATH, self.mint, methods=["POST"]), Route(f"{PATH}/revoke", self.revoke, methods=["POST"])]

    async def mint(self, request: Request) -> Response:
        """POST /v1/tokens."""
        asked = await read_model(request, TokenRequest, deadline_s=self.receive_deadline_s)
        assertion = await self.assertions.verify(asked.client_assertion)
        await self._use_once(assertion)
        await self._count(assertion.client, "tokens")
        claims = _claims_of(asked)
        sign_in = await SignOuts(self.store).sign_in(self._names(assertion.client, asked)[0])
        await self.audit.append(self._entry(assertion.client, asked.subject, AccessPurpose.MINT))
        token = self.tokens.mint({**claims, "client": assertion.client, "sign_in": sign_in.to_claim()})
        return JSONResponse(MintedToken(token=token, expires_in=LIFE_S).model_dump())

    async def revoke(self, request: Request) -> Response:
        """POST /v1/tokens/revoke: first the end, then the record. Where that fails the portal says it again."""
        asked = await read_model(request, Revocation, deadline_s=self.receive_deadline_s)
        assertion = await self.assertions.verify(asked.client_assertion)
        await self._use_once(assertion)
        await self._count(assertion.client, "revocations")
        _check_people(asked)
        await SignOuts(self.store).end(self._names(assertion.client, asked), kept_s=SIGN_OUT_KEPT_S)
        await self.audit.append(self._entry(assertion.client, asked.subject, AccessPurpose.REVOKE))
        return Response(status_code=204)

    def _names(self, client: str, asked: TokenRequest | Revocation) -> tuple[str, ...]:
        """Return the name of a person's sign-in at a portal, under every key: a token may be older than a rotation."""
        person = "\0".join(("sign-in", client, asked.subject, asked.proxy or ""))
        return self.keyring.patient_hashes(person, tenant=self.store.keys.tenant)

    async def _use_once(self, assertion: Assertion) -> None:
        """Raise Unauthenticated for an assertion that was here before."""
        key = self.store.keys.once(_hash(assertion.client), f"assertion-{_hash(assertion.id)}")
        left_s = max(1, int(assertion.expires_at - time.time()) + LEEWAY_S + 1)
        if not await self.store.call(self.store.redis.set(key, "1", ex=left_s, nx=True)):
            raise Unauthenticated

    async def _count(self, client: str, what: str) -> None:
        """Raise RateLimited for a client that has had its tokens, or its revocations, of this minute."""
        key = self.store.keys.once(_hash(client), what)
        if int(await self.store.script(_COUNT, [key], [_MINUTE_S])) > self.per_minute:
            raise RateLimited(wait_s=_MINUTE_S)

    def _entry(self, client: str, subject: str, purpose: AccessPurpose) -> AuditEntry:
        tenant = self.store.keys.tenant
        return AuditEntry(
            phase=AuditPhase.ACCESS, tenant=tenant, patient=self.keyring.patient_hash(subject, tenant=tenant),
            conversation="", turn="", actor=f"portal:{client}", source=purpose.value,
        )  # fmt: skip


def _claims_of(asked: TokenRequest) -> dict[str, Any]:
    """Return what the token will say; raise InvalidRequest where it could not be used."""
    _check_people(asked)
    if asked.claims.keys() & _RESERVED:
        raise InvalidRequest
    try:
        read_known_values(asked.claims)
    except Unauthenticated:
        raise InvalidRequest from None
    role = Role.PATIENT if asked.proxy is None else Role.PROXY
    return {
        **asked.claims,
        "sub": asked.subject if asked.proxy is None else asked.proxy,
        "patient": asked.subject,
        "role": role.value,
    }


def _check_people(asked: TokenRequest | Revocation) -> None:
    """Raise InvalidRequest for a name that cannot be used."""
    people = [asked.subject, *([asked.proxy] if asked.proxy is not None else [])]
    if not all(is_identifier(each, most=MAX_SUBJECT_CHARACTERS) for each in people):
        raise InvalidRequest


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
