"""Table of names that only their place gives away: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_bare import BareNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = BareNameRecogniser()

FOUND = [
    ("is it Thuyla's insurance", "Thuyla"),  # no English word, before a possessive
    ("Anselmo said skip it", "Anselmo"),  # before what only people do
    ("No fever. Xochitl threw up twice", "Xochitl"),  # the same, second sentence
    ("yellow in the eyes? Keilani", "Keilani"),  # alone at the end
    ("See you then.\nRosalind Obiora", "Rosalind Obiora"),  # two words on the last line
    ("Efraín dijo que no", "Efraín"),  # Spanish
]

LEFT = [
    "is it Humira's fault",  # a drug
    "Walgreens's line is busy",  # a firm
    "Crohn's flare again",  # an eponym
    "Monday's visit",  # a day
    "my doctor's office",  # no capital
    "Grandma said no",  # a word for kin
    "Is it safe? Thanks",  # a closing word
    "What should I take? Tylenol",  # a drug at the end
    "I feel fine. Metformin works.",  # a drug that begins the last sentence
    "Results said negative",  # an everyday word
    "Band-aids fell off",  # a product
    "Help me. Pleeease",
    "It hurts. They've called",
    "He fell. Mum called",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
