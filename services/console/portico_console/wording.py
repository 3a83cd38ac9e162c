"""The console's words: how labels, times and dispositions read to a clinician, and the order of the inbox."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portico_console.ports import Disposition, TicketRow
from portico_core.labels import Author, Label, TicketState, Urgency

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
    "sent": "Your reply was sent. The patient sees it now.",
    "closed": "The ticket is closed.",
    "taken": "Somebody else holds this ticket, or it is closed. Nothing was changed.",
    "claim_lost": "Your claim has run out, so nothing was sent. Claim the ticket again; your words are kept below.",
    "empty_reply": "The reply is empty. Please write something before sending.",
    "incomplete_close": "Please say what became of the ticket and whether the guard was right.",
}
PINNED = (Urgency.IMMEDIATE, Urgency.URGENT)
_RANK = {urgency: rank for rank, urgency in enumerate(Urgency)}


def order_rows(rows: Iterable[TicketRow]) -> list[TicketRow]:
    """Put immediate before urgent before routine; within each, what is due first comes first."""
    return sorted(rows, key=lambda row: (_RANK[row.urgency], row.reply_by, row.id))


def describe_due(row: TicketRow, now: datetime) -> str:
    """Say how long is left to reply, or how late the reply is."""
    if row.replied_at is not None:
        return "Replied"
    left = row.reply_by - now
    return f"{describe_span(-left)} late" if left < timedelta() else f"{describe_span(left)} left"


def describe_span(span: timedelta) -> str:
    """Say a span in its two largest units, cut and not rounded: 59 seconds left are no minute."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def is_late(row: TicketRow, now: datetime) -> bool:
    """Say whether a reply is overdue."""
    return row.replied_at is None and row.reply_by < now


def describe_holder(row: TicketRow, actor: str) -> str:
    """Say who has a ticket: `You`, the other person's id, or nobody."""
    if row.state is not TicketState.CLAIMED or not row.holder:
        return ""
    return "You" if row.holder == actor else row.holder.partition(":")[2]
