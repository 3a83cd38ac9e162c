"""Table of coordinates: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.coordinates import CoordinatesRecogniser
from unit.redaction.tables import values_of

RECOGNISER = CoordinatesRecogniser()

FOUND = [
    ("at 41.87810, -87.62980.", "41.87810, -87.62980"),  # decimal degrees at a sentence's end
    ("41.88° N, 87.63° W", "41.88° N, 87.63° W"),  # with letters
    ("lat 41.878 lon -87.629", "41.878"),  # beside a cue
    ("40°26'46\"N 79°58'56\"W", "40°26'46\"N 79°58'56\"W"),  # degrees, minutes, seconds
    ("849VCWC8+R9", "849VCWC8+R9"),  # a plus code
    ("///filled.count.soap", "///filled.count.soap"),  # three words
]

LEFT = [
    "p = 0.0012, 0.0304",  # values of a study
    "A1c 7.2, 6.8",  # lab values
    "lat pulldown 20 reps",  # an exercise
    "long 2.5 cm cut",  # a length
    "99.5 F, 101.3 F",  # temperatures
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
