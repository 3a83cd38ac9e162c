"""Table of fax numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.fax import FaxRecogniser
from unit.redaction.tables import values_of

RECOGNISER = FaxRecogniser()

FOUND = [
    ("fax it to 555-222-3434", "555-222-3434"),  # cue before
    ("555 222 3434 (fax)", "555 222 3434"),  # cue after
    ("Fax: +1 555 222 3434", "+1 555 222 3434"),  # country code
    ("fax records to 987-654-3210", "987-654-3210"),  # words between
    ("fax the form to my employer at (555) 123-4567", "(555) 123-4567"),  # many words between
    ("F: 555-123-4567", "555-123-4567"),  # letterhead
]

LEFT = [
    "please fax my results",  # no number
    "call 555-222-3434",  # a telephone
    "fax it in 2 days",  # a duration
    "(555) 123-4567 is my cell, no fax",  # a telephone, fax later
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
