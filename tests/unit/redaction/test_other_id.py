"""Table of other identifiers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.other_id import OtherIdRecogniser
from unit.redaction.tables import values_of

RECOGNISER = OtherIdRecogniser()

FOUND = [
    ("appointment number 88213", "88213"),  # appointment
    ("confirmation code: KX88213", "KX88213"),  # confirmation
    ("order # 5512-99", "5512-99"),  # order
]

LEFT = [
    "appointment in 2024",  # a year
    "in order to sleep 8 hours",  # another sense
    "case of flu",  # another sense
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
