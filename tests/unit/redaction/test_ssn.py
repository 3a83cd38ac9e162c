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
    ("my socials are 123 45 6789, 987 65 4321", "987 65 4321"),  # two, both written with spaces
    ("SSN 123456789 and 234567891", "234567891"),  # a second one of the same shape needs no cue of its own
    ("ssn xxx-xx-6789", "xxx-xx-6789"),  # masked, taken with its mask
    ("ss# ends 2004", "2004"),  # last four that read like a year, beside a strong cue
    ("the first five of my social are 12345", "12345"),  # first five, as people split a number over two messages
    ("ITIN 912-78-1234", "912-78-1234"),  # a taxpayer number that is no SSN
    ("mi seguro social es 123 45 6789", "123 45 6789"),  # Spanish
    ("social security number on my old chart is 123456789", "123456789"),  # words between cue and number
    ("123-45-6789 is my social", "123-45-6789"),  # number before its cue
    ("last four digits of my SSN are 6789", "6789"),  # the cue after "last four"
    ("they want last 4, its 0915", "0915"),
    ("mine ending in 5520", "5520"),
    ("it says 000-41-7729 not 7792", "7792"),
    ("solo los últimos: 8804", "8804"),
]

LEFT = [
    "call 555-123-4567",  # a telephone
    "social anxiety for 3 years",  # social in another sense
    "120-140-160",  # pressures
    "the last 4 weeks I walked 5000 steps",  # "last 4" of something else
    "Social Security since 1998",  # a year after the cue
    "I called Social Security at 1-800-772-1213",  # the end of a public telephone number
    "last four visits in 2023",  # a year after "last four"
    "social anxiety for 10 years",  # another sense of social
    "the pain is not ending in 2024",
    "los últimos 5 días",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
