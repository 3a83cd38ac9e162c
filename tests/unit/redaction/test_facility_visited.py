"""Table of facilities by what was done there: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.facility_visited import VisitedFacilityRecogniser
from unit.redaction.tables import values_of

RECOGNISER = VisitedFacilityRecogniser()

FOUND = [
    ("seen at Baylor yesterday", "Baylor"),  # one word
    ("admitted to St. Luke's", "St. Luke's"),  # saint without a kind
]

LEFT = [
    "admitted to ICU",  # a department
    "seen in Florida",  # a state stays
    "treated with Humira",  # a drug
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
