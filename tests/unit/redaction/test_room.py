"""Table of rooms and beds: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.room import RoomRecogniser
from unit.redaction.tables import values_of

RECOGNISER = RoomRecogniser()

FOUND = [
    ("in room 412", "412"),  # a room
    ("Rm 4B", "4B"),  # shorthand
    ("bed 12 by the window", "12"),  # a bed
    ("room # 412-A", "412-A"),  # number sign
    ("rm412", "412"),  # one word
    ("habitación 214", "214"),  # Spanish
    ("room 4 bed 2", "4"),  # a room before a bed
    ("room 4-118B", "4-118B"),  # wing and room
    ("moved to ICU-7 overnight", "ICU-7"),  # unit and bed
    ("I'm in 412B at the hospital", "412B"),  # a letter makes it a room
]

LEFT = [
    "bed rest 2 days",  # a duration
    "emergency room 3 times",  # a count
    "room air 94",  # a saturation
    "to bed at 10 pm",  # a time
    "bed 8 hours",  # a duration
    "room 72 degrees",  # a temperature
    "bed 2 nights",  # a duration
    "in my dining room, 30 minutes",  # a duration
    "bed 30 degrees",
    "room temp 72",
    "in 2019",
    "in 30 minutes",
    "in 100s",
    "ED-visits",
    "bay 2 minutes away",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
