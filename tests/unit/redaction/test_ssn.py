"""Table of social security numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.ssn import SsnRecogniser
from unit.redaction.tables import values_of

RECOGNISER = SsnRecogniser()

FOUND = [
    ("123-45-6789", "123-45-6789"),  # as printed
    ("my ssn is 123 45 6789", "123 45 6789"),  # spaces
    ("social 123456789", "123456789"),  # bare, beside a cue
    ("last four of my social: 6789", "6789"),  # last four
    ("000-12-3456", "000-12-3456"),  # an impossible area is taken too
]

LEFT = [
    "call 555-123-4567",  # a telephone
    "social anxiety for 3 years",  # social in another sense
    "120-140-160",  # pressures
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
