"""The real ticket desk: tickets and conversations in Redis, every step an `access` record of the audit chain.

A reply is redacted before it is stored, under the conversation's own placeholders: the patient reads `Dana` where the
store holds `[NAME_2]`. Without them a new name could take the number of another and be shown as somebody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portico_console.ports import Disposition, Judgement, Line, Profession, TicketRow, TicketView
from portico_core.errors import Conflict
from portico_core.labels import Author, Label, TicketState, Urgency
from portico_core.text import RedactedText, Redaction
from portico_core.turn import TranscriptMessage, VerdictView
from portico_state.conversations import Conversations
from portico_state.escalations import Escalations, Ticket
from portico_state.vault import Vault

MOST_ROWS = 500
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

    async def list_open(self) -> tuple[TicketRow, ...]:
        """Return what is not closed."""
        return tuple(_row(ticket) for ticket in await self.escalations.list(limit=MOST_ROWS))

    async def get(self, ticket: str, *, actor: str) -> TicketView:
        """Return a ticket with its conversation; leaves an `access` record."""
        found = await self.escalations.view(ticket, actor=actor)
        messages = await self.conversations.transcript(found.conversation)
        return TicketView(
            row=_row(found),
            lines=_lines(messages, found),
            judgement=_judgement(messages, found.turn),
            fence=found.fence,
            lease_until=_moment(found.lease_until),
            disposition=found.disposition,
        )

    async def claim(self, ticket: str, *, actor: str) -> None:
        """Take a ticket for a time; leaves an `access` record."""
        await self.escalations.claim(ticket, actor=actor)

    async def reply(self, ticket: str, *, actor: str, fence: int, text: str, profession: Profession) -> None:
        """Redact a reply and send it; leaves an `access` record."""
        found = await self.escalations.get(ticket)
        redacted = await self._redact(found.conversation, text)
        await self.escalations.reply(ticket, actor=actor, fence=fence, text=redacted, role=profession)

    async def close(self, ticket: str, *, actor: str, fence: int, disposition: Disposition, guard_right: bool) -> None:
        """Finish a ticket; leaves an `access` record."""
        await self.escalations.close(
            ticket, actor=actor, fence=fence, disposition=disposition.value, guard_right=guard_right
        )

    async def _redact(self, conversation: str, text: str) -> RedactedText:
        """Redact under the conversation's placeholders; start again when a turn has added one meanwhile."""
        for _ in range(_VAULT_TRIES):
            kept = await self.vault.load(conversation)
            redaction = await self.redactor.redact_turn(text, known=kept.placeholders)
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
    )


def _lines(messages: tuple[TranscriptMessage, ...], ticket: Ticket) -> tuple[Line, ...]:
    """Return the conversation, or what the ticket itself kept of it."""
    if not messages:
        return tuple(Line(Author.PATIENT, text.text) for text in ticket.context)
    return tuple(
        Line(
            author=message.author,
            text=_words(message),
            time=_moment(message.time),
            profession=message.role,
            opened_ticket=message.author is Author.PATIENT and message.turn_id == ticket.turn,
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
