"""Table of names in form fields: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_labelled import LabelledNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = LabelledNameRecogniser()

FOUND = [
    ("Patient: Lopez, Maria", "Lopez, Maria"),  # family name first
    ("Name: ana ruiz", "ana ruiz"),  # lower case
    ("LOPEZ^MARIA^J", "LOPEZ^MARIA^J"),  # HL7 v2
    ("Ordering: OYELOWO, FUNMI MD", "OYELOWO, FUNMI MD"),
    ("Msg taken by: LW", "LW"),
    ('with provider "Hargreaves". I', "Hargreaves"),  # in quotes
]

LEFT = [
    "Patient: no complaints",  # no name
    "To: the doctor",  # an everyday word
    'Make it out to "Property Manager"',
    'the doctor "forgot"',
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
