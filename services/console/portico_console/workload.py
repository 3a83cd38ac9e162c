"""Who has how much to do and what is late, counted from tickets; nothing of it is what a patient wrote."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from portico_core.labels import Urgency
from portico_state.identifiers import parse_time
from portico_state.tickets import Ticket

DAYS = 7
_LATE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Load:
    """The open tickets of one person (an actor) or pool; `late` ones have run over the clock that runs now."""

    name: str
    tickets: int
    late: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class LateTicket:
    """An open ticket past its clock; `holder` is an actor, or empty."""

    id: str
    urgency: Urgency
    due: datetime
    holder: str
    pool: str


@dataclass(frozen=True, slots=True)
class Workload:
    """The open work, and how first replies went to tickets of the last `DAYS` days."""

    people: tuple[Load, ...]
    pools: tuple[Load, ...]
    late: tuple[LateTicket, ...]
    open: int
    unclaimed: int
    late_count: int
    replied: int
    replied_late: int
    median_reply: timedelta | None


def count_workload(waiting: Iterable[Ticket], closed: Iterable[Ticket], *, now: datetime) -> Workload:
    """Count open tickets by who holds them and by pool; most late first, then most tickets."""
    waiting = tuple(waiting)
    people, pools = defaultdict[str, list[Ticket]](list), defaultdict[str, list[Ticket]](list)
    for ticket in waiting:
        pools[ticket.pool].append(ticket)
        if ticket.is_held():
            people[ticket.holder].append(ticket)
    late = sorted((ticket for ticket in waiting if _is_late(ticket, now)), key=_due)
    recent = [ticket for ticket in (*waiting, *closed) if parse_time(ticket.opened_at) > now - timedelta(days=DAYS)]
    replied_s = [seconds for seconds in map(_replied_after_s, recent) if seconds is not None]
    return Workload(
        people=_loads(people, now),
        pools=_loads(pools, now),
        late=tuple(_late(ticket) for ticket in late[:_LATE_SHOWN]),
        open=len(waiting),
        unclaimed=len(waiting) - sum(len(tickets) for tickets in people.values()),
        late_count=len(late),
        replied=len(replied_s),
        replied_late=sum(_was_late(ticket) for ticket in recent),
        median_reply=timedelta(seconds=median(replied_s)) if replied_s else None,
    )


def _loads(tickets: Mapping[str, list[Ticket]], now: datetime) -> tuple[Load, ...]:
    loads = [
        Load(name, len(each), sum(_is_late(ticket, now) for ticket in each), min(parse_time(t.opened_at) for t in each))
        for name, each in tickets.items()
    ]
    return tuple(sorted(loads, key=lambda load: (-load.late, -load.tickets, load.name)))


def _due(ticket: Ticket) -> datetime:
    """Return when the clock that runs now ends: the first reply's, the next reply's, or the resolution's."""
    running = ticket.reply_by if ticket.replied_at is None else ticket.next_reply_by or ticket.resolve_by
    return parse_time(running or ticket.reply_by)


def _is_late(ticket: Ticket, now: datetime) -> bool:
    """Say whether a clock has run out; where a reply was sent and a site has no further clock, none runs."""
    stopped = ticket.replied_at is not None and not ticket.next_reply_by and not ticket.resolve_by
    return not stopped and _due(ticket) < now


def _late(ticket: Ticket) -> LateTicket:
    holder = ticket.holder if ticket.is_held() else ""
    return LateTicket(ticket.id, ticket.urgency, _due(ticket), holder, ticket.pool)


def _replied_after_s(ticket: Ticket) -> float | None:
    if ticket.replied_at is None:
        return None
    return (parse_time(ticket.replied_at) - parse_time(ticket.opened_at)).total_seconds()


def _was_late(ticket: Ticket) -> bool:
    return ticket.replied_at is not None and parse_time(ticket.replied_at) > parse_time(ticket.reply_by)
