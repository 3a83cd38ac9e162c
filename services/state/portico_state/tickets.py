"""A ticket as it is stored, and the line of it that stands in the inbox."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from portico_core.labels import TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.stored_text import as_redacted


@dataclass(frozen=True, slots=True)
class Ticket:
    """An escalation. Times are RFC 3339 UTC; `fence` counts its claims; `state` as stored (see `is_held`).

    `folded` counts the patient's further routine messages that joined this ticket; `folded_into` names the ticket that
    this one joined. Three clocks: `reply_by`, `next_reply_by` once the patient wrote again, `resolve_by`.
    """

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
    pool: str = ""
    next_reply_by: str | None = None
    resolve_by: str | None = None
    folded: int = 0
    folded_into: str | None = None

    def is_held(self) -> bool:
        """Say whether somebody's claim is in force by this machine's clock."""
        return (
            self.state is TicketState.CLAIMED
            and self.lease_until is not None
            and datetime.fromisoformat(self.lease_until) > datetime.now(UTC)
        )


# What a line of the inbox needs; the words of a ticket are not read for it.
ROW_FIELDS = (
    "id", "conversation", "turn", "patient", "urgency", "route", "label", "opened_at", "reply_by", "state", "holder",
    "lease_until_ms", "fence", "replied_at", "closed_at", "disposition", "guard_right", "pool", "next_reply_by",
    "resolve_by", "folded", "folded_into",
)  # fmt: skip
_TEXTS = ("id", "conversation", "turn", "patient", "route", "label", "opened_at", "reply_by", "holder")


def read_ticket(fields: dict[str, str]) -> Ticket:
    """Return a ticket from its stored fields; without `context` the words are left out."""
    lease_ms, guard_right = int(fields["lease_until_ms"]), fields.get("guard_right")
    return Ticket(
        **{name: fields[name] for name in _TEXTS},
        replied_at=fields.get("replied_at"),
        closed_at=fields.get("closed_at"),
        disposition=fields.get("disposition"),
        next_reply_by=fields.get("next_reply_by") or None,
        resolve_by=fields.get("resolve_by") or None,
        folded_into=fields.get("folded_into"),
        urgency=Urgency(fields["urgency"]),
        context=tuple(as_redacted(text) for text in json.loads(fields.get("context", "[]"))),
        state=TicketState(fields["state"]),
        lease_until=datetime.fromtimestamp(lease_ms / 1000, UTC).isoformat() if lease_ms else None,
        fence=int(fields["fence"]),
        guard_right=None if guard_right is None else guard_right == "yes",
        pool=fields.get("pool", ""),
        folded=int(fields.get("folded", "0")),
    )
