"""When a reply is due: nights, week-ends and holidays stop the routine clock and no other."""

from datetime import UTC, datetime

import pytest

from portico_core.clocks import ReplyTimes, parse_business_hours
from portico_core.errors import ConfigurationError
from portico_core.labels import Urgency

CHICAGO = parse_business_hours("mon-fri 08:00-17:00", zone="America/Chicago", holidays="2026-11-26,2026-12-25")


def chicago(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO.zone)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-23T09:00", 4, "2026-11-23T13:00"),  # Within a Monday.
        ("2026-11-23T16:00", 4, "2026-11-24T11:00"),  # Over a night.
        ("2026-11-23T03:00", 4, "2026-11-23T12:00"),  # Before opening.
        ("2026-11-23T08:00", 9, "2026-11-23T17:00"),  # Exactly one working day.
        ("2026-11-27T16:00", 2, "2026-11-30T09:00"),  # Over a week-end.
        ("2026-11-25T16:30", 1, "2026-11-27T08:30"),  # Over Thanksgiving.
        ("2026-11-28T12:00", 9, "2026-11-30T17:00"),  # From a Saturday.
        ("2026-10-30T16:00", 2, "2026-11-02T09:00"),  # Over the end of daylight saving.
        ("2026-03-06T16:00", 10, "2026-03-09T17:00"),  # Over its beginning.
    ],
)
def test_routine_hours_are_open_hours(start: str, hours: float, due: str) -> None:
    assert CHICAGO.add(chicago(start).astimezone(UTC), hours) == chicago(due)


def test_urgent_clocks_run_at_night_and_routine_ones_do_not() -> None:
    times = ReplyTimes(dict.fromkeys(Urgency, 1.0), dict.fromkeys(Urgency, 2.0), CHICAGO)
    night = chicago("2026-11-23T22:00")
    assert times.reply_by(Urgency.IMMEDIATE, now=night) == "2026-11-24T05:00:00.000Z"
    assert times.reply_by(Urgency.URGENT, now=night) == "2026-11-24T05:00:00.000Z"
    assert times.reply_by(Urgency.ROUTINE, now=night) == "2026-11-24T15:00:00.000Z"
    assert times.resolve_by(Urgency.ROUTINE, now=night) == "2026-11-24T16:00:00.000Z"


def test_without_business_hours_every_clock_always_runs() -> None:
    always = parse_business_hours("", zone="UTC", holidays="")
    start = datetime(2026, 11, 28, 3, tzinfo=UTC)
    assert always.add(start, 24) == datetime(2026, 11, 29, 3, tzinfo=UTC)
    assert ReplyTimes({Urgency.ROUTINE: 1}).resolve_by(Urgency.ROUTINE, now=start) == ""


@pytest.mark.parametrize(
    ("text", "zone", "holidays"),
    [
        ("weekdays", "UTC", ""),
        ("mon-fri 17:00-08:00", "UTC", ""),
        ("fri-mon 08:00-17:00", "UTC", ""),
        ("mon-fri 08:00-17:00", "Mars/Olympus", ""),
        ("mon-fri 08:00-17:00", "UTC", "Christmas"),
    ],
)
def test_hours_that_cannot_be_read_stop_the_start(text: str, zone: str, holidays: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_business_hours(text, zone=zone, holidays=holidays)
