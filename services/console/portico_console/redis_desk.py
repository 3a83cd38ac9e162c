"""The real ticket desk: tickets and conversations in Redis, every step an `access` record of the audit chain.

A reply is redacted before it is stored, under the conversation's own placeholders: the patient reads `Dana` where the
store holds `[NAME_2]`. Without them a new name could take the number of another and be shown as somebody else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from portico_console.metrics import ConsoleMetrics
from portico_console.ports import (
    Announcements,
    Choice,
    Disposition,
    GuardReview,
    InboxView,
    Judgement,
    Line,
    Member,
    NoteLine,
    Presence,
    Profession,
    TicketRow,
    TicketView,
)
from portico_core.errors import Conflict
from portico_core.labels import Author, Label, Route, TicketState, Urgency
from portico_core.text import RedactedText, Redaction
from portico_core.turn import TranscriptMessage, VerdictView
from portico_redaction.placeholders import values_of
from portico_state.break_glass import GlassReason, open_grant
from portico_state.conversations import Conversations
from portico_state.deliveries import Deliveries, DeliveryState
from portico_state.escalations import Escalations, Note, TakeOverReason
from portico_state.inbox import InboxFilter
from portico_state.presence import read_presence, show_presence
from portico_state.reviews import Review, make_review, store_review
from portico_state.suggestions import Suggestions
from portico_state.tickets import Ticket
from portico_state.vault import Vault

_VAULT_TRIES = 4


class ReplyRedactor(Protocol):
    """The part of `portico_redaction.engine.Redactor` that a reply needs."""

    async def redact_turn(self, text: str, *, known: Mapping[str, str]) -> Redaction:
        """Replace identifiers; `known` maps the conversation's placeholders to what they stand for."""


@dataclass(frozen=True, slots=True)
class RedisDesk:
    """Tickets of one tenant."""

    escalations: Escalations
    conversations: Conversations
    vault: Vault
    redactor: ReplyRedactor
    metrics: ConsoleMetrics = field(default_factory=ConsoleMetrics)
    glass_minutes: float = 15

    async def inbox(self, page: int, *, only: Choice, actor: str) -> InboxView:
        """Return a page of what is not closed; a line that is new to this person leaves an `access` record."""
        narrowed = InboxFilter(only.pool, actor if only.mine else "")
        found = await self.escalations.page(page, only=narrowed)
        await self.escalations.note_listed(found.tickets, actor=actor)
        return InboxView(
            tuple(_row(ticket) for ticket in found.tickets), found.page, found.pages, found.pinned, found.routine
        )

    async def get(self, ticket: str, *, actor: str) -> TicketView:
        """Return a ticket with its conversation; leaves an `access` record, also of the lines of what joined it."""
        found = await self.escalations.view(ticket, actor=actor)
        messages = await self.conversations.transcript(found.conversation)
        joined = await self.escalations.folded(ticket) if found.folded else ()
        elsewhere = [each for each in joined if each.conversation != found.conversation]
        await self.escalations.note_listed(elsewhere, actor=actor)
        grant = await open_grant(self.escalations.store, ticket, actor=actor)
        return TicketView(
            row=_row(found),
            lines=_lines(messages, found, joined),
            judgement=_judgement(messages, found.turn),
            fence=found.fence,
            lease_until=_moment(found.lease_until),
            disposition=found.disposition,
            route=Route(found.route) if found.route else Route.ESCALATE,
            notes=tuple(_note(note) for note in await self.escalations.notes(ticket)),
            joined=tuple(_row(each) for each in elsewhere),
            guard_right=found.guard_right,
            suggestion=await Suggestions(self.escalations.store).read(ticket),
            glass_until=_moment(grant.until) if grant else None,
        )

    async def show_identifiers(self, ticket: str, *, actor: str) -> Mapping[str, str]:
        """Return what the placeholders stand for; the `access` record is durable before the vault is opened."""
        found = await self.escalations.note_reveal(ticket, actor=actor)
        return values_of((await self.vault.load(found.conversation)).placeholders)

    async def break_glass(self, ticket: str, *, actor: str, reason: GlassReason, text: str) -> None:
        """Redact the words of who breaks the glass, and let them; leaves an `access` record."""
        words = await self._redact(ticket, text)
        minutes = self.glass_minutes
        await self.escalations.break_glass(ticket, actor=actor, reason=reason, text=words, minutes=minutes)

    async def claim(self, ticket: str, *, actor: str, take_over: TakeOverReason | None = None) -> None:
        """Take a ticket for a time; leaves an `access` record."""
        await self.escalations.claim(ticket, actor=actor, take_over=take_over)

    async def reply(self, ticket: str, *, actor: str, fence: int, text: str, profession: Profession) -> None:
        """Redact a reply and send it; leaves an `access` record."""
        redacted = await self._redact(ticket, text)
        before = await self.escalations.get(ticket)
        await self.escalations.reply(ticket, actor=actor, fence=fence, text=redacted, role=profession)
        self.metrics.count_reply(before)

    async def note(self, ticket: str, *, actor: str, text: str) -> None:
        """Redact a note and keep it; leaves an `access` record."""
        await self.escalations.add_note(ticket, actor=actor, text=await self._redact(ticket, text))

    async def release(self, ticket: str, *, actor: str, fence: int) -> None:
        """Give a ticket back to the queue; leaves an `access` record."""
        await self.escalations.release(ticket, actor=actor, fence=fence)

    async def hand_over(self, ticket: str, *, actor: str, fence: int, pool: str, text: str) -> None:
        """Give a ticket to another pool; leaves an `access` record."""
        words = await self._redact(ticket, text) if text else None
        await self.escalations.hand_over(ticket, actor=actor, fence=fence, pool=pool, text=words)

    async def close(
        self, ticket: str, *, actor: str, fence: int, disposition: Disposition, review: GuardReview
    ) -> None:
        """Finish a ticket and store the review of the guard de-identified; leaves an `access` record."""
        made = await self._review(ticket, actor, review)
        await self.escalations.close(
            ticket,
            actor=actor,
            fence=fence,
            disposition=disposition.value,
            guard_right=made.guard_was_right,
            review=store_review(made, self.escalations.store),
        )

    async def review(self, ticket: str, *, actor: str, review: GuardReview) -> None:
        """Store a further review de-identified; leaves an `access` record."""
        made = await self._review(ticket, actor, review)
        await self.escalations.review(ticket, actor=actor, review=store_review(made, self.escalations.store))

    async def _review(self, ticket: str, actor: str, review: GuardReview) -> Review:
        found = await self.escalations.get(ticket)
        judgement = _judgement(await self.conversations.transcript(found.conversation), found.turn)
        route = Route(found.route) if found.route else Route.ESCALATE
        guard = (_row(found).label, route, judgement.decider if judgement else "")
        draft = review.draft
        if draft and draft.edited:
            draft = replace(draft, edited=(await self._redact(ticket, draft.edited)).text)
        return make_review(
            found.context, turn=found.turn, actor=actor, guard=guard, right=(review.label, review.route),
            keyring=self.vault.keyring, tenant=self.escalations.store.keys.tenant, draft=draft,
        )  # fmt: skip

    async def announcements(self) -> Announcements:
        """Return what waits to be announced, and what was given up."""
        deliveries = Deliveries(self.escalations.store)
        counts = await deliveries.counts()
        return Announcements(counts[DeliveryState.WAITING], await deliveries.dead())

    async def announce_again(self, delivery: str, *, actor: str) -> None:
        """Send a notification again; leaves an `access` record."""
        await Deliveries(self.escalations.store).resend(delivery, actor=actor, audit=self.escalations.audit)

    async def show_presence(self, ticket: str, *, member: Member, writing: bool) -> None:
        """Let others see for some seconds that this person is here."""
        await show_presence(self.escalations.store, ticket, actor=member.actor, name=member.name, writing=writing)

    async def others(self, ticket: str, *, member: Member) -> tuple[Presence, ...]:
        """Return who else has the ticket open."""
        here = await read_presence(self.escalations.store, ticket)
        return tuple(Presence(each.name, each.writing) for each in here if each.actor != member.actor)

    async def _redact(self, ticket: str, text: str) -> RedactedText:
        """Redact under the conversation's placeholders; start again when a turn has added one meanwhile."""
        conversation = (await self.escalations.get(ticket)).conversation
        for _ in range(_VAULT_TRIES):
            kept = await self.vault.load(conversation)
            redaction = await self.redactor.redact_turn(text, known=kept.placeholders)
            self.metrics.count_redaction(redaction)
            if redaction.placeholders.keys() <= kept.placeholders.keys():
                return redaction.redacted
            try:
                merged = {**kept.placeholders, **redaction.placeholders}
                await self.vault.save(conversation, merged, version=kept.version)
            except Conflict:
                continue
            return redaction.redacted
        raise Conflict


def _row(ticket: Ticket) -> TicketRow:
    held = ticket.is_held()
    state = TicketState.OPEN if ticket.state is TicketState.CLAIMED and not held else ticket.state
    return TicketRow(
        id=ticket.id,
        urgency=Urgency(ticket.urgency),
        label=Label(ticket.label) if ticket.label else Label.CLINICIAN,
        state=state,
        opened_at=datetime.fromisoformat(ticket.opened_at),
        reply_by=datetime.fromisoformat(ticket.reply_by),
        holder=ticket.holder if held else "",
        replied_at=_moment(ticket.replied_at),
        pool=ticket.pool,
        next_reply_by=_moment(ticket.next_reply_by),
        resolve_by=_moment(ticket.resolve_by),
        more=ticket.folded,
    )


def _note(note: Note) -> NoteLine:
    return NoteLine(note.actor, datetime.fromisoformat(note.time), note.text, note.kind, note.reason)


def _lines(messages: tuple[TranscriptMessage, ...], ticket: Ticket, joined: Iterable[Ticket]) -> tuple[Line, ...]:
    """Return the conversation, or what the ticket itself kept of it."""
    opened = {ticket.turn, *(each.turn for each in joined)}
    if not messages:
        return tuple(Line(Author.PATIENT, text.text) for text in ticket.context)
    return tuple(
        Line(
            author=message.author,
            text=_words(message),
            time=_moment(message.time),
            profession=message.role,
            opened_ticket=message.author is Author.PATIENT and message.turn_id in opened,
        )
        for message in messages
    )


def _words(message: TranscriptMessage) -> str:
    """Return what was said; an answer's words stand in its turn."""
    if message.text or message.turn is None:
        return message.text
    if message.turn.answer is not None:
        return " ".join(sentence.text for sentence in message.turn.answer.sentences)
    return message.turn.message or ""


def _judgement(messages: tuple[TranscriptMessage, ...], turn_id: str) -> Judgement | None:
    turns = (message.turn for message in messages if message.turn_id == turn_id and message.turn is not None)
    verdict = next((turn.verdict for turn in turns), None)
    return None if verdict is None else _judgement_of(verdict)


def _judgement_of(verdict: VerdictView) -> Judgement:
    known = {label.value for label in Label}
    scores = {Label(name): share for name, share in verdict.scores.items() if name in known}
    return Judgement(verdict.label, verdict.confidence, scores, verdict.source, verdict.model)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
