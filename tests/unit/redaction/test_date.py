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
    ("el 5 de marzo de 2021", "5 de marzo de 2021"),  # Spanish
    ("in March 2022", "March 2022"),  # month and year
    ("09.03.2021", "09.03.2021"),  # dots
    ("since August", "August"),  # a month alone, beside a cue
    ("March ninth", "March ninth"),  # ordinal in words
    ("surgery March 3-5, 2024", "March 3-5, 2024"),  # a range of days
    ("between the 3rd and 5th of March", "the 3rd and 5th of March"),  # a range, day first
    ("04MAR2024", "04MAR2024"),  # in one word
    ("Mar/04/2024", "Mar/04/2024"),  # month first, slashes
    ("2024 March 4", "2024 March 4"),  # year first
    ("3/4/24-3/9/24", "3/4/24-3/9/24"),  # a range in numbers
    ("March third, nineteen eighty-two", "March third, nineteen eighty-two"),  # year in words
    ("March 3, 10 and 17", "March 3, 10 and 17"),  # a list of days
    ("in May", "May"),  # the month, capital, beside a cue
    ("2024-03-04T10:22:00Z", "2024-03-04T10:22:00Z"),  # with a clock time
    ("nos vemos el 4/mar a las 9", "4/mar"),
    ("on wensday setember 14", "wensday setember 14"),  # misspelt
    ("see you in febuary for it", "febuary"),
    ("ocotber 3rd", "ocotber 3rd"),
    ("she fell in may and limps", "may"),  # a small month of what has happened
    ("he got the valve back in march.", "march"),
    ("discharged 5.VI.2023 per", "5.VI.2023"),  # a Roman month
    ("ended mid-February, hair", "mid-February"),  # the middle of a month
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
    "10/20/30 mg",  # doses
    "70/30 insulin",  # a mix
    "jan is tired",  # a name in lower case
    "sat down at 3",  # an everyday word
    "1-2-3 breathing",  # counting
    "my asthma is worse in April each year",
    "the swelling I had in may be gout",  # the verb
    "take part in march madness",  # nothing has happened
    "grade 3.V.12b",
    "2-I-4",
    "mid-morning",
    "late-may be",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
