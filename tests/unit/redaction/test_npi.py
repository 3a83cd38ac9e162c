"""Table of National Provider Identifiers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.npi import NpiRecogniser
from unit.redaction.tables import values_of

RECOGNISER = NpiRecogniser()

FOUND = [
    ("1234567893", "1234567893"),  # check digit right
    ("NPI 1234567890", "1234567890"),  # beside the cue, digit wrong
    ("NPI number is 1234 567 893", "1234 567 893"),  # in groups
]

LEFT = [
    "1234567890",  # check digit wrong, no cue
    "3234567893",  # begins with neither 1 nor 2
    "1500000000 cells",  # a count
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
