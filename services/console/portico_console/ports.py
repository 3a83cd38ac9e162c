"""What the console needs from the rest of Portico: a desk of tickets, and somebody who knows who holds a token.

`redis_desk` is the real desk; the tests hold one in memory. Texts are redacted: placeholders stand for identifiers.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from portico_core.errors import Forbidden
from portico_core.labels import Author, Label, Role, Route, TicketState, Urgency, VerdictSource
from portico_core.turn import Suggestion
from portico_state.break_glass import GlassReason
from portico_state.deliveries import DeadLetter
from portico_state.escalations import TakeOverReason
from portico_state.reviews import DraftReview

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
        return self.role in {Role.CLINICIAN, Role.SUPERVISOR}

    def may_audit(self) -> bool:
        """Say whether this person may search and export the audit records."""
        return self.role is Role.COMPLIANCE

    def may_supervise(self) -> bool:
        """Say whether this person may see who has how much to do."""
        return self.role is Role.SUPERVISOR


class Refused(StrEnum):
    """Why a sign-in was refused; a closed set, so that it can be counted."""

    NOT_PROVEN = "not_proven"  # No token or return of a sign-in that holds; nobody knows whose.
    WEAK = "weak"  # Without a second factor.
    NO_ROLE = "no_role"


class NotLetIn(Forbidden):
    """A person whom the identity server knows may not come in; `subject` is its name of them and in no message."""

    def __init__(self, why: Refused, subject: str) -> None:
        super().__init__()
        self.why, self.subject = why, subject


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
    pool: str = ""
    next_reply_by: datetime | None = None
    resolve_by: datetime | None = None
    more: int = 0

    @property
    def at_risk_at(self) -> datetime:
        """Return when the clock that runs now ends: the first reply's, the next reply's, or the resolution's."""
        if self.replied_at is None:
            return self.reply_by
        return self.next_reply_by or self.resolve_by or self.reply_by


@dataclass(frozen=True, slots=True)
class Choice:
    """What a member of staff narrowed the routine part of the inbox to; nothing narrows what is urgent."""

    pool: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class InboxView:
    """One page of the inbox, what is at risk first; `pinned` and `routine` count the whole of it."""

    rows: tuple[TicketRow, ...]
    page: int
    pages: int
    pinned: int
    routine: int


@dataclass(frozen=True, slots=True)
class NoteLine:
    """What the staff noted, or what a step left behind; the patient never sees it. `text` is redacted."""

    actor: str
    time: datetime
    text: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Who else has a ticket open, and whether they are writing a reply."""

    name: str
    writing: bool


@dataclass(frozen=True, slots=True)
class GuardReview:
    """What a reviewer says the guard should have said; equal to what it said where it was right."""

    label: Label
    route: Route
    draft: DraftReview | None = None

    def says_as(self, label: Label, route: Route) -> bool:
        """Say whether the guard, which gave these two, was right."""
        return (self.label, self.route) == (label, route)


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
    """Everything a clinician sees of a ticket. `fence` belongs to the claim in force and goes with every step.

    Until `glass_until` whoever looks may see the identifiers, because they broke the glass.
    """

    row: TicketRow
    lines: tuple[Line, ...]
    judgement: Judgement | None
    fence: int
    lease_until: datetime | None = None
    disposition: str | None = None
    route: Route = Route.ESCALATE
    notes: tuple[NoteLine, ...] = ()
    joined: tuple[TicketRow, ...] = ()
    guard_right: bool | None = None
    suggestion: Suggestion | None = None
    glass_until: datetime | None = None

    @property
    def draft(self) -> str:
        """Return the words of the suggested draft; empty where there is none."""
        if self.suggestion is None or self.suggestion.draft is None:
            return ""
        return " ".join(sentence.text for sentence in self.suggestion.draft.sentences)


@dataclass(frozen=True, slots=True)
class Announcements:
    """How many notifications wait, and those that were given up."""

    waiting: int
    dead: tuple[DeadLetter, ...]


class TicketDesk(Protocol):
    """The tickets of one site. Every step, and every look at a ticket, leaves an `access` record in the audit chain.

    So does a line of the inbox that a person has not seen within the hour. The presence of others says nothing of a
    patient and leaves none.
    """

    async def inbox(self, page: int, *, only: Choice, actor: str) -> InboxView:
        """Return a page of what is not closed. Raises StateUnavailable."""

    async def get(self, ticket: str, *, actor: str) -> TicketView:
        """Return a ticket; raise NotFound."""

    async def show_identifiers(self, ticket: str, *, actor: str) -> Mapping[str, str]:
        """Return what the placeholders of the conversation stand for; empty where they were destroyed.

        Raises Forbidden for who neither holds the ticket nor broke the glass.
        """

    async def break_glass(self, ticket: str, *, actor: str, reason: GlassReason, text: str) -> None:
        """Let somebody who does not hold a ticket see its identifiers for some minutes, in an emergency."""

    async def claim(self, ticket: str, *, actor: str, take_over: TakeOverReason | None = None) -> None:
        """Take a ticket for a time; raise Conflict when it is closed, or held and no reason to take it over given."""

    async def reply(self, ticket: str, *, actor: str, fence: int, text: str, profession: Profession) -> None:
        """Send words to the patient; raise Conflict unless the claim is still in force."""

    async def note(self, ticket: str, *, actor: str, text: str) -> None:
        """Note something for the staff."""

    async def release(self, ticket: str, *, actor: str, fence: int) -> None:
        """Give a ticket back to the queue; raise Conflict unless the claim is still in force."""

    async def hand_over(self, ticket: str, *, actor: str, fence: int, pool: str, text: str) -> None:
        """Give a ticket to another pool; raise Conflict unless the claim is still in force."""

    async def close(
        self, ticket: str, *, actor: str, fence: int, disposition: Disposition, review: GuardReview
    ) -> None:
        """Finish a ticket; raise Conflict unless the claim is still in force."""

    async def review(self, ticket: str, *, actor: str, review: GuardReview) -> None:
        """Keep what a further reviewer says of the guard."""

    async def announcements(self) -> Announcements:
        """Return what waits to be announced, and what was given up."""

    async def announce_again(self, delivery: str, *, actor: str) -> None:
        """Send a notification again that was given up; raise Conflict when it is not given up any more."""

    async def show_presence(self, ticket: str, *, member: Member, writing: bool) -> None:
        """Let others see for some seconds that this person has the ticket open, or writes a reply."""

    async def others(self, ticket: str, *, member: Member) -> tuple[Presence, ...]:
        """Return who else has the ticket open."""


Authenticate = Callable[[str], Awaitable[Member]]
"""From an access token to its holder; raises Unauthenticated, or NotLetIn for somebody who is not staff."""

DemoToken = Callable[[Role], Awaitable[str]]
"""A token of a made-up member of staff from the development issuer; demo mode only."""
