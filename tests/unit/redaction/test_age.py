"""Table of ages over 89: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.age import AgeRecogniser
from unit.redaction.tables import values_of

RECOGNISER = AgeRecogniser()

FOUND = [
    ("born in 1928", "1928"),  # the year tells the age: 164.514(b)(2)(i)(C)
    ("she turns 93 on Sunday", "93"),  # a birthday to come
    ("she is 92 years old", "92 years old"),  # plain
    ("a 101-year-old", "101-year-old"),  # hyphens
    ("aged 95", "95"),  # aged
    ("94 y/o male", "94 y/o"),  # clinical shorthand
    ("her ninety-first was fun, ninety-two years old", "ninety-two years old"),  # in words
    ("my mom is 97", "97"),  # after a relation
    ("tiene 93 años de edad", "93 años de edad"),  # Spanish
    ("93yo F", "93yo"),  # shorthand
    ("age/sex: 93/F", "93"),  # a form
    ("93M with CHF", "93M"),  # shorthand with sex
    ("my grandmother is ninety-four", "ninety-four"),  # in words
    ("pt is 91 and frail", "91"),  # shorthand
    ("died at 97", "97"),  # age at death
    ("her 100th birthday", "100th"),  # birthday
    ("tiene noventa y dos años", "noventa y dos"),  # Spanish in words
    ("my mother (94) fell", "94"),  # in brackets
    ("a 95-year-old man", "95-year-old"),  # hyphens
    ("mom's 93 and weak", "93"),  # contracted "is"
    ("my mother will be 101 in May", "101"),
    ("my father Tomas is 90, he walks", "90"),
    ("si Lola ay 91 na po", "91"),
    ("Mrs. Ng, who is 97 and alone", "97"),  # after who
    ("mom is 84 and dad 96, both walk", "96"),  # one verb for two
    ("my uncle 91 and aunt 95", "95"),
]

LEFT = [
    "I am 89 years old",  # 89 stays
    "a 65-year-old",  # a younger age
    "pulse is 92",  # a pulse
    "I am 95% better",  # a percentage
    "I weigh 92 kg",  # a weight
    "she is 93% on room air",  # a saturation
    "he is 95 kg",  # a weight
    "SpO2 is 93",  # a saturation
    "born in 1985",  # a year of birth that tells no age over 89
    "in her 90s",  # the category that the rule allows
    "90 days supply",  # a supply
    "my mother is 89",  # 89 is not over 89
    "over 90 minutes",  # a duration
    "age 9 to 12",  # younger
    "she is 98.6",  # a temperature
    "her sats will be 95 in the morning",
    "my father Tomas is 72, he walks",
    "who is 100% sure of it",  # a share
    "mom is 84 and dad 79",  # under 90
    "my dad is 61 and mom 95 pounds",  # a weight
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
