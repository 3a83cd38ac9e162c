"""Table of postal codes: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.postcode import PostcodeRecogniser
from unit.redaction.tables import values_of

RECOGNISER = PostcodeRecogniser()

FOUND = [
    ("zip 62704", "62704"),  # beside a cue
    ("62704-1234", "62704-1234"),  # ZIP+4
    ("IL 62704", "62704"),  # after a state
    ("SW1A 1AA", "SW1A 1AA"),  # British
    ("K1A 0B1", "K1A 0B1"),  # Canadian
]

LEFT = [
    "12000 steps",  # a count
    "WBC 11000",  # a lab value
    "B12",  # a vitamin
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
