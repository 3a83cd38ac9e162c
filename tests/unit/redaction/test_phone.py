"""Table of telephone numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.phone import PhoneRecogniser
from unit.redaction.tables import values_of

RECOGNISER = PhoneRecogniser()

FOUND = [
    ("call (555) 123-4567", "(555) 123-4567"),  # area in brackets
    ("555.123.4567 x22", "555.123.4567 x22"),  # dots and an extension
    ("+44 20 7946 0958", "+44 20 7946 0958"),  # international
    ("my cell is 5551234567", "5551234567"),  # bare, beside a cue
    ("ring 555-0199", "555-0199"),  # seven digits
    ("28 64 66 98", "28 64 66 98"),  # Danish pairs
    ("(555)123-4567", "(555)123-4567"),  # no space after the area
    ("my number is 5551234", "5551234"),  # seven digits beside a cue
    ("555.123.4567 x22", "555.123.4567 x22"),  # dots and an extension
    ("ext. 4471", "4471"),  # extension alone
    ("pager 44712", "44712"),  # pager
    ("+44 20 7946 0958", "+44 20 7946 0958"),  # United Kingdom
    ("1-800-FLOWERS", "1-800-FLOWERS"),  # in letters
    ("5 5 5 1 2 3 4 5 6 7", "5 5 5 1 2 3 4 5 6 7"),  # digit by digit
    ("llámame al 555 123 4567", "555 123 4567"),  # Spanish
    ("goes to a number ending in 0183 that", "0183"),  # last digits
]

LEFT = [
    "take 1-2 tablets",  # a range
    "BP 120/80",  # a pressure
    "from 2019-2021",  # years
    "500-1000 mg",  # a dose range
    "BP 120/80 118/76 122/84",  # pressures in a row
    "my sugars were 110 132 145 160",  # readings in a row
    "NDC 0071-0155-23",  # a drug code
    "call 911 or 988",  # emergency numbers identify nobody
    "10 20 30 40",  # a titration
    "1 2 3 4 5 6 7",  # counting
    "20/25/30 mg",  # doses
    "1200-1500 calories",  # a range
    "2000-3000 steps",  # a range
    "line ends in 20 minutes",
    "a number ending in 2 weeks",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
