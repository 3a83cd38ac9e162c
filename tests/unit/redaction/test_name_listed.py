"""Table of listed names: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_listed import ListedNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = ListedNameRecogniser()

FOUND = [
    ("Ana Ruiz came", "Ana Ruiz"),  # given and family
    ("Robert J. called", "Robert J."),  # initial
    ("I saw Rebecca today", "Rebecca"),  # alone inside a sentence
    ("Rebecca Hides", "Rebecca Hides"),  # an everyday family name
    ("Zimmer Amanda", "Zimmer Amanda"),  # a firm's name that is a person's
]

LEFT = [
    "I live in Georgia",  # a state that is also a given name
    "Duane syndrome",  # a given name that is an eponym here
    "Hodgkin Lymphoma",  # an eponym
    "ADA guidelines",  # capitals
    "Lisinopril Zestril",  # drugs
    "Will it hurt",  # an everyday word
    "Crohn Disease",  # an eponym
    "Roche Accu-Chek",
    "Zimmer Persona",
    "Ford F-150",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
