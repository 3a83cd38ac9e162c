"""Table of vehicle numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.vin import VinRecogniser
from unit.redaction.tables import values_of

RECOGNISER = VinRecogniser()

FOUND = [
    ("1M8GDM9AXKP042788", "1M8GDM9AXKP042788"),  # check digit right
    ("VIN: 1HGCM82633A004353", "1HGCM82633A004353"),  # beside the cue
    ("VIN 1HG CM826 33A 004352", "1HG CM826 33A 004352"),  # in groups
    ("last six of the VIN 004352", "004352"),  # last six
    ("the van's VIN, it's 2FTRX18W1XCA01234 if you need it", "2FTRX18W1XCA01234"),  # wrong digit, but called so
]

LEFT = [
    "1M8GDM9A1KP042788",  # check digit wrong, no cue
    "ACETAMINOPHENCODE",  # seventeen letters
    "van Gogh syndrome in 12 patients",  # another van
    "car seat for 2 years",  # an age
    "vineyard block 2FTRX18W1XCA01234",  # no VIN
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
