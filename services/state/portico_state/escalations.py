"""The clinician's inbox: tickets that turns opened, and what a person may do with one.

A ticket is opened together with the audit record of its turn (`Effects.ticket`). Every later step is one script run
as well: a guard, an `access` record, the change, the message and the event, or nothing at all. A claim is a lease
with a fencing token: who lost the lease cannot reply any more, however late their request arrives.
"""

import builtins
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portico_core.audit import AuditEntry
from portico_core.errors import NotFound
from portico_core.labels import AuditPhase, Author, TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.client import Store
from portico_state.effects import (
    ClinicianRole,
    ConversationEvent,
    Operation,
    StoredMessage,
    add_message,
    publish,
    renew,
    score_range,
)
from portico_state.identifiers import now_utc
from portico_state.redis_audit import RedisAudit
from portico_state.stored_text import as_redacted

DEFAULT_LEASE_S = 900


@dataclass(frozen=True, slots=True)
class Ticket:
    """An escalation. Times are RFC 3339 UTC; `fence` counts its claims; `state` as stored (see `is_held`)."""

    id: str
    conversation: str
    turn: str
    patient: str
    urgency: Urgency
    route: str
    label: str
    opened_at: str
    reply_by: str
    context: tuple[RedactedText, ...]
    state: TicketState
    holder: str
    lease_until: str | None
    fence: int
    replied_at: str | None = None
    closed_at: str | None = None
    disposition: str | None = None
    guard_right: bool | None = None

    def is_held(self) -> bool:
        """Say whether somebody's claim is in force by this machine's clock."""
        return (
            self.state is TicketState.CLAIMED
            and self.lease_until is not None
            and datetime.fromisoformat(self.lease_until) > datetime.now(UTC)
        )


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

        Without a state: everything that is not closed.
        """
        keys, redis = self.store.keys, self.store.redis
        if state is TicketState.CLOSED:
            ids = await self.store.call(redis.zrevrange(keys.tickets_closed, 0, limit - 1))
        else:
            ids = await self.store.call(redis.zrange(keys.tickets_open, 0, limit - 1 if state is None else -1))
        tickets = await self._read_all(ids)
        return tuple(ticket for ticket in tickets if state in (None, ticket.state))[:limit]

    async def count_open(self) -> dict[Urgency, int]:
        """Count the tickets that are not closed, by urgency."""
        key, counts = self.store.keys.tickets_open, {}
        for urgency in Urgency:
            counts[urgency] = int(await self.store.call(self.store.redis.zcount(key, *score_range(urgency))))
        return counts

    async def get(self, ticket: str) -> Ticket:
        """Return a ticket, or raise NotFound. For what a person sees, use `view`."""
        found = await self._read_all([ticket])
        if not found:
            raise NotFound
        return found[0]

    async def view(self, ticket: str, *, actor: str) -> Ticket:
        """Return a ticket to a person, with an `access` record that they saw it."""
        found = await self.get(ticket)
        await self.audit.append_operations(_access(found, actor, "escalation.view", self.store), [])
        return found

    async def claim(self, ticket: str, *, actor: str, lease_s: int = DEFAULT_LEASE_S) -> Claim:
        """Take a ticket for a time; raise Conflict when it is closed or somebody else holds it.

        Claiming again what one holds renews the lease and gives a new fence.
        """
        found = await self.get(ticket)
        operation: Operation = {
            "act": "claim", "key": self.store.keys.ticket(ticket), "actor": actor, "lease_ms": lease_s * 1000,
            "claimed": TicketState.CLAIMED.value, "closed": TicketState.CLOSED.value,
        }  # fmt: skip
        operations = [operation, self._event(found, "escalation", {"state": TicketState.CLAIMED.value})]
        receipt = await self.audit.append_operations(_access(found, actor, "escalation.claim", self.store), operations)
        return Claim(await self.get(ticket), receipt.ticket_fence or 0)

    async def reply(
        self, ticket: str, *, actor: str, fence: int, text: RedactedText, role: ClinicianRole = "nurse"
    ) -> Ticket:
        """Send a clinician's words to the patient; raise Conflict unless the claim `fence` is still in force."""
        found, now = await self.get(ticket), now_utc()
        message = StoredMessage(Author.CLINICIAN, text, now, turn_id=found.turn, role=role)
        keys, limits = self.store.keys, self.store.limits
        operations = [
            self._change(ticket, actor, fence, {"replied_at": found.replied_at or now}),
            add_message(message, found.conversation, keys, limits),
            *renew(found.conversation, keys, limits),
            self._event(found, "reply", {"text": text.text, "time": now, "role": role, "turn_id": found.turn}),
        ]
        return await self._step(found, actor, "escalation.reply", operations)

    async def release(self, ticket: str, *, actor: str, fence: int) -> Ticket:
        """Give a ticket back to the queue."""
        found = await self.get(ticket)
        fields = {"state": TicketState.OPEN.value, "holder": "", "lease_until_ms": "0"}
        operations = [
            self._change(ticket, actor, fence, fields),
            self._event(found, "escalation", {"state": TicketState.OPEN.value}),
        ]
        return await self._step(found, actor, "escalation.release", operations)

    async def close(self, ticket: str, *, actor: str, fence: int, disposition: str, guard_right: bool) -> Ticket:
        """Finish a ticket with what became of it, and whether the guard was right to hand it over."""
        found, keys = await self.get(ticket), self.store.keys
        fields = {
            "state": TicketState.CLOSED.value, "closed_at": now_utc(), "disposition": disposition,
            "guard_right": "yes" if guard_right else "no",
        }  # fmt: skip
        shelve = {"act": "shelve", "ticket": ticket, "open": keys.tickets_open, "closed": keys.tickets_closed}
        operations = [
            self._change(ticket, actor, fence, fields),
            shelve,
            self._event(found, "escalation", {"state": TicketState.CLOSED.value}),
        ]
        return await self._step(found, actor, "escalation.close", operations)

    async def _step(self, ticket: Ticket, actor: str, source: str, operations: builtins.list[Operation]) -> Ticket:
        await self.audit.append_operations(_access(ticket, actor, source, self.store), operations)
        return await self.get(ticket.id)

    def _change(self, ticket: str, actor: str, fence: int, fields: dict[str, str]) -> Operation:
        return {
            "act": "change", "key": self.store.keys.ticket(ticket), "actor": actor, "fence": str(fence),
            "claimed": TicketState.CLAIMED.value, "fields": fields,
        }  # fmt: skip

    def _event(self, ticket: Ticket, kind: str, data: dict[str, Any]) -> Operation:
        event = ConversationEvent(kind, {"escalation_id": ticket.id, **data})
        return publish(event, ticket.conversation, self.store.keys, self.store.limits)

    async def _read_all(self, ids: builtins.list[str]) -> builtins.list[Ticket]:
        if not ids:
            return []
        pipeline = self.store.redis.pipeline(transaction=False)
        for ticket in ids:
            pipeline.hgetall(self.store.keys.ticket(ticket))
        return [_ticket(fields) for fields in await self.store.call(pipeline.execute()) if fields]


def _access(ticket: Ticket, actor: str, source: str, store: Store) -> AuditEntry:
    return AuditEntry(
        phase=AuditPhase.ACCESS, tenant=store.keys.tenant, patient=ticket.patient, conversation=ticket.conversation,
        turn=ticket.turn, actor=actor, route=ticket.route or None, label=ticket.label or None, source=source,
    )  # fmt: skip


def _ticket(fields: dict[str, str]) -> Ticket:
    lease_ms, guard_right = int(fields["lease_until_ms"]), fields.get("guard_right")
    return Ticket(
        **{name: fields[name] for name in _TEXTS},
        urgency=Urgency(fields["urgency"]),
        context=tuple(as_redacted(text) for text in json.loads(fields["context"])),
        state=TicketState(fields["state"]),
        lease_until=datetime.fromtimestamp(lease_ms / 1000, UTC).isoformat() if lease_ms else None,
        fence=int(fields["fence"]),
        replied_at=fields.get("replied_at"),
        closed_at=fields.get("closed_at"),
        disposition=fields.get("disposition"),
        guard_right=None if guard_right is None else guard_right == "yes",
    )


_TEXTS = ("id", "conversation", "turn", "patient", "route", "label", "opened_at", "reply_by", "holder")
