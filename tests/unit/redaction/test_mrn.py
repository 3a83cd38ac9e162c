"""Table of medical record numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.mrn import MrnRecogniser
from unit.redaction.tables import values_of

RECOGNISER = MrnRecogniser()

FOUND = [
    ("MRN: 00123456", "00123456"),  # the usual label
    ("medical record number is A-55 is it? mrn JH-99812", "JH-99812"),  # letters and a hyphen
    ("MRN-7788123", "MRN-7788123"),  # cue and number in one word
    ("chart number 4471", "4471"),  # another word for it
]

LEFT = [
    "my medical record is wrong",  # no number
    "record high of 104",  # a temperature
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
