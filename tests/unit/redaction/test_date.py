"""Table of dates: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.date import DateRecogniser
from unit.redaction.tables import values_of

RECOGNISER = DateRecogniser()

FOUND = [
    ("on 3/9/2024", "3/9/2024"),  # US numeric
    ("2024-03-09", "2024-03-09"),  # ISO 8601
    ("March 9th", "March 9th"),  # month and ordinal
    ("the 5th of March", "the 5th of March"),  # ordinal of month
    ("9 Mar 2021", "9 Mar 2021"),  # day first
    ("seen on 3/9", "3/9"),  # no year, beside a cue
    ("el 5 de marzo de 2021", "5 de marzo de 2021"),  # Spanish
    ("dob 19800309", "19800309"),  # compact, beside a cue
    ("in March 2022", "March 2022"),  # month and year
    ("09.03.2021", "09.03.2021"),  # dots
    ("since August", "August"),  # a month alone, beside a cue
    ("March ninth", "March ninth"),  # ordinal in words
]

LEFT = [
    "in 2019",  # a bare year stays
    "twice a day",  # a frequency
    "for 3 weeks",  # a duration
    "at 8:30 am",  # a time of day
    "1/2 tablet",  # a fraction
    "BP 120/80",  # a pressure
    "I may take 5 mg",  # may the verb
    "march in place",  # march the verb
    "every 6 hours",  # a frequency
    "the 2nd dose",  # an ordinal of something else
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
