"""Table of IBANs: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.iban import IbanRecogniser
from unit.redaction.tables import values_of

RECOGNISER = IbanRecogniser()

FOUND = [
    ("GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),  # groups of four
    ("DE89370400440532013000", "DE89370400440532013000"),  # no groups
]

LEFT = [
    "GB82 WEST 1234 5698 7654 33",  # check digits wrong
    "AB12 is a code",  # too short
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
