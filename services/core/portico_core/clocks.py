"""The clocks of an escalation: when a person has replied, and when the matter is settled.

Routine clocks run while the clinic is open, where a site says when that is; immediate and urgent ones always run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portico_core.errors import ConfigurationError
from portico_core.labels import Urgency

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_CLOSURE_DAYS = 60


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When a clinic is open, in its own time zone; without days it is always open."""

    zone: tzinfo = UTC
    days: frozenset[int] = frozenset()
    opens: time = time(0)
    closes: time = time(0)
    holidays: frozenset[date] = frozenset()

    def add(self, start: datetime, hours: float) -> datetime:
        """Return the moment at which so many open hours have passed since `start`."""
        left = timedelta(hours=hours)
        if not self.days:
            return start + left
        day = start.astimezone(self.zone).date()
        for _ in range(_LONGEST_CLOSURE_DAYS + int(hours) + 1):
            opens, closes = self._open_on(day)
            begin = max(start, opens)
            if closes > begin:
                if begin + left <= closes:
                    return begin + left
                left -= closes - begin
            day += timedelta(days=1)
        raise ConfigurationError("the business hours leave no time in which anybody could reply")

    def is_open(self, moment: datetime) -> bool:
        """Say whether the clinic is open; without days it always is."""
        opens, closes = self._open_on(moment.astimezone(self.zone).date())
        return not self.days or opens <= moment < closes

    def _open_on(self, day: date) -> tuple[datetime, datetime]:
        """Return opening and closing of a day in UTC, which also takes the change of daylight saving into account."""
        closed = day.weekday() not in self.days or day in self.holidays
        opens = datetime.combine(day, self.opens, self.zone).astimezone(UTC)
        return opens, opens if closed else datetime.combine(day, self.closes, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class ReplyTimes:
    """Hours until a person replies, and until the matter is settled, by urgency."""

    hours: Mapping[Urgency, float]
    resolve_hours: Mapping[Urgency, float] = field(default_factory=dict)
    open_hours: BusinessHours = field(default_factory=BusinessHours)

    def reply_by(self, urgency: Urgency, *, now: datetime) -> str:
        """Return when the reply is due, RFC 3339 UTC."""
        return rfc3339(self._due(urgency, self.hours[urgency], now))

    def resolve_by(self, urgency: Urgency, *, now: datetime) -> str:
        """Return when the matter is to be settled; empty where the site has no such clock."""
        hours = self.resolve_hours.get(urgency)
        return "" if hours is None else rfc3339(self._due(urgency, hours, now))

    def _due(self, urgency: Urgency, hours: float, now: datetime) -> datetime:
        return self.open_hours.add(now, hours) if urgency is Urgency.ROUTINE else now + timedelta(hours=hours)


def rfc3339(moment: datetime) -> str:
    """Return a UTC time as RFC 3339 with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_business_hours(text: str, *, zone: str, holidays: str) -> BusinessHours:
    """Read `mon-fri 08:00-17:00`, a zone such as `America/Chicago` and `2026-12-25,…`; empty text: always open."""
    if not text.strip():
        return BusinessHours()
    try:
        days, _, hours = text.strip().lower().partition(" ")
        first, _, last = days.partition("-")
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        opens, closes = (time.fromisoformat(part) for part in hours.split("-"))
        off = frozenset(date.fromisoformat(part.strip()) for part in holidays.split(",") if part.strip())
        made = BusinessHours(ZoneInfo(zone), frozenset(range(begin, end + 1)), opens, closes, off)
    except (ValueError, ZoneInfoNotFoundError):
        raise ConfigurationError("business hours read `mon-fri 08:00-17:00`, with a zone and dates") from None
    if not made.days or opens >= closes:
        raise ConfigurationError("business hours must end after they begin")
    return made
