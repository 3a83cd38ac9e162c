"""Table of parts of addresses: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.address_line import AddressLineRecogniser
from unit.redaction.tables import values_of

RECOGNISER = AddressLineRecogniser()

FOUND = [
    ("leave it at Apt. 12B", "Apt. 12B"),  # unit
    ("Villacher Strasse 89", "Villacher Strasse 89"),  # German
    ("36 rue de Pologne", "36 rue de Pologne"),  # French
    ("PSC 0413, Box 8144, APO AA 42323", "PSC 0413, Box 8144, APO AA 42323"),  # military
    ("Spain 61709", "Spain 61709"),  # country and code
]

LEFT = [
    "500 mg Tylenol 3 times",  # a dose
    "I was in Spain",  # a country alone stays
    "a suite of tests",  # another sense
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
