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
    ("ask for Yevgenia at the desk", "Yevgenia"),  # asked for
    ("text Ginger, that's me", "Ginger"),  # a word that is also a name
    ("this is Molina", "Molina"),  # a firm's name that is a person's
    ("says Abbott Mary", "Abbott Mary"),  # the same with a given name
]

LEFT = [
    "I'm Tired",  # an adjective with a capital
    "I'm taking Humira",  # a drug
    "this is Parkinson again",  # an eponym
    "hi doctor",  # no name
    "ask for Billing",  # a department
    "ask for Tylenol",  # a drug
    "ask for MRI",  # a test
    "says Medtronic Micra",
    "switched to Kaiser",
    "from Philips",
    "arrived from India and",
    "says SN EX1150",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
