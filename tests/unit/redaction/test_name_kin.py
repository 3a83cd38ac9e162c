"""Table of names beside a relation: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_kin import KinNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = KinNameRecogniser()

FOUND = [
    ("my daughter Emma", "Emma"),  # after
    ("my son, Luca, has a cough", "Luca"),  # after a comma
    ("Emma, my daughter", "Emma"),  # before
    ("mi hija Sofia", "Sofia"),  # Spanish
    ("my wife maria", "maria"),  # lower case, listed
    ("my aunt Addison's pills", "Addison's"),
]

LEFT = [
    "my mother has diabetes",  # a verb
    "my son will come",  # an everyday word that is a name
    "my dad takes Lipitor",  # a drug
    "my uncle Wilson disease, my aunt none",
    "family: aunt Addison's, cousin Down syndrome",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
