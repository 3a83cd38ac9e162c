"""Table of plates: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.plate import PlateRecogniser
from unit.redaction.tables import values_of

RECOGNISER = PlateRecogniser()

FOUND = [
    ("license plate 8ABC123", "8ABC123"),  # California
    ("plate number: KLM 4412", "KLM 4412"),  # with a space
]

LEFT = [
    "a plate of pasta",  # food
    "plate 5 mg",  # no plate
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
