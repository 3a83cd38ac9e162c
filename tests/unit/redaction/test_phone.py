"""Table of telephone numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.phone import PhoneRecogniser
from unit.redaction.tables import values_of

RECOGNISER = PhoneRecogniser()

FOUND = [
    ("call (555) 123-4567", "(555) 123-4567"),  # area in brackets
    ("555.123.4567 x22", "555.123.4567 x22"),  # dots and an extension
    ("+44 20 7946 0958", "+44 20 7946 0958"),  # international
    ("my cell is 5551234567", "5551234567"),  # bare, beside a cue
    ("ring 555-0199", "555-0199"),  # seven digits
    ("28 64 66 98", "28 64 66 98"),  # Danish pairs
]

LEFT = [
    "take 1-2 tablets",  # a range
    "BP 120/80",  # a pressure
    "from 2019-2021",  # years
    "500-1000 mg",  # a dose range
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
