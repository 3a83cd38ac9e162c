"""Table of named days: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.date_named import NamedDateRecogniser
from unit.redaction.tables import values_of

RECOGNISER = NamedDateRecogniser()

FOUND = [
    ("seen last Friday", "last Friday"),  # a fixed weekday
    ("next tuesday works", "next tuesday"),  # lower case
    ("at Stanford last July", "last July"),  # a fixed month
    ("last May", "last May"),  # a month that is also a word, capital
    ("this past Thursday night", "this past Thursday night"),  # with its part
    ("el lunes pasado", "lunes pasado"),  # Spanish
    ("on Christmas Eve 2021", "Christmas Eve 2021"),  # a holiday of a year
    ("the 4th of July", "the 4th of July"),  # a holiday that is a date
    ("since Thanksgiving", "Thanksgiving"),  # a holiday as a date
    ("in the summer of 2019", "summer of 2019"),  # a season is finer than a year
    ("Q3 2022", "Q3 2022"),  # so is a quarter
    ("due the 15th", "the 15th"),  # a numbered day
    ("Monday the 4th", "Monday the 4th"),  # weekday and day
    ("the 3rd of last month", "the 3rd of last month"),  # a day of a month
    ("two Fridays ago", "Fridays ago"),  # counted back
    ("my April labs", "April"),  # a month of somebody's
    ("come back on the twenty-third", "the twenty-third"),
    ("desde el lunes 17 tengo fiebre", "lunes 17"),
    ("el pitido sigue desde el 22.", "22"),
    ("falté el 4 y el 5 de mayo", "4"),
    ("was that February or August?", "February"),
    ("was that February or August?", "August"),
    ("It's tomorrow, the 9th. What may I eat?", "the 9th"),  # a number beside the name of the day
    ("labs are today, the 22nd", "the 22nd"),
    ("On Labor Day we had a cookout", "Labor Day"),
    ("the rash began on Flag Day", "Flag Day"),
    ("since labor day", "labor day"),
    ("can I come last thurday", "last thurday"),  # misspelt
    ("came Halloween night", "Halloween"),  # a part of a holiday
    ("since easter morning", "easter"),  # the same
    ("seen on Labor Day weekend", "Labor Day weekend"),
]

LEFT = [
    "last week, last month, last year",  # no calendar element
    "every Monday and on Tuesdays",  # a frequency
    "on Friday",  # a plain weekday, which fixes nothing by itself
    "yesterday and tomorrow",  # no calendar element
    "the last Sunday before surgery",  # not fixed to now
    "fastandg and Ramadan make me dizzy",  # a fast in general
    "this may hurt",  # may the verb
    "the last dose",  # another last
    "on the 2nd dose",  # an ordinal of something else
    "by the 3rd trimester",  # an ordinal of something else
    "Christmas disease",  # a disease
    "a summer cold",  # no year
    "labor day by day",  # giving birth
    "on the first day",
    "the second of three pills",
    "tomo 22 al día",
    "better after the first few weeks",
    "at least 30 minutes before the first food",
    "tomorrow, the 2nd dose",  # no day
    "were you in labor day and night",  # no holiday
    "Labor Day sales of walkers",  # a holiday in general
    "the thirsty day",  # no weekday
    "Halloween candy",
    "Easter eggs raise sugar?",
    "are you open on Labor Day",
    "After Thanksgiving turkey my gallbladder acts up",
    "St. Patrick's Day corned beef",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
