"""A desk of tickets in memory, with the same rules as the real one, for the console's own tests."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

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
    NotLetIn,
    Presence,
    Profession,
    Refused,
    TicketRow,
    TicketView,
)
from portico_console.sessions import Sessions
from portico_core.errors import AuditUnavailable, Conflict, Forbidden, NotFound, Unauthenticated
from portico_core.labels import Author, Label, Role, Route, SessionEvent, TicketState, Urgency, VerdictSource
from portico_core.turn import AnswerSentence, AnswerView, SuggestedPassage, Suggestion
from portico_state.break_glass import GlassReason
from portico_state.deliveries import DeadLetter
from portico_state.escalations import NoteKind, TakeOverReason

NOW = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
DANA = Member("dana", "Dana Whitfield", Role.CLINICIAN, "nurse")
SAM = Member("sam", "Sam Okafor", Role.CLINICIAN, "physician")
LEE = Member("lee", "Lee Osei", Role.COMPLIANCE)
MIRA = Member("mira", "Mira Castellanos", Role.SUPERVISOR, "nurse")
STAFF = {"token-dana": DANA, "token-sam": SAM, "token-lee": LEE, "token-mira": MIRA}


async def authenticate(token: str) -> Member:
    """Know four members of staff by their tokens, and one patient who may not come in."""
    if token == "token-patient":
        raise NotLetIn(Refused.NO_ROLE, "pat-1")
    if token not in STAFF:
        raise Unauthenticated
    return STAFF[token]


async def demo_token(role: Role) -> str:
    """Return the token of a role's made-up member of staff, as the development issuer would."""
    return next(token for token, member in STAFF.items() if member.role is role)


PAGE_ROWS = 50


@dataclass
class MemorySessions:
    """Sessions in memory, with the rules of the real store; it forgets nothing by itself."""

    kept: dict[str, str] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)

    async def read(self, key: str) -> str | None:
        return self.kept.get(key)

    async def write(self, key: str, value: str, *, ends_at: float, fresh: bool) -> None:
        if fresh or key in self.kept:
            self.kept[key], self.ends[key] = value, ends_at

    async def remove(self, key: str) -> bool:
        self.ends.pop(key, None)
        return self.kept.pop(key, None) is not None

    async def over(self, now: float) -> list[str]:
        return [key for key, ends_at in self.ends.items() if ends_at < now]


@dataclass
class MemoryJournal:
    """What happened to sessions, in order; `fails` says that nothing can be recorded."""

    noted: list[str] = field(default_factory=list)
    fails: bool = False

    async def opened(self, member: Member) -> None:
        if self.fails:
            raise AuditUnavailable
        self.noted.append(f"opened {member.actor}")

    async def ended(self, member: Member, event: SessionEvent) -> None:
        self.noted.append(f"{event.value} {member.actor}")

    async def refused(self, why: Refused, subject: str = "") -> None:
        if self.fails:
            raise AuditUnavailable
        self.noted.append(f"refused {why.value} {subject}".rstrip())


def new_sessions(journal: MemoryJournal | None = None) -> Sessions:
    """Return sessions of one console and its test."""
    return Sessions(MemorySessions(), journal or MemoryJournal())


@dataclass
class MemoryDesk:
    """Tickets by id, and who did what to which."""

    tickets: dict[str, TicketView] = field(default_factory=dict)
    access: list[tuple[str, str, str]] = field(default_factory=list)
    reviews: dict[str, GuardReview] = field(default_factory=dict)
    here: dict[str, Presence] = field(default_factory=dict)
    dead: list[DeadLetter] = field(default_factory=list)
    glass: dict[tuple[str, str], datetime] = field(default_factory=dict)
    revealed: dict[str, str] = field(default_factory=lambda: {"[NAME_1]": "Jordan Rivera", "[DATE_1]": "March 9, 1984"})

    async def inbox(self, page: int, *, only: Choice, actor: str) -> InboxView:
        rank = {urgency: place for place, urgency in enumerate(Urgency)}
        rows = [view.row for view in self.tickets.values() if view.row.state is not TicketState.CLOSED]
        rows.sort(key=lambda each: (rank[each.urgency], each.at_risk_at))
        urgent = [each for each in rows if each.urgency is not Urgency.ROUTINE]
        routine = [each for each in rows if each.urgency is Urgency.ROUTINE and only.pool in ("", each.pool)]
        routine = [each for each in routine if not only.mine or each.holder == actor]
        pages = max(1, -(-(len(urgent) + len(routine)) // PAGE_ROWS))
        page = min(max(page, 1), pages)
        shown = [*urgent, *routine][(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        return InboxView(tuple(shown), page, pages, len(urgent), len(routine))

    async def get(self, ticket: str, *, actor: str) -> TicketView:
        self._note(ticket, actor, "view")
        return replace(self.tickets[ticket], glass_until=self.glass.get((ticket, actor)))

    async def show_identifiers(self, ticket: str, *, actor: str) -> dict[str, str]:
        view = self.tickets[ticket]
        held = view.row.state is TicketState.CLAIMED and view.row.holder == actor
        if not held and (ticket, actor) not in self.glass:
            raise Forbidden
        self._note(ticket, actor, "reveal" if held else "look through broken glass")
        return self.revealed

    async def break_glass(self, ticket: str, *, actor: str, reason: GlassReason, text: str) -> None:
        self._note(ticket, actor, f"break glass: {reason.value}")
        self.tickets[ticket] = self._add(
            self.tickets[ticket], NoteLine(actor, NOW, text, NoteKind.BREAK_GLASS, reason.value)
        )
        self.glass[ticket, actor] = NOW + timedelta(minutes=15)

    async def claim(self, ticket: str, *, actor: str, take_over: TakeOverReason | None = None) -> None:
        self._note(ticket, actor, "claim")
        view = self.tickets[ticket]
        if view.row.state is TicketState.CLOSED or (view.row.holder not in {"", actor} and take_over is None):
            raise Conflict
        if view.row.holder not in {"", actor}:
            view = self._add(view, NoteLine(actor, NOW, "", NoteKind.TAKE_OVER, str(take_over)))
        row = replace(view.row, state=TicketState.CLAIMED, holder=actor)
        self.tickets[ticket] = replace(view, row=row, fence=view.fence + 1, lease_until=NOW + timedelta(minutes=15))

    async def reply(self, ticket: str, *, actor: str, fence: int, text: str, profession: Profession) -> None:
        view = self._held(ticket, actor, fence, "reply")
        line = Line(Author.CLINICIAN, text, NOW, profession)
        row = replace(view.row, replied_at=NOW)
        self.tickets[ticket] = replace(view, row=row, lines=(*view.lines, line))

    async def note(self, ticket: str, *, actor: str, text: str) -> None:
        self._note(ticket, actor, "note")
        self.tickets[ticket] = self._add(self.tickets[ticket], NoteLine(actor, NOW, text, NoteKind.WORDS, ""))

    async def release(self, ticket: str, *, actor: str, fence: int) -> None:
        view = self._held(ticket, actor, fence, "release")
        self.tickets[ticket] = replace(view, row=replace(view.row, state=TicketState.OPEN, holder=""))

    async def hand_over(self, ticket: str, *, actor: str, fence: int, pool: str, text: str) -> None:
        view = self._held(ticket, actor, fence, "hand over")
        view = self._add(view, NoteLine(actor, NOW, text, NoteKind.HAND_OVER, pool))
        self.tickets[ticket] = replace(view, row=replace(view.row, state=TicketState.OPEN, holder="", pool=pool))

    async def close(
        self, ticket: str, *, actor: str, fence: int, disposition: Disposition, review: GuardReview
    ) -> None:
        view = self._held(ticket, actor, fence, "close")
        self.reviews[ticket] = review
        row = replace(view.row, state=TicketState.CLOSED)
        right = review.says_as(view.row.label, view.route)
        self.tickets[ticket] = replace(view, row=row, disposition=disposition.value, guard_right=right)

    async def review(self, ticket: str, *, actor: str, review: GuardReview) -> None:
        self._note(ticket, actor, "review")
        self.reviews[f"{ticket} {actor}"] = review

    async def announcements(self) -> Announcements:
        return Announcements(0, tuple(self.dead))

    async def announce_again(self, delivery: str, *, actor: str) -> None:
        found = [letter for letter in self.dead if letter.id == delivery]
        if not found:
            raise Conflict
        self.access.append((delivery, actor, "announce"))
        self.dead.remove(found[0])

    async def show_presence(self, ticket: str, *, member: Member, writing: bool) -> None:
        self.here[member.actor] = Presence(member.name, writing)

    async def others(self, ticket: str, *, member: Member) -> tuple[Presence, ...]:
        return tuple(presence for actor, presence in self.here.items() if actor != member.actor)

    def lose_claim(self, ticket: str) -> None:
        """Let somebody else claim the ticket after the lease ran out."""
        view = self.tickets[ticket]
        self.tickets[ticket] = replace(view, row=replace(view.row, holder=SAM.actor), fence=view.fence + 1)

    def _add(self, view: TicketView, note: NoteLine) -> TicketView:
        return replace(view, notes=(*view.notes, note))

    def _held(self, ticket: str, actor: str, fence: int, step: str) -> TicketView:
        self._note(ticket, actor, step)
        view = self.tickets[ticket]
        if view.row.state is not TicketState.CLAIMED or view.row.holder != actor or view.fence != fence:
            raise Conflict
        return view

    def _note(self, ticket: str, actor: str, step: str) -> None:
        if ticket not in self.tickets:
            raise NotFound
        self.access.append((ticket, actor, step))


def row(ticket: str, urgency: Urgency, label: Label, *, opened_min: int, due_min: int) -> TicketRow:
    """Return a row opened so many minutes ago and due in so many."""
    opened, due = NOW - timedelta(minutes=opened_min), NOW + timedelta(minutes=due_min)
    return TicketRow(ticket, urgency, label, TicketState.OPEN, opened, due)


SUGGESTION = Suggestion(
    passages=[
        SuggestedPassage(
            id="medicine.lisinopril#taking",
            title="Lisinopril",
            section="How to take it",
            url="https://medlineplus.gov/druginfo/meds/a692051.html",
            text="Lisinopril is usually taken once a day. Take it at around the same time every day.",
            reviewed=False,
        ),
        SuggestedPassage(
            id="medicine.lisinopril#missed-dose",
            title="Lisinopril",
            section="If a dose is missed",
            url="https://medlineplus.gov/druginfo/meds/a692051.html",
            text="A double dose is not taken to make up for a missed one.",
            reviewed=True,
        ),
    ],
    draft=AnswerView(
        sentences=[
            AnswerSentence(text="Lisinopril is usually taken once a day.", citations=[1]),
            AnswerSentence(text="A double dose is not taken to make up for a missed one.", citations=[2]),
        ],
        citations=[],
        reading_grade=5.1,
    ),
)
LETTER = DeadLetter("dlv-t-dose", "t-dose", Urgency.ROUTINE, NOW.isoformat(), 12, "late")


def desk_with_tickets() -> MemoryDesk:
    """Return a desk as on a busy afternoon."""
    dose = row("t-dose", Urgency.ROUTINE, Label.CLINICIAN, opened_min=95, due_min=1345)
    rows = [
        replace(dose, more=2, resolve_by=NOW + timedelta(days=3)),
        row("t-late", Urgency.ROUTINE, Label.CLINICIAN, opened_min=1502, due_min=-62),
        row("t-stroke", Urgency.URGENT, Label.EMERGENCY, opened_min=6, due_min=54),
        row("t-crisis", Urgency.IMMEDIATE, Label.CRISIS, opened_min=2, due_min=13),
    ]
    return MemoryDesk({each.id: _view(each) for each in rows})


def _view(each: TicketRow) -> TicketView:
    by_rule = each.label in {Label.EMERGENCY, Label.CRISIS}
    source = VerdictSource.RULE if by_rule else VerdictSource.MODEL
    scores = dict.fromkeys(Label, 0.02) | {Label.CLINICIAN: 0.87, Label.INFORMATIONAL: 0.05}
    decider = "red-flags/2026-11" if by_rule else "safety_classifier/3"
    judgement = Judgement(each.label, 1.0 if by_rule else 0.87, {} if by_rule else scores, source, decider)
    suggestion = SUGGESTION if each.label is Label.CLINICIAN else None
    return TicketView(each, _LINES[each.label], judgement, fence=0, route=_ROUTES[each.label], suggestion=suggestion)


_ROUTES = {Label.CLINICIAN: Route.ESCALATE, Label.EMERGENCY: Route.EMERGENCY, Label.CRISIS: Route.CRISIS}
_LINES = {
    Label.CLINICIAN: (
        Line(Author.PATIENT, "What is lisinopril used for?", NOW - timedelta(minutes=99)),
        Line(
            Author.ASSISTANT, "Lisinopril is a medicine that lowers high blood pressure.", NOW - timedelta(minutes=99)
        ),
        Line(
            Author.PATIENT,
            "I am [NAME_1], born [DATE_1]. Should I double my lisinopril tonight? My pressure was 160",
            NOW - timedelta(minutes=95),
            opened_ticket=True,
        ),
        Line(
            Author.ASSISTANT,
            "This is a question for your care team, so I have passed it on to a person. They will reply here.",
            NOW - timedelta(minutes=95),
        ),
    ),
    Label.EMERGENCY: (
        Line(
            Author.PATIENT,
            "my husband's face is drooping and he can't lift his arm",
            NOW - timedelta(minutes=6),
            opened_ticket=True,
        ),
    ),
    Label.CRISIS: (
        Line(
            Author.PATIENT,
            "i dont want to be alive anymore, i have pills here",
            NOW - timedelta(minutes=2),
            opened_ticket=True,
        ),
    ),
}
