"""Table of long bare numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.long_number import LongNumberRecogniser
from unit.redaction.tables import values_of

RECOGNISER = LongNumberRecogniser()

FOUND = [
    ("it says 88231234", "88231234"),  # eight digits
    ("code QX-882312", "QX-882312"),  # letters and digits
    ("QX-448812-77", "QX-448812-77"),  # a code in groups
    ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),  # a UUID
    ("9f86d081884c7d659a2feaa0c55ad015", "9f86d081884c7d659a2feaa0c55ad015"),  # a digest
    ("8213KXA4471", "8213KXA4471"),  # digits and letters
    ("take YPH992K10482 here", "YPH992K10482"),  # letters among digits
    ("see RNB774512HX now", "RNB774512HX"),  # letters last
]

LEFT = [
    "1500000 copies/ml",  # a count with its unit
    "150000",  # six digits
    "2019",  # a year
    "NCT01234567 is enrolling",  # a registered trial
    "LY3437943 trial",  # a drug that has only its maker's code
    "SNOMED 44054006",  # a code of a disease
    "HLA-B2705",  # an allele
    "1500000 copies/mL",  # a viral load
    "COVID-19 and SARS-CoV-2",  # diseases
    "G20210A",
    "R506Q and C282Y",
    "c.5946delT",
    "CYP2C19",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
