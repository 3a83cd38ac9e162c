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
    ("perdí la tarjeta de Medicaid. el número es 20455871B", "20455871B"),  # in the next sentence
    ("I lost the Humana card. My number was 88120934K", "88120934K"),
    ("and the group is 71-8830.", "71-8830"),  # a group before a stop
    ("grp OHEXP2.", "OHEXP2"),  # letters of a group
    ("RxGrp RXCVSD7, ID", "RXCVSD7"),  # group of a pharmacy card
    ("ID# U4471982 02 on my card", "U4471982 02"),  # the person of a contract after a blank
    ("policy no. PLN/88/20417 from", "PLN/88/20417"),  # slashes
    ("ins. card WMW 118 A 40927, stolen", "WMW 118 A 40927"),  # a letter between the groups
    ("(ID WLG 330 918 274)", "WLG 330 918 274"),  # letters before the groups
    ("VA card has the number V00 771 9042 18 and", "V00 771 9042 18"),  # groups after a payer
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
    "Medicaid pays. The number was 2024",  # a year
    "group B strep",
    "group 2 on Thursdays",
    "support group is 10-12 people",
    "age group 45-54",
    "blood group is AB positive",
    "group of 12345 adults in the study",
    "my id was 330 918 times asked",
    "VA number of 2 visits",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
