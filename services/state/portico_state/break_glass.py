"""Breaking the glass: identifiers for a member of staff who does not hold the ticket, in an emergency (ADR 34).

A grant is for one person and one ticket, and ends by itself. Its reason is of a closed set, its words are redacted;
both stand as a note on the ticket and in the list that compliance staff see. It comes into force in the step of its
own audit record, and each use of it is another record.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from portico_core.text import RedactedText
from portico_state.client import Store
from portico_state.effects import Operation, holder_key
from portico_state.identifiers import parse_time
from portico_state.keys import Keys

LISTED_MOST = 500


class GlassReason(StrEnum):
    """What the emergency is; a closed set, so that it can be counted."""

    LIFE_AT_RISK = "life_at_risk"
    HOLDER_UNREACHABLE = "holder_unreachable"
    PATIENT_IN_NEED = "patient_in_need"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who broke the glass of which ticket and why; times are RFC 3339 UTC, `text` is redacted."""

    actor: str
    ticket: str
    reason: str
    text: str
    given_at: str
    until: str

    def is_open(self, now: datetime) -> bool:
        """Say whether it is in force."""
        return parse_time(self.until) > now


def make_grant(
    ticket: str, *, actor: str, reason: GlassReason, text: RedactedText, minutes: float, now: datetime
) -> Grant:
    """Return a grant that begins now."""
    ends = now + timedelta(minutes=minutes)
    return Grant(actor, ticket, reason.value, text.text, now.isoformat(), ends.isoformat())


def grant_operations(grant: Grant, keys: Keys) -> list[Operation]:
    """Return the commands that put a grant in force and on the list, in the step of its audit record."""
    value = json.dumps(asdict(grant))
    return [
        {"act": "present", "key": keys.ticket(grant.ticket)},
        {"act": "set", "key": keys.broken_glass(grant.ticket), "field": holder_key(grant.actor), "value": value},
        {"act": "push", "key": keys.broken_glasses, "value": value, "keep": LISTED_MOST},
    ]


async def open_grant(store: Store, ticket: str, *, actor: str, now: datetime | None = None) -> Grant | None:
    """Return the grant in force of a person for a ticket; None where there is none."""
    stored = await store.call(store.redis.hget(store.keys.broken_glass(ticket), holder_key(actor)))
    grant = None if stored is None else Grant(**json.loads(stored))
    return grant if grant is not None and grant.is_open(now or datetime.now(UTC)) else None


async def read_grants(store: Store, *, most: int = 50) -> tuple[Grant, ...]:
    """Return the last grants, the newest first."""
    stored = await store.call(store.redis.lrange(store.keys.broken_glasses, -most, -1))
    return tuple(Grant(**json.loads(value)) for value in reversed(stored))
