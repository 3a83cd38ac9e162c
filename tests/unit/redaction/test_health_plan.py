"""Table of health plan numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.health_plan import HealthPlanRecogniser
from unit.redaction.tables import values_of

RECOGNISER = HealthPlanRecogniser()

FOUND = [
    ("member ID: XJB123456789", "XJB123456789"),  # letters first
    ("Medicaid number 123456789", "123456789"),  # digits only
    ("group # 55-0912", "55-0912"),  # a group
    ("ins: ZY-567890", "ZY-567890"),  # shorthand for insurance
    ("pt has ins plan #R-987654", "#R-987654"),  # plan number in shorthand
    ("insurer ID #CS-456789", "#CS-456789"),  # insurer id
    ("her insurance is HPN-987654", "HPN-987654"),  # no word for number at all
    ("Her HMO ID is 5678-2345-4321", "5678-2345-4321"),  # groups of digits
    ("Health ID: HD-112233", "HD-112233"),  # health id
    ("insurance number IN-789012", "IN-789012"),  # a prefix that is also a small word
    ("subscriber W1234 56789", "W1234 56789"),  # letter and groups as on a card
    ("RxBIN 610014 RxGrp RX4471", "610014"),  # pharmacy fields of a card
    ("póliza AB-448812", "AB-448812"),  # Spanish
    ("it is MBR-4488123", "MBR-4488123"),  # a prefix that names a member number
    ("medicaid el numero es MA 20448193 07", "MA 20448193 07"),
    ("supplement Mutual of Omaha 0917733-91", "0917733-91"),
    ("mi nuevo seguro: U7720 4419 02", "U7720 4419 02"),
    ("pcn ADV grp RX7701 id GJ 9902 1874 01", "GJ 9902 1874 01"),
]

LEFT = [
    "Medicare 2024 changes",  # a year
    "a group of 12 people",  # a count
    "insurance covers 90 days",  # a duration
    "my plan is 30 minutes of walking",  # another sense of plan
    "group of 12 people",  # a count
    "Medicare Part B pays 80%",  # a share
    "insurance since 2018",  # a year
    "policy changed 3/4",  # a day, which is the date recogniser's
    "my plan is 100-200 steps",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
