"""Table of Medicare identifiers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.mbi import MbiRecogniser
from unit.redaction.tables import values_of

RECOGNISER = MbiRecogniser()

FOUND = [
    ("1EG4-TE5-MK73", "1EG4-TE5-MK73"),  # grouped as printed
    ("1EG4TE5MK73", "1EG4TE5MK73"),  # in one piece
    ("1eg4-te5-mk73", "1eg4-te5-mk73"),  # lower case
]

LEFT = [
    "1EG4-TE5-MK7",  # one too few
    "B12 and D3",  # vitamins
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
