"""Table of introduced names: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_introduced import IntroducedNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = IntroducedNameRecogniser()

FOUND = [
    ("my name is Maria Lopez", "Maria Lopez"),  # the plain form
    ("my name is maria lopez", "maria lopez"),  # lower case after a strong cue
    ("I'm Maria", "Maria"),  # one listed name
    ("I'm Zyxel Quorbin", "Zyxel Quorbin"),  # two unlisted words with capitals
    ("me llamo Luis", "Luis"),  # Spanish
    ("my maiden name hanh ngo", "hanh ngo"),
    ("My name Rosario Vidal, mother", "Rosario Vidal"),
]

LEFT = [
    "I'm Tired",  # an adjective with a capital
    "I'm taking Humira",  # a drug
    "this is Parkinson again",  # an eponym
    "hi doctor",  # no name
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
