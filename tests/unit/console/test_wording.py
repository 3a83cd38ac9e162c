"""The words of the inbox and of its clocks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portico_console import wording
from portico_console.console import page_environment
from portico_console.ports import Disposition
from portico_core.labels import Author, Label, Route, TicketState, Urgency
from portico_state.escalations import TakeOverReason
from unit.console.memory_desk import DANA, NOW, SAM, row


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),  # cut, not rounded: no minute is left
        (60, "1 min"),
        (3_600, "1 h"),
        (3_600 * 24 + 3_599, "1 d"),
    ],
)
def test_a_span_reads_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert wording.describe_span(timedelta(seconds=seconds)) == words


def test_a_late_reply_is_called_late_until_it_is_sent() -> None:
    late = row("t", Urgency.ROUTINE, Label.CLINICIAN, opened_min=99, due_min=-12)
    assert (wording.describe_due(late, NOW), wording.is_late(late, NOW)) == ("12 min late", True)
    sent = replace(late, replied_at=NOW)
    assert (wording.describe_due(sent, NOW), wording.is_late(sent, NOW)) == ("Replied", False)


def test_three_clocks_run_one_after_the_other() -> None:
    first = row("t", Urgency.ROUTINE, Label.CLINICIAN, opened_min=99, due_min=30)
    asked = replace(first, resolve_by=NOW + timedelta(hours=5))
    replied = replace(asked, replied_at=NOW)
    again = replace(replied, next_reply_by=NOW - timedelta(minutes=3))
    said = [wording.describe_due(each, NOW) for each in (asked, replied, again)]
    assert said == ["30 min left", "Close: 5 h left", "Next reply: 3 min late"]
    assert [wording.is_late(each, NOW) for each in (asked, replied, again)] == [False, False, True]


def test_the_holder_is_named_to_others_and_you_to_oneself() -> None:
    held = replace(
        row("t", Urgency.ROUTINE, Label.CLINICIAN, opened_min=1, due_min=1),
        state=TicketState.CLAIMED,
        holder=SAM.actor,
    )
    assert wording.describe_holder(held, SAM.actor) == "You"
    assert wording.describe_holder(held, DANA.actor) == "sam"
    assert wording.describe_state(held, SAM.actor) == "Claimed by you"
    assert wording.describe_state(held, DANA.actor) == "Claimed by sam"
    assert wording.describe_state(replace(held, state=TicketState.OPEN, holder=""), DANA.actor) == "Waiting"


def test_every_member_of_a_closed_set_has_words() -> None:
    assert set(wording.LABELS) == set(Label)
    assert set(wording.URGENCIES) == set(Urgency)
    assert set(wording.STATES) == set(TicketState)
    assert set(wording.AUTHORS) == set(Author)
    assert set(wording.DISPOSITIONS) == set(Disposition)
    assert set(wording.ROUTES) == set(Route)
    assert set(wording.REASONS) == set(TakeOverReason)


def test_tickets_are_shown_in_the_sites_own_zone_and_records_in_utc() -> None:
    filters = page_environment(ZoneInfo("America/Chicago")).filters
    due = datetime(2026, 11, 27, 3, 30, tzinfo=UTC)
    assert filters["moment"](due) == "Thu 26 Nov, 21:30 CST"
    assert filters["stamp"](due.isoformat()) == "27 Nov 2026, 03:30:00 UTC"
    assert page_environment(UTC).filters["moment"](due) == "Fri 27 Nov, 03:30 UTC"
