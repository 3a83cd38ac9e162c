"""Table of other identifiers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.other_id import OtherIdRecogniser
from unit.redaction.tables import values_of

RECOGNISER = OtherIdRecogniser()

FOUND = [
    ("appointment number 88213", "88213"),  # appointment
    ("confirmation code: KX88213", "KX88213"),  # confirmation
    ("order # 5512-99", "5512-99"),  # order
    ("room for APPT-88213", "APPT-88213"),  # a prefix that names an appointment
    ("Rx#7712345-01", "#7712345-01"),  # a prescription
    ("confirmation code QKZTRB", "QKZTRB"),  # letters only
    ("accession 24-88213", "24-88213"),  # a specimen
    ("claim 448812345", "448812345"),  # no word for number
    ("tracking 1Z999AA10123456784", "1Z999AA10123456784"),  # a parcel
    ("case nos. 448812, 448813", "448813"),  # the second of a list
    ("número de cita 44881", "44881"),  # Spanish
    ("cédula 1-1234-5678", "1-1234-5678"),  # a national identity number
    ("I'm participant LUM-0217", "LUM-0217"),
    ("plate on file, permit H-2218", "H-2218"),
    ("the cleared check, no. 1187", "1187"),
    ("study subject 1103-0042 here", "1103-0042"),  # a cue without the word for a number
    ("employee badge 118204", "118204"),  # the same
    ("police report 24-004418 says", "24-004418"),  # the same
    ("ref APL/2291/K, says", "APL/2291/K"),  # slashes
    ("queue ticket B047", "B047"),  # a place in a queue
    ("donor id W0418 24 771204", "W0418 24 771204"),  # groups with a letter
    ("the reference is GRV-0417", "GRV-0417"),  # a verb after the cue
    ("fob number for the wing is FB-2204", "FB-2204"),  # words between
    ("with reference EOC 77120943 on", "EOC 77120943"),  # capitals before the number
    ("badge was VOL-1187, the", "VOL-1187"),  # a verb between
]

LEFT = [
    "appointment in 2024",  # a year
    "in order to sleep 8 hours",  # another sense
    "case of flu",  # another sense
    "rx 500 mg",  # a dose
    "refill 90 tablets",  # a count
    "CPT code 45378",  # a procedure
    "ICD-10 code E11.9",  # a diagnosis
    "study of 12000 patients",  # a count
    "visit 3 of 6",  # a count
    "claims that 50% recover",  # a share
    "reference range 3.5-5.1",  # a range
    "participant B-12 deficiency",
    "please check, no. 2 pencil",
    "subject of 3 messages",
    "letter 2 weeks ago",
    "PT order: 2-3x/week",
    "kit 10 tests",
    "block 3 of the course",
    "ticket A or B",
    "vehicle VIN pending",
    "a slide of 12 pictures",
    "reference MRI 2024 results",
    "badge was lost",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
