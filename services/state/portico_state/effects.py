"""What is stored in the same step as an audit record, so that neither can exist without the other.

A caller says what belongs to a turn; `operations` turns it into the plain commands of `append.lua`. They are JSON,
so that the spool can keep them while Redis is down. Text arrives as RedactedText only.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from portico_core.audit import AuditEntry
from portico_core.labels import Author, TicketState, Urgency
from portico_core.text import RedactedText
from portico_core.turn import TranscriptMessage, Turn
from portico_state.client import StoreLimits
from portico_state.identifiers import parse_time
from portico_state.keys import Keys

Operation = dict[str, Any]
ClinicianRole = Literal["nurse", "physician", "pharmacist", "staff"]

_URGENCY_RANK = {Urgency.IMMEDIATE: 0, Urgency.URGENT: 1, Urgency.ROUTINE: 2}
RANK_WIDTH = 10**13  # More than any millisecond time until the year 2286, so that urgency always sorts first.


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A transcript message; `turn` must hold placeholders, not restored text."""

    author: Author
    text: RedactedText
    time: str
    turn_id: str | None = None
    turn: Turn | None = None
    role: ClinicianRole | None = None

    def to_json(self) -> str:
        """Return the stored form, which reads back as a TranscriptMessage."""
        return TranscriptMessage(
            author=self.author,
            text=self.text.text,
            time=self.time,
            turn_id=self.turn_id,
            turn=self.turn,
            role=self.role,
        ).model_dump_json()


@dataclass(frozen=True, slots=True)
class NewTicket:
    """An escalation to open; times are RFC 3339 UTC, `context` the redacted messages a clinician needs.

    Without `resolve_by` only the first reply has a clock.
    `subject` names what one ticket is for where that is more than a turn: a message that was sent again.
    """

    urgency: Urgency
    reply_by: str
    opened_at: str
    context: tuple[RedactedText, ...]
    resolve_by: str = ""
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyResult:
    """The turn to give again: `key` is a reservation's, `sealed` comes from Vault.seal."""

    key: str
    sealed: str


@dataclass(frozen=True, slots=True)
class ConversationEvent:
    """Something the patient's page should show; `data` holds redacted text only."""

    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Effects:
    """What belongs to one record; the default is nothing."""

    messages: tuple[StoredMessage, ...] = ()
    window: RedactedText | None = None
    ticket: NewTicket | None = None
    idempotency: IdempotencyResult | None = None
    events: tuple[ConversationEvent, ...] = ()

    def operations(self, entry: AuditEntry, keys: Keys, limits: StoreLimits) -> list[Operation]:
        """Return the commands of `append.lua`, in the order they are done."""
        done = [_push(keys.messages(entry.conversation), message.to_json(), limits) for message in self.messages]
        if self.window is not None:
            done.append(_push(keys.window(entry.conversation), self.window.text, limits, keep=limits.window_messages))
        if done:
            done.extend(renew(entry.conversation, keys, limits))
        if self.ticket is not None:
            done.append(_open_ticket(self.ticket, entry, keys))
        if self.idempotency is not None:
            done.append({"act": "answer", "key": self.idempotency.key, "sealed": self.idempotency.sealed})
        done.extend(publish(event, entry.conversation, keys, limits) for event in self.events)
        return done


NO_EFFECTS = Effects()


def ticket_id(subject: str) -> str:
    """Return the id of the ticket of a turn, or of a message sent under one key: one ticket, however often it comes."""
    return f"esc-{subject}"


def ticket_score(urgency: Urgency, reply_by: datetime) -> int:
    """Order tickets: most urgent first, of equals the one whose reply is due first."""
    return _URGENCY_RANK[urgency] * RANK_WIDTH + int(reply_by.timestamp() * 1000)


def holder_key(actor: str) -> str:
    """Return what stands for a person in the name of a key."""
    return hashlib.sha256(actor.encode()).hexdigest()[:32]


def score_range(urgency: Urgency) -> tuple[int, int]:
    """Return the lowest and highest score of tickets of one urgency."""
    lowest = _URGENCY_RANK[urgency] * RANK_WIDTH
    return lowest, lowest + RANK_WIDTH - 1


def publish(event: ConversationEvent, conversation: str, keys: Keys, limits: StoreLimits) -> Operation:
    """Return the command that adds an event to a conversation."""
    return {
        "act": "event",
        "key": keys.events(conversation),
        "type": event.type,
        "data": json.dumps(dict(event.data), ensure_ascii=False),
        "keep": limits.events_kept,
        "ttl_s": limits.conversation_ttl_s,
    }


def add_message(message: StoredMessage, conversation: str, keys: Keys, limits: StoreLimits) -> Operation:
    """Return the command that adds a message to a transcript."""
    return _push(keys.messages(conversation), message.to_json(), limits)


def renew(conversation: str, keys: Keys, limits: StoreLimits) -> list[Operation]:
    """Return the commands that let a conversation live on; its vault must not end before it."""
    return [
        {"act": "touch", "key": keys.conversation(conversation), "ttl_s": limits.conversation_ttl_s},
        {"act": "touch", "key": keys.vault(conversation), "ttl_s": limits.vault_ttl_s},
    ]


def _push(key: str, value: str, limits: StoreLimits, *, keep: int | None = None) -> Operation:
    operation: Operation = {"act": "push", "key": key, "value": value, "ttl_s": limits.conversation_ttl_s}
    return operation if keep is None else {**operation, "keep": keep}


def _open_ticket(ticket: NewTicket, entry: AuditEntry, keys: Keys) -> Operation:
    name = ticket_id(ticket.subject or entry.turn)
    fields = {
        "id": name, "conversation": entry.conversation, "turn": entry.turn, "patient": entry.patient,
        "urgency": ticket.urgency.value, "route": entry.route or "", "label": entry.label or "",
        "opened_at": ticket.opened_at, "reply_by": ticket.reply_by, "state": TicketState.OPEN.value,
        "context": json.dumps([text.text for text in ticket.context], ensure_ascii=False),
        "holder": "", "lease_until_ms": "0", "fence": "0", "resolve_by": ticket.resolve_by, "pool": "",
    }  # fmt: skip
    score = str(ticket_score(ticket.urgency, parse_time(ticket.reply_by)))
    return {
        "act": "ticket", "key": keys.ticket(name), "ticket": name, "fields": {**fields, "score": score},
        "open": keys.tickets_open, "score": score, "stream": keys.ticket_stream, "names": keys.ticket_names,
        "fold": ticket.urgency is Urgency.ROUTINE,
    }  # fmt: skip
