"""Table of days in shorthand: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.date_shorthand import ShorthandDateRecogniser
from unit.redaction.tables import values_of

RECOGNISER = ShorthandDateRecogniser()

FOUND = [
    ("seen on 3/9", "3/9"),  # no year, beside a cue
    ("f/u 3/4", "3/4"),  # follow-up
    ("@ 3/15", "3/15"),  # at
    ("@ 3/15 dose raised", "3/15"),  # a day that cannot be a fraction, before "dose"
    ("d/c'd 4-12 on abx", "4-12"),  # hyphen, after discharge
    ("labs 3/4, 3/11", "3/4"),  # labs
    ("3/4-3/9 in the hospital", "3/4-3/9"),  # a range
    ("3/4 at 2:30 pm", "3/4 at 2:30 pm"),  # before a clock time
    ("Mon 3/4", "Mon 3/4"),  # after a weekday
    ("3/4: felt dizzy", "3/4"),  # a diary line
    ("labs (3/15) fine", "3/15"),  # in brackets
    ("dob 19800309", "19800309"),  # compact
    ("dob 030980", "030980"),  # compact, short year
    ("DOB 3 9 80", "3 9 80"),  # spaces
    ("born three nine eighty", "three nine eighty"),  # spoken
    ("fecha de nacimiento 09 03 1980", "09 03 1980"),  # Spanish
    ("I was there 9-19 from 8 to 4", "9-19"),
    ("before 12-12 colonoscopy", "12-12"),
    ("The oxygen man arrived 2/7. Nobody helped.", "2/7"),  # after an event, at the end
    ("Records were mailed to them 4/2", "4/2"),
    ("we spoke to the clinic 11/3!", "11/3"),
    ("trips 4/7, 4/9 and 4/11. Book", "4/9"),  # one of a list
    ("Admit 08-11 Discharge 08-14", "08-11"),  # before the next label
]

LEFT = [
    "pain was 8/10",  # a score
    "strength 5/5 since then",  # a strength
    "2/6 systolic murmur",  # a murmur
    "take 1/2 tablet on Monday",  # a fraction
    "cut it by 1/2",  # a fraction
    "on 3-4 medications",  # a range
    "for 2-3 days",  # a duration
    "since 3-4 weeks",  # a duration
    "BP was 120/80",  # a pressure
    "open 24/7",  # a saying
    "amlodipine 5/20 mg",  # doses
    "vision 20/20",  # an acuity
    "take 2-3 tablets",
    "pain was there 5-6 out of 10",
    "took 1/2. still sore",  # no event but a dose
    "strength went 5/5.",  # a strength
    "the headache came back 6/10.",  # a score
    "the bottle left is 3/4 full",  # a fraction
    "it happened 3/4 of the time",  # a fraction goes on
    "pain 4/10, 5/10 and 6/10",
    "took 1/2, 1/4 and 3/4",
    "strength 4/5, 3/5 and 5/5",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
