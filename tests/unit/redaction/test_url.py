"""Table of web addresses: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.url import UrlRecogniser
from unit.redaction.tables import values_of

RECOGNISER = UrlRecogniser()

FOUND = [
    ("see https://example.org/p?id=7.", "https://example.org/p?id=7"),  # the full stop stays
    ("www.clinic.example.com/me", "www.clinic.example.com/me"),  # no scheme
    ("facebook.com/ana.ruiz", "facebook.com/ana.ruiz"),  # a host with a path
]

LEFT = [
    "2.5.in the morning",  # a joined sentence
    "e.g. tea",  # an abbreviation
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
