"""Table of long bare numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.long_number import LongNumberRecogniser
from unit.redaction.tables import values_of

RECOGNISER = LongNumberRecogniser()

FOUND = [
    ("it says 88231234", "88231234"),  # eight digits
    ("code QX-882312", "QX-882312"),  # letters and digits
]

LEFT = [
    "1500000 copies/ml",  # a count with its unit
    "150000",  # six digits
    "2019",  # a year
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
