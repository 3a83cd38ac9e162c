"""The order of the inbox and the words of its clocks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portico_console import wording
from portico_console.ports import Disposition
from portico_core.labels import Author, Label, TicketState, Urgency
from unit.console.memory_desk import DANA, NOW, SAM, row


def test_what_is_most_urgent_and_due_first_stands_first() -> None:
    rows = [
        row("routine-late", Urgency.ROUTINE, Label.CLINICIAN, opened_min=9, due_min=-60),
        row("urgent-later", Urgency.URGENT, Label.EMERGENCY, opened_min=9, due_min=30),
        row("immediate", Urgency.IMMEDIATE, Label.CRISIS, opened_min=1, due_min=14),
        row("urgent-soon", Urgency.URGENT, Label.EMERGENCY, opened_min=1, due_min=5),
    ]
    assert [each.id for each in wording.order_rows(rows)] == [
        "immediate",
        "urgent-soon",
        "urgent-later",
        "routine-late",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),  # cut, not rounded: no minute is left
        (60, "1 min"),
        (3_600, "1 h 0 min"),
        (3_600 * 24 + 3_599, "1 d 0 h"),
    ],
)
def test_a_span_reads_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert wording.describe_span(timedelta(seconds=seconds)) == words


def test_a_late_reply_is_called_late_until_it_is_sent() -> None:
    late = row("t", Urgency.ROUTINE, Label.CLINICIAN, opened_min=99, due_min=-12)
    assert (wording.describe_due(late, NOW), wording.is_late(late, NOW)) == ("12 min late", True)
    sent = replace(late, replied_at=NOW)
    assert (wording.describe_due(sent, NOW), wording.is_late(sent, NOW)) == ("Replied", False)


def test_the_holder_is_named_to_others_and_you_to_oneself() -> None:
    held = replace(
        row("t", Urgency.ROUTINE, Label.CLINICIAN, opened_min=1, due_min=1),
        state=TicketState.CLAIMED,
        holder=SAM.actor,
    )
    assert wording.describe_holder(held, SAM.actor) == "You"
    assert wording.describe_holder(held, DANA.actor) == "sam"


def test_every_member_of_a_closed_set_has_words() -> None:
    assert set(wording.LABELS) == set(Label)
    assert set(wording.URGENCIES) == set(Urgency)
    assert set(wording.STATES) == set(TicketState)
    assert set(wording.AUTHORS) == set(Author)
    assert set(wording.DISPOSITIONS) == set(Disposition)
