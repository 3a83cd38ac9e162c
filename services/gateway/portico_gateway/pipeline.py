"""The life of a turn. `answer_turn` reads from top to bottom as what happens to a patient's words, in order.

Nothing is answered unless an `accepted` record was durable before any model saw the text, the verdict over the whole
input was a confident `informational`, every validator passed, and a `decided` record with the hash of the exact bytes
was durable before they are returned. Every other way out is a fixed local text with the emergency and crisis numbers.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from portico_core.audit import AuditEntry
from portico_core.clocks import ReplyTimes, rfc3339
from portico_core.errors import Conflict, ConversationClosed, StateUnavailable, failed_part
from portico_core.knowledge import FoundPassage
from portico_core.known import KnownValue
from portico_core.labels import Abstention, AuditPhase, Author, Label, Route, Stage
from portico_core.language import Language, language_for
from portico_core.switches import Switch, is_allowed
from portico_core.text import PatientText, RedactedText, Redaction
from portico_core.turn import EscalationView, Turn
from portico_core.verdict import RoutePolicy, Verdict, decide_route, urgency_of
from portico_gateway.guards.red_flags import find_red_flag, verdict_of
from portico_gateway.guards.validate import AnswerValidator, CheckedAnswer
from portico_gateway.judgement import judge_messages
from portico_gateway.logs import describe_error, log
from portico_gateway.metrics import Metrics, StageTimer
from portico_gateway.ports import (
    AuditLog,
    Classifier,
    Encoder,
    PassageSearch,
    PlaceholderVault,
    Redactor,
    RefusalLog,
    Responder,
    SwitchBoard,
    Window,
)
from portico_gateway.proposing import Proposer
from portico_gateway.texts import SiteTexts
from portico_gateway.turn_form import spoken, verdict_view
from portico_redaction.placeholders import keep, restore
from portico_state.effects import Effects, IdempotencyResult, NewTicket, StoredMessage, ticket_id

PASSAGES_FOUND = 10
PASSAGES_GIVEN = 4
VAULT_ATTEMPTS = 3

ShowStage = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One message of one patient in one conversation. `patient` is a keyed hash, `actor` the token's subject hashed.

    `state_reachable` is False when loading the conversation has just shown that Redis is down: waiting a second time
    for it would only keep a patient from 911 and 988. `ticket_subject` is the same for a message sent again, so that
    an outage between the two sendings makes one ticket of it and not two.
    """

    turn: str
    conversation: str
    patient: str
    actor: str
    text: PatientText
    locale: str
    known_values: tuple[KnownValue, ...] = field(default=(), repr=False)
    idempotency_key: str | None = None
    ticket_subject: str | None = None
    state_reachable: bool = True
    answerable: bool = True  # Else whoever speaks (a proxy, a minor) is answered by a person only.


@dataclass(frozen=True, slots=True)
class Delivery:
    """A turn and the exact bytes whose hash the durable record holds."""

    turn: Turn
    body: bytes


@dataclass(frozen=True, slots=True)
class Decision:
    """What will be done with a turn, and on what grounds."""

    route: Route
    verdict: Verdict | None = None
    answer: CheckedAnswer | None = None
    passages: tuple[str, ...] = ()
    validators: Mapping[str, str] = field(default_factory=dict)
    degraded: bool = False
    paused: bool = False  # An operator has turned off what would have answered.


@dataclass(frozen=True, slots=True)
class Parts:
    """What a turn needs; built once in `bootstrap`."""

    tenant: str
    policy: RoutePolicy
    models: Mapping[str, str]
    good_enough: float
    redactor: Redactor
    classifier: Classifier
    encoder: Encoder
    search: PassageSearch
    responder: Responder
    validator: AnswerValidator
    audit: AuditLog
    refusals: RefusalLog
    vault: PlaceholderVault
    window: Window
    switches: SwitchBoard
    texts: SiteTexts
    reply_times: ReplyTimes
    metrics: Metrics
    answer_within_s: float = 3.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


async def answer_turn(request: TurnRequest, parts: Parts, *, show: ShowStage = lambda stage: None) -> Delivery:
    """Take one patient message through every step and return what to send.

    Raise Conflict when this turn was already decided otherwise; every failure of a part is a route, not an error.
    """
    run = _TurnRun(request, parts, show)
    stored = await run.record_accepted()
    redaction = await run.redact(stored=stored)
    decision = await run.judge(redaction, stored=stored)
    if decision.route is Route.ANSWER and redaction is not None:
        decision = await run.find_answer(redaction.redacted, decision)
    return await run.record_outcome(decision, redaction, stored=stored)


class _TurnRun:
    """The state of one turn on its way: latencies, the conversation's placeholders, and the earlier messages."""

    def __init__(self, request: TurnRequest, parts: Parts, show: ShowStage) -> None:
        self._request = request
        self._parts = parts
        self._show = show
        self._started = time.perf_counter()
        self._now = parts.now()  # One moment, so that what the patient reads and what is stored agree.
        self._latency_ms: dict[str, float] = {}
        self._placeholders: dict[str, str] = {}
        self._earlier: tuple[RedactedText, ...] = ()
        self._recent: tuple[RedactedText, ...] = ()
        self._faults: dict[str, str] = {}  # Parts that failed this turn, as the audit record names them.
        self._answer_by = asyncio.get_running_loop().time() + parts.answer_within_s
        self._store_lost = False  # Asking it again in the same turn would only keep the patient waiting.

    async def record_accepted(self) -> bool:
        """Make the turn durable before any model sees it; False means refuse."""
        if not self._request.state_reachable:
            return False
        with self._timed(Stage.ACCEPT):
            try:
                await self._append(self._entry(AuditPhase.ACCEPTED), Effects())
                self._earlier = await self._parts.window.window(self._request.conversation)
                self._recent = await self._parts.window.recent(self._request.conversation)
            except Exception as error:  # A defect of a part is a failure of the part: no way out but a route.
                self._note_fault("accept_failed", error)
                self._parts.metrics.audit_failures.labels("redis").inc()
                return False
        return True

    async def redact(self, *, stored: bool) -> Redaction | None:
        """Replace identifiers and store their placeholders; None means that redaction failed and nothing may go on."""
        with self._timed(Stage.REDACT):
            try:
                for _ in range(VAULT_ATTEMPTS):
                    redaction = await self._redact_once(stored=stored)
                    if redaction is not None:
                        return redaction
            except Exception as error:
                self._store_lost = isinstance(error, StateUnavailable)
                self._note_fault("redaction_failed", error)
        return None

    async def judge(self, redaction: Redaction | None, *, stored: bool) -> Decision:
        """Red flags first, then the classifier over the last message and over the conversation so far."""
        with self._timed(Stage.CLASSIFY):
            degraded = not stored or redaction is None
            try:
                written = self._request.text.reveal()
                flag = find_red_flag(redaction.redacted.text if redaction else written, as_written=written)
            except Exception as error:
                self._note_fault("red_flags_failed", error)
                return Decision(Route.UNAVAILABLE, degraded=True)
            if flag is not None:
                verdict = verdict_of(flag)
                self._count_verdict(verdict)
                return Decision(decide_route(verdict, self._parts.policy), verdict, degraded=degraded)
            if redaction is None or degraded:
                return Decision(Route.UNAVAILABLE, degraded=True)
            return await self._judge_by_models(redaction.redacted)

    async def find_answer(self, question: RedactedText, decision: Decision) -> Decision:
        """Retrieve, respond and validate; whatever falls short becomes an escalation."""
        try:
            async with asyncio.timeout_at(self._answer_by):
                worded = replace(question, text=self._parts.search.wording(question.text))
                found = await self._retrieve(question, worded)
                if not found:
                    self._abstain(Abstention.NOTHING_FOUND)
                    return replace(decision, route=Route.ESCALATE)
                given = [hit.passage for hit in found]
                proposal = await self._proposer().propose(question, given, today=self._today(), worded=worded)
        except Exception as error:
            self._note_fault("answer_failed", error)
            self._abstain(Abstention.PART_FAILED)
            return replace(decision, route=Route.ESCALATE, degraded=True)
        outcome = proposal.outcome
        ids = tuple(passage.id for passage in proposal.passages)
        route = Route.ANSWER if outcome.answer is not None else Route.ESCALATE
        if route is Route.ESCALATE:
            self._abstain(Abstention.NOT_SUPPORTED)
        topic = given[0].id.partition("#")[0]
        self._parts.metrics.topics.labels(topic, route.value).inc()
        return replace(decision, route=route, answer=outcome.answer, passages=ids, validators=outcome.validators)

    async def record_outcome(self, decision: Decision, redaction: Redaction | None, *, stored: bool) -> Delivery:
        """Make the decision durable with the hash of the exact bytes; without a record nothing is answered."""
        if stored and not self._store_lost:
            with self._timed(Stage.RECORD):
                delivery = self._compose(decision, redaction, queued=True)
                try:
                    recorded = await self._record(decision, redaction, delivery)
                except Conflict:
                    raise
                except Exception as error:
                    self._note_fault("record_failed", error)
                    self._parts.metrics.audit_failures.labels("redis").inc()
                    recorded = None
            if recorded is not None:
                return self._counted(recorded)
        return self._counted(await self._refuse(decision, redaction))

    async def _judge_by_models(self, text: RedactedText) -> Decision:
        """Ask the classifier, unless an operator has switched it off; what is switched off goes to a person."""
        try:
            off = await self._parts.switches.off()
            if Switch.CLASSIFIER in off:
                return Decision(Route.ESCALATE, degraded=True, paused=True)
            async with asyncio.timeout_at(self._answer_by):
                verdict = await judge_messages(self._parts.classifier, text, earlier=self._earlier)
        except Exception as error:
            self._note_fault("classifier_failed", error)
            return Decision(Route.UNAVAILABLE, degraded=True)
        self._count_verdict(verdict)
        route = decide_route(verdict, self._parts.policy, answerable=self._request.answerable)
        if not is_allowed(route, off):
            return Decision(Route.ESCALATE, verdict, degraded=True, paused=True)
        if route is Route.ESCALATE and verdict.label is not Label.CLINICIAN and self._request.answerable:
            self._abstain(Abstention.LOW_CONFIDENCE)
        return Decision(route, verdict)

    async def _retrieve(self, question: RedactedText, worded: RedactedText) -> tuple[FoundPassage, ...]:
        with self._timed(Stage.RETRIEVE):
            vector = await self._parts.encoder.encode(worded)
            found = await asyncio.to_thread(self._parts.search.search, question.text, vector, k=PASSAGES_FOUND)
        return tuple(hit for hit in found if hit.score >= self._parts.good_enough)[:PASSAGES_GIVEN]

    async def _redact_once(self, *, stored: bool) -> Redaction | None:
        request, parts = self._request, self._parts
        contents = await parts.vault.load(request.conversation) if stored else None
        known = contents.placeholders if contents else {}
        redaction = await parts.redactor.redact_turn(
            request.text, known=known, known_values=request.known_values, earlier=self._recent, as_people=True
        )
        self._placeholders = keep(known, redaction, turn=request.turn)
        if contents is not None and self._placeholders != known:
            try:
                await parts.vault.save(request.conversation, self._placeholders, version=contents.version)
            except Conflict:
                return None
        for kind, count in redaction.counts().items():
            parts.metrics.redactions.labels(kind, "in").inc(count)
        return redaction

    async def _record(self, decision: Decision, redaction: Redaction | None, delivery: Delivery) -> Delivery:
        refused = decision.route is Route.UNAVAILABLE
        entry = self._entry(AuditPhase.REFUSED if refused else AuditPhase.DECIDED, decision, redaction, delivery)
        effects = self._effects(decision, redaction, delivery)
        receipt = await self._append(entry, replace(effects, idempotency=await self._sealed(decision, delivery)))
        if receipt != entry.bytes_sha256:
            raise Conflict
        return delivery

    async def _refuse(self, decision: Decision, redaction: Redaction | None) -> Delivery:
        """Give fixed text and spool it: an urgent route stays what it is, everything else is unavailable."""
        urgent = decision.route in {Route.EMERGENCY, Route.CRISIS}
        decision = replace(decision, route=decision.route if urgent else Route.UNAVAILABLE, answer=None, degraded=True)
        delivery = self._compose(decision, redaction, queued=urgent)
        entry = self._entry(AuditPhase.REFUSED, decision, redaction, delivery)
        effects = Effects(ticket=self._ticket(decision, redaction)) if urgent else Effects()
        try:
            await asyncio.to_thread(self._parts.refusals.put, entry, effects)
        except Exception as error:  # The patient gets the text even where nothing can be written down.
            self._parts.metrics.audit_failures.labels("spool").inc()
            log("refusal_not_spooled", level=50, turn=self._request.turn, error=describe_error(error))
        return delivery

    def _compose(self, decision: Decision, redaction: Redaction | None, *, queued: bool) -> Delivery:
        """Build the turn and its bytes, with the patient's own identifiers put back."""
        request, texts, language = self._request, self._parts.texts, self._language(redaction)
        escalation = self._escalation(decision) if queued else None
        label = decision.verdict.label if decision.verdict else None
        reply_by = escalation.reply_by if escalation else None
        turn = Turn(
            turn_id=request.turn,
            conversation_id=request.conversation,
            route=decision.route,
            verdict=verdict_view(decision.verdict),
            answer=decision.answer.to_view() if decision.answer else None,
            message=texts.message(decision.route, label, locale=language, reply_by=reply_by, paused=decision.paused),
            escalation=escalation,
            contacts=texts.contacts(language, with_education=decision.paused),
            disclosure=texts.disclosure(language),
            redactions=redaction.counts() if redaction else {},
            degraded=decision.degraded,
            lang=language,
        )
        return Delivery(turn, self._restored(turn).model_dump_json().encode())

    def _language(self, redaction: Redaction | None) -> Language:
        """Return the language of the fixed texts, also where redaction has failed."""
        text = redaction.redacted.text if redaction else self._request.text.reveal()
        return language_for(text, self._request.locale)

    def _restored(self, turn: Turn) -> Turn:
        if turn.answer is None:
            return turn
        sentences = [
            sentence.model_copy(update={"text": restore(sentence.text, self._placeholders)})
            for sentence in turn.answer.sentences
        ]
        return turn.model_copy(update={"answer": turn.answer.model_copy(update={"sentences": sentences})})

    def _escalation(self, decision: Decision) -> EscalationView | None:
        urgency = urgency_of(decision.route)
        if urgency is None:
            return None
        reply_by = self._parts.reply_times.reply_by(urgency, now=self._now)
        subject = self._request.ticket_subject or self._request.turn
        return EscalationView(id=ticket_id(subject), urgency=urgency, reply_by=reply_by)

    def _effects(self, decision: Decision, redaction: Redaction | None, delivery: Delivery) -> Effects:
        request, now = self._request, rfc3339(self._now)
        messages: tuple[StoredMessage, ...] = ()
        if redaction is not None:
            asked = StoredMessage(Author.PATIENT, redaction.redacted, now, turn_id=request.turn)
            said = replace(redaction.redacted, text=spoken(delivery.turn))
            messages = (asked, StoredMessage(Author.ASSISTANT, said, now, turn_id=request.turn, turn=delivery.turn))
        answered = redaction is not None and decision.route is Route.ANSWER
        window = redaction.redacted if answered and redaction else None
        ticket = self._ticket(decision, redaction)
        return Effects(messages=messages, window=window, ticket=ticket)

    async def _sealed(self, decision: Decision, delivery: Delivery) -> IdempotencyResult | None:
        """Return the turn for a repeated Idempotency-Key, under the conversation's key: it holds restored words."""
        request, key = self._request, self._request.idempotency_key
        if key is None or decision.route is Route.UNAVAILABLE:
            return None
        body, purpose = delivery.body.decode(), f"idempotency:{key}"
        try:
            return IdempotencyResult(key, await self._parts.vault.seal(request.conversation, body, purpose=purpose))
        except ConversationClosed:  # Ended meanwhile: nothing of it is kept, but what was decided still goes out.
            return None

    def _ticket(self, decision: Decision, redaction: Redaction | None) -> NewTicket | None:
        escalation = self._escalation(decision)
        if escalation is None:
            return None
        context = (*self._earlier, redaction.redacted) if redaction else self._earlier
        resolve_by = self._parts.reply_times.resolve_by(escalation.urgency, now=self._now)
        subject, opened_at = self._request.ticket_subject, rfc3339(self._now)
        return NewTicket(escalation.urgency, escalation.reply_by, opened_at, context, resolve_by, subject)

    def _entry(
        self,
        phase: AuditPhase,
        decision: Decision | None = None,
        redaction: Redaction | None = None,
        delivery: Delivery | None = None,
    ) -> AuditEntry:
        request, parts = self._request, self._parts
        verdict = decision.verdict if decision else None
        return AuditEntry(
            phase=phase,
            tenant=parts.tenant,
            patient=request.patient,
            conversation=request.conversation,
            turn=request.turn,
            actor=request.actor,
            route=decision.route.value if decision else None,
            label=verdict.label.value if verdict else None,
            confidence=round(verdict.confidence, 6) if verdict else None,
            source=verdict.source.value if verdict else None,
            models=parts.models,
            policy=parts.policy.version,
            passages=decision.passages if decision else (),
            validators={**(decision.validators if decision else {}), **self._faults},
            redactions=redaction.counts() if redaction else {},
            latency_ms=dict(self._latency_ms),
            bytes_sha256=hashlib.sha256(delivery.body).hexdigest() if delivery else None,
        )

    async def _append(self, entry: AuditEntry, effects: Effects) -> str | None:
        with self._parts.metrics.audit_append_seconds.time():
            receipt = await self._parts.audit.append(entry, effects=effects)
        return receipt.bytes_sha256

    def _counted(self, delivery: Delivery) -> Delivery:
        self._parts.metrics.count_turn(delivery.turn)
        self._parts.metrics.turn_seconds.observe(time.perf_counter() - self._started)
        return delivery

    def _note_fault(self, event: str, error: Exception) -> None:
        """Name the part that failed: in the log, in a counter, and in the turn's audit record."""
        part = failed_part(error)
        self._faults[part.value] = "fail"
        self._parts.metrics.faults.labels(part.value).inc()
        log(event, level=40, turn=self._request.turn, part=part.value, error=describe_error(error))

    def _count_verdict(self, verdict: Verdict) -> None:
        self._parts.metrics.count_verdict(verdict)

    def _abstain(self, abstention: Abstention) -> None:
        self._parts.metrics.abstentions.labels(abstention.value).inc()

    def _proposer(self) -> Proposer:
        parts = self._parts
        return Proposer(parts.responder, parts.validator, parts.metrics, self._timed)

    def _today(self) -> date:
        return self._now.date()

    def _timed(self, stage: Stage) -> StageTimer:
        self._show(stage)
        return StageTimer(stage, self._parts.metrics, self._latency_ms)
