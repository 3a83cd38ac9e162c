"""What looks like an identifier and is none, and what only looks like a measure; lists of numbers beside one cue."""

import pytest

from portico_redaction.recognisers.long_number import LongNumberRecogniser
from portico_redaction.recognisers.mrn import MrnRecogniser
from portico_redaction.recognisers.spared import is_code, is_counted, is_measure, is_public_code
from portico_redaction.recognisers.zip3 import LOW_POPULATION_ZIP3, is_identifying_prefix
from unit.redaction.tables import values_of

MEASURES = [
    "500mg",  # a dose
    "10-325 mg",  # two doses of one tablet
    "120/80",  # a pressure
    "3/4",  # a fraction, or a day, which is another recogniser's
    "2019",  # a year
    "2019-2023",  # years
    "3/9/2024",  # a date, which is another recogniser's
    "17-Feb-2023",  # a date with letters
    "7.2",  # a reading
    "150,000",  # thousands
    "70-99",  # a range
    "3rd",  # an ordinal
    "2-3x/week",  # how often
    "3x",  # how often
    "2/day",  # how often
]

CODES = [
    "448812",  # digits
    "460-255",  # digits in two groups, no range of readings
    "99881-BCH",  # a suffix
    "88-21-3345",  # groups that are no date
    "4471M",  # a number that ends like a unit, with too many digits for one
    "A44",  # a letter and digits
]

PUBLIC = [
    ("ICD-10 code E11.9", "E11.9"),  # a diagnosis
    ("CPT 45378", "45378"),  # a procedure
    ("NDC: 0071-0155-23", "0071-0155-23"),  # a drug
    ("(LOINC 4548-4)", "4548-4"),  # a test
    ("enrolled in NCT01234567", "NCT01234567"),  # a trial, by its own shape
]


@pytest.mark.parametrize("value", MEASURES)
def test_a_measure_is_no_code(value: str) -> None:
    assert is_measure(value)
    assert not is_code(value)


@pytest.mark.parametrize("value", CODES)
def test_a_code_is_no_measure(value: str) -> None:
    assert not is_measure(value)
    assert is_code(value, mixed_digits=2)


@pytest.mark.parametrize(("text", "value"), PUBLIC)
def test_a_public_code_is_known_by_its_system(text: str, value: str) -> None:
    start = text.index(value)
    assert is_public_code(text, start, start + len(value))


@pytest.mark.parametrize("text", ["order 45378", "the rest 45378", "icons 45378"])
def test_another_word_names_no_code_system(text: str) -> None:
    assert not is_public_code(text, text.index("45378"), len(text))


@pytest.mark.parametrize(("text", "counted"), [("12500 steps", True), ("12500%", True), ("12500 home", False)])
def test_a_unit_after_a_number_makes_it_a_count(text: str, counted: bool) -> None:
    assert is_counted(text, 5) is counted


def test_without_its_code_system_a_number_goes() -> None:
    """The guard is what keeps it: the same digits without the name before them are taken."""
    assert values_of(LongNumberRecogniser(), "SNOMED 44054006") == set()
    assert values_of(LongNumberRecogniser(), "number 44054006") == {"44054006"}


LISTS = [
    ("MRN 448812, 448813 and 448814", {"448812", "448813", "448814"}),  # three of one shape
    ("MRN 448812 and 12 tablets", {"448812"}),  # another shape ends the list
    ("MRN 448812 or 448813x", {"448812"}),  # a longer word is no number of the list
]


@pytest.mark.parametrize(("text", "values"), LISTS)
def test_a_list_beside_one_cue(text: str, values: set[str]) -> None:
    assert values_of(MrnRecogniser(), text) == values


def test_three_digits_of_a_zip_follow_the_census() -> None:
    """17 prefixes hold 20,000 people or fewer (HHS guidance, Census 2000)."""
    assert len(LOW_POPULATION_ZIP3) == 17
    assert is_identifying_prefix("036")
    assert not is_identifying_prefix("606")
    assert is_identifying_prefix("6061")
