"""Table of payment cards: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.card import CardRecogniser
from unit.redaction.tables import values_of

RECOGNISER = CardRecogniser()

FOUND = [
    ("it is 4111 1111 1111 1111 ok", "4111 1111 1111 1111"),  # groups of four
    ("5500005555555559", "5500005555555559"),  # no groups
    ("4111-1111-1111-1112", "4111-1111-1111-1112"),  # one mistyped digit
]

LEFT = [
    "call 555-123-4567",  # too short
    "platelets 150000",  # a count
    "prednisone 40 40 30 30 20 20 10 10",
    "readings 97 10 21 88 65 44 31",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
