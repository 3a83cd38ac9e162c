"""Table of licences: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.licence import LicenceRecogniser
from unit.redaction.tables import values_of

RECOGNISER = LicenceRecogniser()

FOUND = [
    ("driver's license number D123-4567-8901", "D123-4567-8901"),  # hyphens
    ("license # RN889231", "RN889231"),  # a nurse
    ("passport number 548812345", "548812345"),  # passport
    ("Passport: X4488123", "X4488123"),  # passport without a word for number
    ("DL TX 44881234", "44881234"),  # state between cue and number
    ("state ID card 448-81-2345", "448-81-2345"),  # state identity card
    ("USCIS A-number A123456789", "A123456789"),  # alien number
    ("licencia de conducir B4488123", "B4488123"),  # Spanish
    ("my driver's license, the new one, is D448-8123-4567", "D448-8123-4567"),  # words between
    ("state license, which somebody wrote in as ME 0091-442.", "ME 0091-442"),  # words between
]

LEFT = [
    "licensed since 2010",  # a year
    "my license expired",  # no number
    "licence since 2010",  # a year
    "certificate in 6 weeks",  # a duration
    "the license to drive at 16",  # an age
    "board certified since 1998",  # a year
    "state license, since 2010",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
