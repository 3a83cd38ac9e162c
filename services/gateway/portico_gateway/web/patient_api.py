"""The patient API: conversations, turns, transcript, events, feedback. Every route verifies the token first."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

from sse_starlette import EventSourceResponse
from sse_starlette.event import ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico_core.audit import AuditEntry
from portico_core.draining import Drain
from portico_core.errors import (
    Conflict,
    ConversationClosed,
    Draining,
    InvalidRequest,
    NotFound,
    RateLimited,
    StateUnavailable,
    Unauthenticated,
)
from portico_core.labels import AuditPhase, Author, LimitScope, Speaker, Stage
from portico_core.language import Language, language_of_text
from portico_core.text import PatientText
from portico_core.turn import AnswerView, Transcript, TranscriptMessage, Turn
from portico_gateway.pipeline import Delivery, Parts, TurnRequest, answer_turn
from portico_gateway.suggesting import Suggester
from portico_gateway.web.admission import TurnSlots, admit_text, finish, is_urgent
from portico_gateway.web.body import read_model
from portico_gateway.web.events import Listeners, refuse_closed, turn_events
from portico_gateway.web.identity import Identity, TokenVerifier
from portico_gateway.web.known_owners import KnownOwners, Owned
from portico_gateway.web.schemas import Feedback, NewConversation, NewTurn
from portico_redaction.placeholders import restore, spellings_of
from portico_state.client import Store
from portico_state.conversations import Conversation, Conversations
from portico_state.events import latest_event_id, read_events, resume_id
from portico_state.idempotency import Asked, Idempotency, Reservation, ReservationState
from portico_state.keyring import Keyring
from portico_state.limits import Limits
from portico_state.redis_audit import RedisAudit
from portico_state.sign_outs import SignIn, SignOuts
from portico_state.vault import Vault

MAX_IDEMPOTENCY_KEY = 128
KEY_ATTEMPTS = 3  # Turns of one message sent again that may meet an end of their own; then it is somebody else's.
PING_S = 15
SEND_S = 10


@dataclass(frozen=True, slots=True)
class SentKey:
    """An Idempotency-Key, and whose it is under every key of the keyring, the active one first."""

    key: str
    patients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientApi:
    """What the patient routes need; one object a process, built in `bootstrap`."""

    parts: Parts
    tokens: TokenVerifier
    slots: TurnSlots
    limits: Limits
    store: Store
    audit: RedisAudit
    conversations: Conversations
    idempotency: Idempotency
    vault: Vault
    keyring: Keyring
    suggester: Suggester
    receive_deadline_s: float
    drain: Drain
    answered: frozenset[Speaker] = frozenset({Speaker.SELF})
    owners: KnownOwners = field(default_factory=KnownOwners)
    listeners: Listeners = field(default_factory=Listeners)

    def routes(self) -> list[Route]:
        """Return the routes of contracts.md below /v1."""
        base = "/v1/conversations"
        return [
            Route(base, self.create_conversation, methods=["POST"]),
            Route(base + "/{id}", self.show_conversation, methods=["GET"]),
            Route(base + "/{id}", self.end_conversation, methods=["DELETE"]),
            Route(base + "/{id}/turns", self.take_turn, methods=["POST"]),
            Route(base + "/{id}/events", self.stream_conversation, methods=["GET"]),
            Route(base + "/{id}/turns/{turn}/feedback", self.take_feedback, methods=["POST"]),
        ]

    async def create_conversation(self, request: Request) -> Response:
        """POST /v1/conversations."""
        _, identity = await self._limited_patient(request)
        wanted = await read_model(request, NewConversation, deadline_s=self.receive_deadline_s)
        conversation = await self.conversations.create(self._owners(identity)[0], locale=wanted.locale)
        self.owners.remember(conversation)
        return JSONResponse({"id": conversation.id}, 201)

    async def take_turn(self, request: Request) -> Response:
        """POST /v1/conversations/{id}/turns."""
        patient, identity = await self._patient(request)
        body = await read_model(request, NewTurn, deadline_s=self.receive_deadline_s)
        text = admit_text(body.text)
        key = self._sent_key(request, identity)
        with self.slots.take(text, patient=patient) as permit:
            reachable = await self._limit_turn(request, patient, identity, text)
            owned = await self._own_conversation(request.path_params["id"], identity, reachable=reachable)
            turn = TurnRequest(
                turn=uuid.uuid4().hex,
                conversation=owned.conversation.id,
                patient=patient,
                actor=self._actor(identity),
                text=text,
                locale=body.locale or owned.conversation.locale,
                known_values=identity.known_values,
                state_reachable=owned.reachable,
                answerable=identity.speaker in self.answered,
                ticket_subject=self._ticket_subject(identity, key, text) if key else None,
            )
            stages: asyncio.Queue[Stage] = asyncio.Queue()
            task = permit.start(self._answer_signed_in(turn, identity, key=key, stages=stages))
        if "text/event-stream" in request.headers.get("accept", ""):
            state = request.state
            events = turn_events(task, stages, request_id=state.request_id, whom_to_call=state.whom_to_call)
            return EventSourceResponse(events, ping=PING_S, send_timeout=SEND_S)
        delivery = await finish(task)
        return Response(delivery.body, media_type="application/json")

    async def show_conversation(self, request: Request) -> Response:
        """GET /v1/conversations/{id}: the owner's view, with identifiers restored and an `access` record written."""
        patient, identity = await self._limited_patient(request)
        conversation = await self._load(request.path_params["id"], identity)
        await self.audit.append(self._access(conversation.id, patient, self._actor(identity)))
        messages = await self.conversations.transcript(conversation.id)
        placeholders = {} if conversation.closed else (await self.vault.load(conversation.id)).placeholders
        shown = [_restored(message, placeholders) for message in messages]
        transcript = Transcript(id=conversation.id, closed=conversation.closed, messages=shown)
        return Response(transcript.model_dump_json(), media_type="application/json")

    async def end_conversation(self, request: Request) -> Response:
        """DELETE /v1/conversations/{id}: the vault key goes, the transcript is closed."""
        patient, identity = await self._limited_patient(request)
        conversation = await self._load(request.path_params["id"], identity)
        await self.audit.append(self._access(conversation.id, patient, self._actor(identity)))
        await self.conversations.close(conversation.id)
        self.owners.forget(conversation.id)
        return Response(status_code=204)

    async def stream_conversation(self, request: Request) -> Response:
        """GET /v1/conversations/{id}/events: clinician replies and state changes, also those since Last-Event-ID."""
        if self.drain.begun:
            raise Draining
        await refuse_closed(request)
        patient, identity = await self._patient(request)
        seen = resume_id(request.headers.get("last-event-id", ""))
        with self.listeners.preparing(patient):
            await self._limit(request, patient, identity)
            conversation = await self._load(request.path_params["id"], identity)
            await self.audit.append(self._access(conversation.id, patient, self._actor(identity)))
            last = seen or await latest_event_id(self.store, conversation.id)
        events = self.listeners.hold(patient, self._conversation_events(conversation, last, identity.sign_in))
        return EventSourceResponse(events, ping=PING_S, send_timeout=SEND_S)

    async def take_feedback(self, request: Request) -> Response:
        """POST /v1/conversations/{id}/turns/{turn}/feedback."""
        _, identity = await self._limited_patient(request)
        feedback = await read_model(request, Feedback, deadline_s=self.receive_deadline_s)
        conversation = await self._load(request.path_params["id"], identity)
        messages = await self.conversations.transcript(conversation.id)
        if request.path_params["turn"] not in {message.turn_id for message in messages}:
            raise NotFound
        self.parts.metrics.feedback.labels("true" if feedback.helpful else "false").inc()
        return Response(status_code=204)

    async def _answer_signed_in(
        self, turn: TurnRequest, identity: Identity, *, key: SentKey | None, stages: "asyncio.Queue[Stage]"
    ) -> Delivery:
        """Answer whoever asked; raise Unauthenticated where they signed out meanwhile. Fixed text is for everybody."""
        delivery = await self._answer_once(turn, key=key, stages=stages)
        if delivery.turn.answer is not None:
            await SignOuts(self.store).refuse_ended(identity.sign_in)
        return delivery

    async def _answer_once(self, turn: TurnRequest, *, key: SentKey | None, stages: "asyncio.Queue[Stage]") -> Delivery:
        """Answer, or give again what the same Idempotency-Key was given before."""
        if key is None:
            return await self._answer(turn, stages)
        for _ in range(KEY_ATTEMPTS):
            reservation = await self._reserve(turn, key) if turn.state_reachable else None
            if reservation is None:
                return await self._answer(replace(turn, state_reachable=False), stages)
            if reservation.state is ReservationState.IN_PROGRESS:
                raise Conflict
            if reservation.state is ReservationState.DONE:
                return await self._given_again(turn, reservation)
            try:
                return await self._answer_reserved(turn, reservation, stages)
            except Conflict:  # It ended without an answer while its client was gone; the message is a new turn now.
                await self._release(reservation)
                turn = replace(turn, turn=uuid.uuid4().hex)
        raise Conflict

    async def _answer_reserved(
        self, turn: TurnRequest, reservation: Reservation, stages: "asyncio.Queue[Stage]"
    ) -> Delivery:
        """Answer as the turn that holds the key; a refusal gives the key back. Raise Conflict where it had ended."""
        turn = replace(turn, turn=reservation.turn, idempotency_key=reservation.key)
        delivery = await self._answer(turn, stages)
        if delivery.turn.degraded:
            await self._release(reservation)
        return delivery

    async def _given_again(self, turn: TurnRequest, reservation: Reservation) -> Delivery:
        """Show the first answer again; who reads it once more is on record, as for a transcript."""
        await self.audit.append(self._access(turn.conversation, turn.patient, turn.actor, turn=reservation.turn))
        purpose = f"idempotency:{reservation.key}"
        body = (await self.vault.unseal(turn.conversation, str(reservation.sealed), purpose=purpose)).encode()
        return Delivery(Turn.model_validate_json(body), body)

    async def _answer(self, turn: TurnRequest, stages: "asyncio.Queue[Stage]") -> Delivery:
        delivery = await answer_turn(turn, self.parts, show=stages.put_nowait)
        self.suggester.start(delivery.turn)
        return delivery

    async def _reserve(self, turn: TurnRequest, sent: SentKey) -> Reservation | None:
        said = f"{turn.conversation}\0{turn.text.reveal()}"
        bodies = self.keyring.patient_hashes(said, tenant=self.parts.tenant)
        asked = [Asked(patient, body) for patient, body in zip(sent.patients, bodies, strict=True)]
        try:
            return await self.idempotency.reserve(asked, key=sent.key, turn=turn.turn)
        except StateUnavailable:
            return None

    def _sent_key(self, request: Request, identity: Identity) -> SentKey | None:
        key = _idempotency_key(request)
        patients = self.keyring.patient_hashes(identity.patient_id(), tenant=self.parts.tenant)
        return None if key is None else SentKey(key, patients)

    def _ticket_subject(self, identity: Identity, sent: SentKey, text: PatientText) -> str:
        """Name the one ticket of a message; the store need not answer for it, and no rotation changes it."""
        patient = self.keyring.lasting_patient_hash(identity.patient_id(), tenant=self.parts.tenant)
        said = "\0".join(("ticket", patient, sent.key, text.reveal()))
        return self.keyring.lasting_patient_hash(said, tenant=self.parts.tenant)

    async def _release(self, reservation: Reservation) -> None:
        """Let a retry of a turn that was refused for want of a part start anew."""
        try:
            await self.idempotency.release(reservation)
        except StateUnavailable:
            return

    async def _conversation_events(
        self, conversation: Conversation, last: str, sign_in: SignIn | None
    ) -> AsyncIterator[ServerSentEvent]:
        """Yield what happens; placeholders are read anew for every reply, which may have brought some of its own.

        It ends with the process: the page asks again, with the id of the last event it saw. It ends with the sign-in,
        and then nobody lets the page in again.
        """
        while True:
            reading = read_events(self.store, conversation.id, after_id=last, sign_in=sign_in)
            try:
                found = await self.drain.unless_begun(reading)
            except Unauthenticated:
                return
            if found is None:
                return
            for event in found:
                last = event.id
                data = dict(event.data)
                if "text" in data:
                    placeholders = (await self.vault.load(conversation.id)).placeholders
                    data["lang"] = language_of_text(data["text"])
                    data["text"] = restore(data["text"], placeholders)
                yield ServerSentEvent(data=json.dumps(data, ensure_ascii=False), event=event.type, id=event.id)

    async def _patient(self, request: Request) -> tuple[str, Identity]:
        identity = await self.tokens.verify(request.headers.get("authorization", ""))
        return self.keyring.patient_hash(identity.patient_id(), tenant=self.parts.tenant), identity

    async def _limited_patient(self, request: Request) -> tuple[str, Identity]:
        """Return who asks, signed in and within the limits; raise StateUnavailable where nobody can tell."""
        patient, identity = await self._patient(request)
        await self._limit(request, patient, identity)
        return patient, identity

    async def _limit(self, request: Request, patient: str, identity: Identity) -> None:
        try:
            await self._let_in(request, patient, identity)
        except RateLimited as limited:
            self.parts.metrics.shed.labels(limited.scope.value).inc()
            raise

    async def _limit_turn(self, request: Request, patient: str, identity: Identity, text: PatientText) -> bool:
        """Raise RateLimited, but never for an emergency or a crisis; return False where nobody can tell.

        Without the store there is no answer either: what cannot be counted gets fixed text and its place in the spool.
        So does who may have signed out: their words are answered to nobody, and an emergency still gets its numbers.
        """
        try:
            await self._let_in(request, patient, identity)
        except StateUnavailable:
            self.parts.metrics.shed.labels("limits_unavailable").inc()
            return False
        except RateLimited as limited:
            if not is_urgent(text):
                self.parts.metrics.shed.labels(limited.scope.value).inc()
                raise
        return True

    async def _let_in(self, request: Request, patient: str, identity: Identity) -> None:
        """Raise Unauthenticated for who has signed out, RateLimited for too much, StateUnavailable for no answer."""
        await SignOuts(self.store).refuse_ended(identity.sign_in)
        address = request.client.host if request.client else ""
        holders = {
            LimitScope.PATIENT: patient,
            LimitScope.TENANT: "all",
            LimitScope.ADDRESS: self.keyring.patient_hash(f"address\0{address}", tenant=self.parts.tenant),
        }
        await self.limits.take(holders)

    async def _load(self, conversation_id: str, identity: Identity) -> Conversation:
        conversation = await self.conversations.load(conversation_id, patient=self._owners(identity))
        self.owners.remember(conversation)
        return conversation

    async def _own_conversation(self, conversation_id: str, identity: Identity, *, reachable: bool) -> Owned:
        """Return the open conversation; with Redis down, one this process has seen its owner use."""
        try:
            if not reachable:
                raise StateUnavailable
            owned = Owned(await self._load(conversation_id, identity), reachable=True)
        except StateUnavailable:
            owned = Owned(self.owners.recall(conversation_id, self._owners(identity)), reachable=False)
        if owned.conversation.closed:
            raise ConversationClosed
        return owned

    def _owners(self, identity: Identity) -> tuple[str, ...]:
        """Return what the conversations of this holder are filed under, by the keys of today first."""
        return self.keyring.patient_hashes(identity.owner_id(), tenant=self.parts.tenant)

    def _actor(self, identity: Identity) -> str:
        return f"{identity.role.value}:{self.keyring.patient_hash(identity.subject, tenant=self.parts.tenant)}"

    def _access(self, conversation: str, patient: str, actor: str, *, turn: str = "") -> AuditEntry:
        return AuditEntry(
            phase=AuditPhase.ACCESS,
            tenant=self.parts.tenant,
            patient=patient,
            conversation=conversation,
            turn=turn or uuid.uuid4().hex,
            actor=actor,
        )


def _restored(message: TranscriptMessage, placeholders: Mapping[str, str]) -> TranscriptMessage:
    turn = message.turn
    if turn is not None and turn.answer is not None:
        turn = turn.model_copy(update={"answer": _restored_answer(turn.answer, placeholders)})
    own = message.turn_id if message.author is Author.PATIENT else None
    text = restore(message.text, placeholders, spellings_of(placeholders, turn=own))
    return message.model_copy(update={"text": text, "turn": turn, "lang": _language_of(message)})


def _language_of(message: TranscriptMessage) -> Language | None:
    """Return the language of a message as it is stored, placeholders and all."""
    turn = message.turn
    if turn is None:
        return language_of_text(message.text)
    return turn.answer.lang if turn.answer else turn.lang


def _restored_answer(answer: AnswerView, placeholders: Mapping[str, str]) -> AnswerView:
    sentences = [s.model_copy(update={"text": restore(s.text, placeholders)}) for s in answer.sentences]
    return answer.model_copy(update={"sentences": sentences})


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= MAX_IDEMPOTENCY_KEY) or not key.isascii() or not key.isprintable():
        raise InvalidRequest
    return key
