"""Table of ages over 89: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.age import AgeRecogniser
from unit.redaction.tables import values_of

RECOGNISER = AgeRecogniser()

FOUND = [
    ("she turns 93 on Sunday", "93"),  # a birthday to come
    ("she is 92 years old", "92 years old"),  # plain
    ("a 101-year-old", "101-year-old"),  # hyphens
    ("aged 95", "95"),  # aged
    ("94 y/o male", "94 y/o"),  # clinical shorthand
    ("her ninety-first was fun, ninety-two years old", "ninety-two years old"),  # in words
    ("my mom is 97", "97"),  # after a relation
    ("tiene 93 años de edad", "93 años de edad"),  # Spanish
]

LEFT = [
    "I am 89 years old",  # 89 stays
    "a 65-year-old",  # a younger age
    "pulse is 92",  # a pulse
    "I am 95% better",  # a percentage
    "I weigh 92 kg",  # a weight
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
