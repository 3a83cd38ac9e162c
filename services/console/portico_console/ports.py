"""What the console needs from the rest of Portico: a desk of tickets, and somebody who knows who holds a token.

`redis_desk` is the real desk; the tests hold one in memory. Texts are redacted: placeholders stand for identifiers.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from portico_core.labels import Author, Label, Role, TicketState, Urgency, VerdictSource

Profession = Literal["nurse", "physician", "pharmacist", "staff"]


class Disposition(StrEnum):
    """What became of a ticket; a closed set, so that it can be counted."""

    ANSWERED = "answered"
    CALLED = "called"
    VISIT_BOOKED = "visit_booked"
    EMERGENCY_CARE = "emergency_care"
    NO_ACTION = "no_action"


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in member of staff; `subject` is unique and goes into every audit record."""

    subject: str
    name: str
    role: Role
    profession: Profession = "staff"

    @property
    def actor(self) -> str:
        """Return the name under which this person stands in audit records and on claims."""
        return f"{self.role.value}:{self.subject}"

    def may_act(self) -> bool:
        """Say whether this person may claim, reply and close; compliance staff only look."""
        return self.role is Role.CLINICIAN


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A line of the inbox; it holds nothing that anybody wrote. `holder` is an actor, or empty."""

    id: str
    urgency: Urgency
    label: Label
    state: TicketState
    opened_at: datetime
    reply_by: datetime
    holder: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A redacted message of the conversation. `turn_id` tells which line opened the ticket."""

    author: Author
    text: str
    time: datetime | None = None
    profession: Profession | None = None
    opened_ticket: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why the message came here: `decider` is the model's version or the rule's name."""

    label: Label
    confidence: float
    scores: Mapping[Label, float]
    source: VerdictSource
    decider: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """Everything a clinician sees of a ticket. `fence` belongs to the claim in force and goes with every step."""

    row: TicketRow
    lines: tuple[Line, ...]
    judgement: Judgement | None
    fence: int
    lease_until: datetime | None = None
    disposition: str | None = None


class TicketDesk(Protocol):
    """The tickets of one site. Every method but `list_open` leaves an `access` record in the audit chain."""

    async def list_open(self) -> tuple[TicketRow, ...]:
        """Return what is not closed. Raises StateUnavailable."""

    async def get(self, ticket: str, *, actor: str) -> TicketView:
        """Return a ticket; raise NotFound."""

    async def claim(self, ticket: str, *, actor: str) -> None:
        """Take a ticket for a time; raise Conflict when somebody else holds it or it is closed."""

    async def reply(self, ticket: str, *, actor: str, fence: int, text: str, profession: Profession) -> None:
        """Send words to the patient; raise Conflict unless the claim is still in force."""

    async def close(self, ticket: str, *, actor: str, fence: int, disposition: Disposition, guard_right: bool) -> None:
        """Finish a ticket; raise Conflict unless the claim is still in force."""


Authenticate = Callable[[str], Awaitable[Member]]
"""From an access token to its holder; raises Unauthenticated, or Forbidden for somebody who is not staff."""

DemoToken = Callable[[], Awaitable[str]]
"""A clinician's token from the development issuer; demo mode only."""
