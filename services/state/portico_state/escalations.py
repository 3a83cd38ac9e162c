"""The clinician's inbox: tickets that turns opened, and what a person may do with one.

A ticket is opened together with the audit record of its turn (`Effects.ticket`). Every later step is one script run
as well: a guard, an `access` record, the change, the message and the event, or nothing at all. A claim is a lease
with a fencing token: who lost the lease cannot reply any more, however late their request arrives.
"""

import asyncio
import builtins
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from portico_core.audit import AuditEntry
from portico_core.errors import Forbidden, NotFound
from portico_core.labels import AccessPurpose, AuditPhase, Author, TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.audit_script import Receipt
from portico_state.break_glass import GlassReason, Grant, grant_operations, make_grant, open_grant
from portico_state.client import Store
from portico_state.effects import (
    ClinicianRole,
    ConversationEvent,
    Operation,
    StoredMessage,
    add_message,
    holder_key,
    publish,
    renew,
    score_range,
    ticket_score,
)
from portico_state.identifiers import now_utc, parse_time
from portico_state.inbox import EVERYTHING, InboxFilter, InboxPage, read_inbox
from portico_state.redis_audit import RedisAudit
from portico_state.tickets import Ticket, read_ticket

DEFAULT_LEASE_S = 900
LISTED_S = 3600
_AT_ONCE = 500


class TakeOverReason(StrEnum):
    """Why a ticket is taken from the person who holds it; a closed set, so that it can be counted."""

    COLLEAGUE_AWAY = "colleague_away"
    MORE_URGENT = "more_urgent"
    ASKED_TO = "asked_to"
    SHIFT_ENDED = "shift_ended"


class NoteKind(StrEnum):
    """What a note is: somebody's words, or what a step left behind."""

    WORDS = "words"
    TAKE_OVER = "take_over"
    HAND_OVER = "hand_over"
    BREAK_GLASS = "break_glass"


@dataclass(frozen=True, slots=True)
class Note:
    """What the staff see of a ticket and the patient never does; `text` is redacted, `reason` of a closed set."""

    actor: str
    time: str
    text: str = ""
    kind: str = NoteKind.WORDS
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A ticket that is ours until `ticket.lease_until`; `fence` goes with every further step."""

    ticket: Ticket
    fence: int


@dataclass(frozen=True, slots=True)
class Escalations:
    """The tickets of one tenant. `actor` names the person, never a patient."""

    store: Store
    audit: RedisAudit

    async def list(self, *, state: TicketState | None = None, limit: int = 100) -> tuple[Ticket, ...]:
        """Return tickets: most urgent first, of equals the one whose reply is due first; closed ones newest first.

        Without a state: everything that is not closed, also what was folded into another ticket. For a page, `page`.
        """
        keys, redis = self.store.keys, self.store.redis
        if state is TicketState.CLOSED:
            ids = await self.store.call(redis.zrevrange(keys.tickets_closed, 0, limit - 1))
        else:
            ids = await self.store.call(redis.zrange(keys.tickets_open, 0, limit - 1 if state is None else -1))
        tickets = await self._read_all(ids)
        return tuple(ticket for ticket in tickets if state in (None, ticket.state))[:limit]

    async def page(self, page: int = 1, *, only: InboxFilter = EVERYTHING) -> InboxPage:
        """Return a page of the inbox without the tickets' words; what is immediate or urgent is never filtered."""
        return await read_inbox(self.store, page=page, only=only)

    async def folded(self, ticket: str) -> tuple[Ticket, ...]:
        """Return the patient's further messages that joined a ticket, the first due first; 100 at most."""
        ids = await self.store.call(self.store.redis.zrange(self.store.keys.folded(ticket), 0, 99))
        return tuple(await self._read_all(ids))

    async def count_open(self) -> dict[Urgency, int]:
        """Count the tickets that are not closed, by urgency."""
        key, counts = self.store.keys.tickets_open, {}
        for urgency in Urgency:
            counts[urgency] = int(await self.store.call(self.store.redis.zcount(key, *score_range(urgency))))
        return counts

    async def count_overdue(self, now: datetime) -> dict[Urgency, int]:
        """Count what stands in the inbox past its clock (first reply, next reply or resolution), by urgency."""
        key, counts = self.store.keys.inbox, {}
        for urgency in Urgency:
            lowest, _ = score_range(urgency)
            due = self.store.redis.zcount(key, lowest, ticket_score(urgency, now))
            counts[urgency] = int(await self.store.call(due))
        return counts

    async def get(self, ticket: str) -> Ticket:
        """Return a ticket, or raise NotFound. For what a person sees, use `view`."""
        found = await self._read_all([ticket])
        if not found:
            raise NotFound
        return found[0]

    async def notes(self, ticket: str) -> tuple[Note, ...]:
        """Return what the staff noted on a ticket, oldest first."""
        stored = await self.store.call(self.store.redis.lrange(self.store.keys.notes(ticket), 0, -1))
        return tuple(Note(**json.loads(note)) for note in stored)

    async def view(self, ticket: str, *, actor: str) -> Ticket:
        """Return a ticket to a person, with an `access` record that they saw it."""
        found = await self.get(ticket)
        await self._record(found, actor, "escalation.view", [])
        return found

    async def note_listed(self, tickets: Sequence[Ticket], *, actor: str) -> None:
        """Leave an `access` record for every line of the inbox that a person has not seen on record within the hour.

        A list says who asks for help and how urgently. It is read every few seconds: a record each time would bury
        the others.
        """
        if not tickets:
            return
        redis, seen, ids = self.store.redis, self.store.keys.listed(holder_key(actor)), [each.id for each in tickets]
        known = await self.store.call(redis.smismember(seen, ids))
        fresh = [ticket for ticket, is_known in zip(tickets, known, strict=True) if not is_known]
        if not fresh:
            return
        await asyncio.gather(*(self._record(ticket, actor, "inbox.list", []) for ticket in fresh))
        pipeline = redis.pipeline(transaction=False)
        pipeline.sadd(seen, *(ticket.id for ticket in fresh))
        pipeline.expire(seen, LISTED_S, nx=True)
        await self.store.call(pipeline.execute())

    async def note_reveal(self, ticket: str, *, actor: str) -> Ticket:
        """Return a ticket to a person who is about to see its identifiers, with an `access` record first.

        They hold the ticket, or broke the glass; raise Forbidden for anybody else.
        """
        found = await self.get(ticket)
        if found.is_held() and found.holder == actor:
            purpose = AccessPurpose.REVEAL
        elif await open_grant(self.store, ticket, actor=actor) is not None:
            purpose = AccessPurpose.BREAK_GLASS_USE
        else:
            raise Forbidden
        await self._record(found, actor, purpose.value, [])
        return found

    async def break_glass(
        self, ticket: str, *, actor: str, reason: GlassReason, text: RedactedText, minutes: float
    ) -> Grant:
        """Let a person see the identifiers of a ticket that they do not hold, for some minutes, and leave a note."""
        found = await self.get(ticket)
        grant = make_grant(ticket, actor=actor, reason=reason, text=text, minutes=minutes, now=datetime.now(UTC))
        note = Note(actor, now_utc(), text=text.text, kind=NoteKind.BREAK_GLASS, reason=reason)
        operations = [*grant_operations(grant, self.store.keys), self._note(ticket, note)]
        await self._record(found, actor, f"{AccessPurpose.BREAK_GLASS.value}:{reason.value}", operations)
        return grant

    async def claim(
        self, ticket: str, *, actor: str, lease_s: int = DEFAULT_LEASE_S, take_over: TakeOverReason | None = None
    ) -> Claim:
        """Take a ticket for a time; raise Conflict when it is closed or somebody else holds it.

        Claiming again what one holds renews the lease and gives a new fence. With a reason to take it over, a ticket
        that somebody else holds is taken too: their fence is worth nothing from then on, and a note says why.
        """
        found, keys = await self.get(ticket), self.store.keys
        operation: Operation = {
            "act": "claim", "key": keys.ticket(ticket), "ticket": ticket, "actor": actor, "lease_ms": lease_s * 1000,
            "holder_key": holder_key(actor), "names": keys.ticket_names, "take_over": take_over is not None,
            "claimed": TicketState.CLAIMED.value, "ended": TicketState.CLOSED.value,
        }  # fmt: skip
        taken = take_over is not None and found.is_held() and found.holder != actor
        step = f"escalation.take_over:{take_over.value}" if taken and take_over else "escalation.claim"
        operations = [operation, *self._events(found, TicketState.CLAIMED)]
        if taken and take_over:
            operations.append(self._note(ticket, Note(actor, now_utc(), kind=NoteKind.TAKE_OVER, reason=take_over)))
        receipt = await self._record(found, actor, step, operations)
        return Claim(await self.get(ticket), receipt.ticket_fence or 0)

    async def reply(
        self, ticket: str, *, actor: str, fence: int, text: RedactedText, role: ClinicianRole = "nurse"
    ) -> Ticket:
        """Send a clinician's words to the patient; raise Conflict unless the claim `fence` is still in force.

        From then on the ticket stands in the inbox by its resolution clock, until the patient writes again.
        """
        found, now = await self.get(ticket), now_utc()
        message = StoredMessage(Author.CLINICIAN, text, now, turn_id=found.turn, role=role)
        keys, limits = self.store.keys, self.store.limits
        next_risk = parse_time(found.resolve_by or found.reply_by)
        fields = {
            "replied_at": found.replied_at or now, "next_reply_by": "",
            "score": str(ticket_score(found.urgency, next_risk)),
        }  # fmt: skip
        operations = [
            self._change(ticket, actor, fence, fields),
            add_message(message, found.conversation, keys, limits),
            *renew(found.conversation, keys, limits),
            self._event(found, "reply", {"text": text.text, "time": now, "role": role, "turn_id": found.turn}),
        ]
        return await self._step(found, actor, "escalation.reply", operations)

    async def add_note(self, ticket: str, *, actor: str, text: RedactedText) -> None:
        """Note something for the staff; the patient never sees it, and no claim is needed."""
        found = await self.get(ticket)
        present = {"act": "present", "key": self.store.keys.ticket(ticket)}
        note = Note(actor, now_utc(), text=text.text)
        await self._record(found, actor, "escalation.note", [present, self._note(ticket, note)])

    async def release(self, ticket: str, *, actor: str, fence: int) -> Ticket:
        """Give a ticket back to the queue."""
        found = await self.get(ticket)
        operations = [self._change(ticket, actor, fence, _UNHELD), *self._events(found, TicketState.OPEN)]
        return await self._step(found, actor, "escalation.release", operations)

    async def hand_over(
        self, ticket: str, *, actor: str, fence: int, pool: str, text: RedactedText | None = None
    ) -> Ticket:
        """Give a ticket to the people of another pool, with a note for them."""
        found = await self.get(ticket)
        self.store.keys.pool(pool)  # Refuses a name that could stand for another key.
        note = Note(actor, now_utc(), text=text.text if text else "", kind=NoteKind.HAND_OVER, reason=pool)
        operations = [
            self._change(ticket, actor, fence, {**_UNHELD, "pool": pool}),
            *self._events(found, TicketState.OPEN),
            self._note(ticket, note),
        ]
        return await self._step(found, actor, f"escalation.hand_over:{pool}", operations)

    async def close(
        self, ticket: str, *, actor: str, fence: int, disposition: str, guard_right: bool,
        review: Operation | None = None,
    ) -> Ticket:  # fmt: skip
        """Finish a ticket with what became of it, and whether the guard was right to hand it over.

        Messages of the same conversation that joined it are finished with it. `review` is stored in the same step.
        """
        found, keys = await self.get(ticket), self.store.keys
        fields = {
            "state": TicketState.CLOSED.value, "closed_at": now_utc(), "disposition": disposition,
            "guard_right": "yes" if guard_right else "no",
        }  # fmt: skip
        shelve: Operation = {
            "act": "shelve", "ticket": ticket, "open": keys.tickets_open, "closed": keys.tickets_closed,
            "stream": keys.ticket_stream, "names": keys.ticket_names, "fields": fields,
        }  # fmt: skip
        operations = [
            self._change(ticket, actor, fence, fields),
            *self._events(found, TicketState.CLOSED),
            shelve,
            *([review] if review else []),
        ]
        return await self._step(found, actor, "escalation.close", operations)

    async def review(self, ticket: str, *, actor: str, review: Operation) -> None:
        """Store what a further reviewer says of the guard, also when the ticket is closed."""
        present = {"act": "present", "key": self.store.keys.ticket(ticket)}
        await self._record(await self.get(ticket), actor, "escalation.review", [present, review])

    async def _step(self, ticket: Ticket, actor: str, source: str, operations: builtins.list[Operation]) -> Ticket:
        await self._record(ticket, actor, source, operations)
        return await self.get(ticket.id)

    async def _record(self, ticket: Ticket, actor: str, source: str, operations: builtins.list[Operation]) -> Receipt:
        entry = AuditEntry(
            phase=AuditPhase.ACCESS, tenant=self.store.keys.tenant, patient=ticket.patient,
            conversation=ticket.conversation, turn=ticket.turn, actor=actor, route=ticket.route or None,
            label=ticket.label or None, source=source,
        )  # fmt: skip
        return await self.audit.append_operations(entry, operations)

    def _change(self, ticket: str, actor: str, fence: int, fields: dict[str, str]) -> Operation:
        return {
            "act": "change", "key": self.store.keys.ticket(ticket), "ticket": ticket, "actor": actor,
            "fence": str(fence), "claimed": TicketState.CLAIMED.value, "fields": fields,
            "names": self.store.keys.ticket_names,
        }  # fmt: skip

    def _note(self, ticket: str, note: Note) -> Operation:
        return {"act": "push", "key": self.store.keys.notes(ticket), "value": json.dumps(asdict(note))}

    def _events(self, ticket: Ticket, state: TicketState) -> builtins.list[Operation]:
        """Tell the patient's page what became of a ticket and of the messages that joined it."""
        event = self._event(ticket, "escalation", {"state": state.value})
        tell = {
            "act": "tell", "ticket": ticket.id, "names": self.store.keys.ticket_names, "state": state.value,
            "key": event["key"], "keep": event["keep"],
        }  # fmt: skip
        return [event, tell]

    def _event(self, ticket: Ticket, kind: str, data: dict[str, Any]) -> Operation:
        event = ConversationEvent(kind, {"escalation_id": ticket.id, **data})
        return publish(event, ticket.conversation, self.store.keys, self.store.limits)

    async def _read_all(self, ids: builtins.list[str]) -> builtins.list[Ticket]:
        found: builtins.list[Ticket] = []
        for first in range(0, len(ids), _AT_ONCE):
            pipeline = self.store.redis.pipeline(transaction=False)
            for ticket in ids[first : first + _AT_ONCE]:
                pipeline.hgetall(self.store.keys.ticket(ticket))
            found.extend(read_ticket(fields) for fields in await self.store.call(pipeline.execute()) if fields)
        return found


_UNHELD = {"state": TicketState.OPEN.value, "holder": "", "holder_key": "", "lease_until_ms": "0"}
