"""Table of licences: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.licence import LicenceRecogniser
from unit.redaction.tables import values_of

RECOGNISER = LicenceRecogniser()

FOUND = [
    ("driver's license number D123-4567-8901", "D123-4567-8901"),  # hyphens
    ("license # RN889231", "RN889231"),  # a nurse
]

LEFT = [
    "licensed since 2010",  # a year
    "my license expired",  # no number
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
