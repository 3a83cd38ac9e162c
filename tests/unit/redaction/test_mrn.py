"""Table of medical record numbers: what is taken, what stays."""

import pytest

from portico_core.errors import ConfigurationError
from portico_redaction.recognisers.mrn import MrnRecogniser
from unit.redaction.tables import values_of

RECOGNISER = MrnRecogniser()

FOUND = [
    ("MRN: 00123456", "00123456"),  # the usual label
    ("medical record number is A-55 is it? mrn JH-99812", "JH-99812"),  # letters and a hyphen
    ("MRN-7788123", "MRN-7788123"),  # cue and number in one word
    ("chart number 4471", "4471"),  # another word for it
    ("pt listed under record #99881-BCH", "#99881-BCH"),  # number sign and a suffix
    ("EMR: 456123789", "456123789"),  # electronic record
    ("medical records show ID: 987654", "987654"),  # words between cue and number
    ("patient_id=88213-A", "88213-A"),  # a key of an export
    ("record number is IN-44871", "IN-44871"),  # a prefix that is also a small word
    ("número de historia clínica 4471882", "4471882"),  # Spanish
    ("expediente 88-21-3345", "88-21-3345"),  # Spanish, in groups
    ("MRNs 448812 and 448813", "448813"),  # the second of a list
    ("med rec # 12 34 56 78", "12 34 56 78"),  # digits in groups
    ("4471882 is my MRN", "4471882"),  # number before its cue
    ("chart 4471882", "4471882"),  # chart and number, nothing between
    ("chart 20-44-17 from", "20-44-17"),  # terminal digits
    ("record 004417, please", "004417"),  # before a comma
]

LEFT = [
    "my medical record is wrong",  # no number
    "record high of 104",  # a temperature
    "my medical record shows 120/80",  # a pressure in the record
    "the chart says 98.6",  # a temperature
    "patient is 45 years old",  # an age
    "medical records since 2015",  # a year
    "patient took 500 mg",  # a dose
    "chart review 3 days ago",  # a duration
    "chart 1.25 mg",
    "record 120-80",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()


SITE = MrnRecogniser(r"\b(?:RB|RC)[0-9]{7}\b")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("is RB4471209 me?", {"RB4471209"}),  # no cue
        ("is rb4471209 me?", {"rb4471209"}),  # lower case
        ("RB４４７１２０９ and RC0000001", {"RB４４７１２０９", "RC0000001"}),  # full-width digits, two of them
        ("is RX4471209 me?", set()),  # not this site's
        ("RB44712 is a yarn", set()),  # too short
        ("MRN: 00123456", {"00123456"}),  # cues work beside it
    ],
)
def test_a_site_pattern_needs_no_cue(text: str, values: set[str]) -> None:
    assert values_of(SITE, text) == values


def test_without_it_the_number_stays() -> None:
    """The negative control: it is the pattern that finds it."""
    assert values_of(RECOGNISER, "is RB4471209 me?") == set()


@pytest.mark.parametrize("pattern", ["(", "[0-9", "*", r"(?P<value>"])
def test_a_site_pattern_that_is_none_stops_the_start(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="not a regular expression") as caught:
        MrnRecogniser(pattern)
    assert caught.value.__cause__ is None
