"""Table of DEA numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.dea import DeaRecogniser
from unit.redaction.tables import values_of

RECOGNISER = DeaRecogniser()

FOUND = [
    ("DEA AB1234563", "AB1234563"),  # check digit right
    ("DEA: BX-9999999", "BX-9999999"),  # beside the cue, digit wrong
    ("DEA: AB 1234567", "AB 1234567"),  # with a space
]

LEFT = [
    "lot AB1234567",  # check digit wrong, no cue
    "B12 1000 mcg",  # a vitamin
    "the DEA changed a rule in 2023",  # a year
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
