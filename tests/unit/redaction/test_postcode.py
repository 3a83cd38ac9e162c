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
    ("zip is 60614", "60614"),  # cue and small word
    ("Dallas, TX 75201-1234", "75201-1234"),  # after a state
    ("i live in dallas, tx 75201", "75201"),  # lower case
    ("we moved to 75201 in May", "75201"),  # beside a word of living
    ("my zip starts with 036", "036"),  # three digits of few people (zip3.py)
    ("SW1A 1AA", "SW1A 1AA"),  # British
    ("K1A 0B1", "K1A 0B1"),  # Canadian
]

LEFT = [
    "12000 steps",  # a count
    "WBC 11000",  # a lab value
    "B12",  # a vitamin
    "my zip starts with 606",  # three digits of many people may stay
    "stage t1n0m0",  # a tumour stage, no Canadian code
    "IL36RN gene",  # a gene, no British code
    "I live on 15000 steps",  # a count
    "15000 units",  # a dose
    "a 2008 Case Definition",  # a year before a capital
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
