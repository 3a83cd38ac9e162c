"""Table of listed towns: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.town_listed import ListedTownRecogniser
from unit.redaction.tables import values_of

RECOGNISER = ListedTownRecogniser()

FOUND = [
    ("I work in Porto Alegre", "Porto Alegre"),  # two words
    ("near Duluth", "Duluth"),  # one word
    ("from San Mateo", "San Mateo"),  # opens like a town
]

LEFT = [
    "in Humira",  # a drug
    "in Florida",  # a state
    "at Easter",  # a feast
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
