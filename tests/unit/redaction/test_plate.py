"""Table of plates: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.plate import PlateRecogniser
from unit.redaction.tables import values_of

RECOGNISER = PlateRecogniser()

FOUND = [
    ("license plate 8ABC123", "8ABC123"),  # California
    ("plate number: KLM 4412", "KLM 4412"),  # with a space
    ("license plate 7ABC123", "7ABC123"),  # Californian form
    ("plate # TX ABC-1234", "ABC-1234"),  # state before the plate
    ("parking permit B44881", "B44881"),  # permit
    ("matrícula 1234 BCD", "1234 BCD"),  # Spanish form
    ("tag HNL 4T2 0K", "HNL 4T2 0K"),
    ("our van, tag 4LUV NANA", "4LUV NANA"),
    ("wheelchair van no. WAV-31", "WAV-31"),
    ("was license JPN8842", "JPN8842"),  # the form of many states
    ("private vehicle (gray Subaru, BX7 19K), here", "BX7 19K"),  # after the car
]

LEFT = [
    "a plate of pasta",  # food
    "plate 5 mg",  # no plate
    "plate and 6 screws in my ankle",  # a plate in a bone
    "my plate of 12 crackers",  # a plate of food
    "growth plate at 14",  # an anatomical plate
    "skin tag 3 mm",  # a skin tag
    "registration in 2023",  # a year
    "a bus no. 12 to the clinic",
    "license REV 2024b",
    "tag ABC",
    "license ABC123456",
    "a Mazda CX5",
    "Toyota, MRI at 4",
    "Ford F-150",
    "my truck, A1C 7.2",
    "truck, T12 L1",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
