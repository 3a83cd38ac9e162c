"""Table of health plan numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.health_plan import HealthPlanRecogniser
from unit.redaction.tables import values_of

RECOGNISER = HealthPlanRecogniser()

FOUND = [
    ("member ID: XJB123456789", "XJB123456789"),  # letters first
    ("Medicaid number 123456789", "123456789"),  # digits only
    ("group # 55-0912", "55-0912"),  # a group
]

LEFT = [
    "Medicare 2024 changes",  # a year
    "a group of 12 people",  # a count
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
