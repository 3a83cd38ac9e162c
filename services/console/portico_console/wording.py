"""The console's words: how labels, times and dispositions read to a clinician."""

from datetime import UTC, datetime, timedelta

from portico_console.ports import Disposition, NoteLine, TicketRow
from portico_core.labels import AuditPhase, Author, ChainState, Label, Route, TicketState, Urgency
from portico_core.language import language_of_text
from portico_state.break_glass import GlassReason
from portico_state.escalations import NoteKind, TakeOverReason
from portico_state.reviews import DraftFit

LABELS: dict[Label, str] = {
    Label.INFORMATIONAL: "General question",
    Label.CLINICIAN: "Needs clinical judgement",
    Label.EMERGENCY: "Signs of an emergency",
    Label.CRISIS: "Crisis",
    Label.ATTACK: "Misuse",
    Label.OUT_OF_SCOPE: "Outside health",
}
URGENCIES: dict[Urgency, str] = {
    Urgency.IMMEDIATE: "Immediate",
    Urgency.URGENT: "Urgent",
    Urgency.ROUTINE: "Routine",
}
STATES: dict[TicketState, str] = {
    TicketState.OPEN: "Waiting",
    TicketState.CLAIMED: "Claimed",
    TicketState.CLOSED: "Closed",
}
AUTHORS: dict[Author, str] = {
    Author.PATIENT: "Patient",
    Author.ASSISTANT: "Assistant (AI)",
    Author.CLINICIAN: "Care team",
}
DISPOSITIONS: dict[Disposition, str] = {
    Disposition.ANSWERED: "Answered here",
    Disposition.CALLED: "Called the patient",
    Disposition.VISIT_BOOKED: "Visit booked",
    Disposition.EMERGENCY_CARE: "Sent to emergency care",
    Disposition.NO_ACTION: "No action needed",
}
NOTICES: dict[str, str] = {
    "claimed": "This ticket is yours for 15 minutes. Sending a reply does not end the claim.",
    "noted": "The note is kept. The patient does not see it.",
    "released": "The ticket is back in the queue.",
    "handed_over": "The ticket was handed over.",
    "reviewed": "Thank you. Your opinion is kept beside the first.",
    "revealed": "The identifiers are shown below, once. That you looked is recorded.",
    "not_held": "Identifiers are for who holds the ticket, and you do not. Claim it first.",
    "glass_broken": "You may see the identifiers of this ticket for some minutes. Compliance staff are told of it.",
    "no_emergency": "Please choose what the emergency is and say it in your words.",
    "announced_again": "It is being sent again.",
    "announced_already": "It is being sent already. Nothing was changed.",
    "no_reason": "Please say why you take this ticket over.",
    "no_pool": "Please choose who should answer.",
    "empty_note": "The note is empty. Please write something before keeping it.",
    "sent": "Your reply was sent. The patient sees it now.",
    "closed": "The ticket is closed.",
    "taken": "Somebody else holds this ticket, or it is closed. Nothing was changed.",
    "claim_lost": "Your claim has run out, so nothing was sent. Claim the ticket again; your words are kept below.",
    "empty_reply": "The reply is empty. Please write something before sending.",
    "incomplete_close": (
        "Please say what became of the ticket and whether the guard was right. If it was not, say what it should have "
        "said, other than it did. A draft that needed changes needs them written."
    ),
}
ROUTES: dict[Route, str] = {
    Route.ANSWER: "Answer from approved material",
    Route.ESCALATE: "Hand to a person",
    Route.EMERGENCY: "Emergency text",
    Route.CRISIS: "Crisis text",
    Route.DECLINE: "Decline",
    Route.UNAVAILABLE: "Could not be judged",
}
REVIEWED_ROUTES = tuple(route for route in ROUTES if route is not Route.UNAVAILABLE)
FITS: dict[DraftFit, str] = {
    DraftFit.AS_IT_STANDS: "Yes, as it stands",
    DraftFit.AFTER_CHANGES: "Yes, after the changes below",
    DraftFit.NOT_FIT: "No",
}
REASONS: dict[TakeOverReason, str] = {
    TakeOverReason.COLLEAGUE_AWAY: "My colleague is away",
    TakeOverReason.MORE_URGENT: "It cannot wait",
    TakeOverReason.ASKED_TO: "I was asked to",
    TakeOverReason.SHIFT_ENDED: "Their shift has ended",
}
EMERGENCIES: dict[GlassReason, str] = {
    GlassReason.LIFE_AT_RISK: "Somebody's life may be at risk",
    GlassReason.HOLDER_UNREACHABLE: "Who holds the ticket cannot be reached",
    GlassReason.PATIENT_IN_NEED: "The patient is here or on the telephone, in need",
}
PHASES: dict[AuditPhase, str] = {
    AuditPhase.ACCEPTED: "Accepted",
    AuditPhase.DECIDED: "Decided",
    AuditPhase.REFUSED: "Refused",
    AuditPhase.ABANDONED: "Given up after a crash",
    AuditPhase.DELIVERED: "Delivered",
    AuditPhase.ACCESS: "Access",
}
CHAINS: dict[ChainState, str] = {
    ChainState.INTACT: "The chains hold",
    ChainState.BROKEN: "Tampered or incomplete",
    ChainState.UNVERIFIED: "Not verified yet",
}
PINNED = (Urgency.IMMEDIATE, Urgency.URGENT)


def clock_of(row: TicketRow) -> str:
    """Name the clock that runs now: until the first reply, the next one, or the end of the matter."""
    if row.replied_at is None:
        return "Reply"
    return "Next reply" if row.next_reply_by is not None else "Close"


def describe_due(row: TicketRow, now: datetime) -> str:
    """Say which clock runs and how long is left of it, or how late it is."""
    if row.replied_at is not None and row.next_reply_by is None and row.resolve_by is None:
        return "Replied"
    left = row.at_risk_at - now
    said = f"{describe_span(-left)} late" if left < timedelta() else f"{describe_span(left)} left"
    return said if row.replied_at is None else f"{clock_of(row)}: {said}"


def describe_note(note: NoteLine) -> str:
    """Say what a step left behind; nothing for somebody's own words."""
    match note.kind:
        case NoteKind.TAKE_OVER:
            return f"Took the ticket over: {REASONS[TakeOverReason(note.reason)].lower()}"
        case NoteKind.HAND_OVER:
            return f"Handed over to {note.reason}"
        case NoteKind.BREAK_GLASS:
            return f"Broke the glass: {EMERGENCIES[GlassReason(note.reason)]}"
        case _:
            return ""


def describe_span(span: timedelta) -> str:
    """Say a span in its two largest units, cut and not rounded (59 seconds left are no minute); none of it is zero."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def is_late(row: TicketRow, now: datetime) -> bool:
    """Say whether the clock that runs now has run out."""
    return row.at_risk_at < now and not (row.replied_at and row.next_reply_by is None and row.resolve_by is None)


def describe_holder(row: TicketRow, actor: str) -> str:
    """Say who has a ticket: `You`, the other person's id, or nobody."""
    if row.state is not TicketState.CLAIMED or not row.holder:
        return ""
    return "You" if row.holder == actor else row.holder.partition(":")[2]


def describe_state(row: TicketRow, actor: str) -> str:
    """Say where a ticket stands, and who has it."""
    holder = describe_holder(row, actor)
    return f"{STATES[row.state]} by {'you' if holder == 'You' else holder}" if holder else STATES[row.state]


def describe_actor(actor: str) -> str:
    """Say who an actor is: the person's id and their role; an empty one is nobody."""
    role, _, name = actor.partition(":")
    return f"{name}, {role}" if name else role or "nobody"


def lang_of(text: str) -> str:
    """Return the language tag that a text is clearly in, for who reads it aloud; else nothing."""
    return language_of_text(text) or ""


def moment_of(seconds: float) -> datetime:
    """Return the moment of a count of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
