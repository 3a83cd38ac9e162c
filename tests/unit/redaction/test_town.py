"""Table of towns beside a state: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.town import TownRecogniser
from unit.redaction.tables import values_of

RECOGNISER = TownRecogniser()

FOUND = [
    ("in Springfield, IL", "Springfield, IL"),  # town and state together
    ("I live in Ashby now", "Ashby"),  # where somebody lives
    ("Cook County", "Cook County"),  # a county
    ("Waco TX", "Waco TX"),  # capitals of a state
]

LEFT = [
    "in Illinois",  # a state stays
    "Vitamin D",  # no place
    "I live in Texas",  # a state stays
    "born in France",  # a country stays
    "Chicago",  # without a cue it is the tagger's
    "Device ID",
    "DL TX",
    "Patient ID",
    "Member OK",
    "BCBS ID",
    "Pt ID",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
