"""Table of codes in groups: what is taken, and the readings, doses and public codes that stay."""

import pytest

from portico_core.labels import PhiType
from portico_redaction.recognisers.code_in_groups import CodeInGroupsRecogniser
from unit.redaction.tables import values_of

RECOGNISER = CodeInGroupsRecogniser()

FOUND = [
    ("the pump's serial is PLX-E 440218", "PLX-E 440218"),  # letters with a hyphen, then digits
    ("file B 31 207 559 at the county", "B 31 207 559"),  # a letter and groups
    ("Authorization no. QT 55182 907.", "QT 55182 907"),  # the full stop of "no." ends no sentence
    ("31-6620-04 on the old bill", "31-6620-04"),  # the word after it
    ("Booking number 27-0084419, please", "27-0084419"),  # digits alone, no range
    ("Medicaid 33018842 02", "33018842 02"),  # a person's number of a policy
    ("Sticker: K 6602 17743", "K 6602 17743"),  # no other word
    ("They ask for his license. I wrote TD-5529-R off the wall", "TD-5529-R"),  # the word in the sentence before
    ("access code WQJ-5512-KM expired", "WQJ-5512-KM"),  # four digits in three groups
    ("serial number 3308Y1M7T, and the left is 3308Y1M8W", "3308Y1M8W"),  # the second of two
    ("MY POLICY IS 44718 20916 OK", "44718 20916"),  # words in capitals before it stay
]

LEFT = [
    "my chart says BP 120 80 118 and HR 88 90 102",  # readings behind a test
    "the meter shows 110-145-201 and 188 244 260 this week",  # readings alone
    "the NDC number on the box is 59762-3722-1, the plan pays",  # a drug
    "the claim was coded CPT 99213-25 and 36415-59",  # procedures
    "the order has ICD Z79-4",  # a diagnosis
    "the claim lists J1745 and E0601",  # HCPCS
    "my pump is a MiniMed 780G",  # a product
    "the model number is FS-2 30417",  # a kind of thing
    "my record is 10000-12000 steps per day",  # a range
    "the bill says $1,200 and 340.50 for 10:30-11:45",  # money, times
    "my plan covers 2024-2025 and 2025 2026",  # years
    "the prescription is D3 50000 IU and B12 1000",  # doses
    "call Medicare 1-800-633-4227 about my plan",  # a public line
    "the claim of 10 12 2026",  # a day, DateRecogniser's
    "my number is 505-555-0118",  # a telephone number, PhoneRecogniser's
    "we drove PLX-E 440218 miles away",  # no word for a numbered thing
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the pump's serial number is PLX-E 440218", PhiType.DEVICE),
        ("card of the new plan: ID ZTP 4410 20718", PhiType.HEALTH_PLAN),
        ("run number 27-0084419", PhiType.OTHER_ID),
    ],
)
def test_names_the_class_of_the_thing(text: str, kind: PhiType) -> None:
    assert [found.entity_type for found in RECOGNISER.analyze(text, [])] == [kind.value]
