"""Table of references to biometric records: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.biometric import BiometricRecogniser
from unit.redaction.tables import values_of

RECOGNISER = BiometricRecogniser()

FOUND = [
    ("fingerprint ID FP-88213", "FP-88213"),  # id beside its cue
    ("voiceprint: VP-2024-88213", "VP-2024-88213"),  # voice
    ("face ID template 9f86d081884c7d65", "9f86d081884c7d65"),  # hexadecimal
    ("fingerprint template Rk1SACAyMAAAAAB1122AB", "Rk1SACAyMAAAAAB1122AB"),  # ISO minutiae record, base 64
    ("464D520020323000AA", "464D520020323000AA"),  # the same in hexadecimal, no cue
    ("iris code 4F:3A:22:9B:11:C0", "4F:3A:22:9B:11:C0"),  # pairs
    ("face embedding [0.12, -0.53, 0.88, 0.07]", "0.12, -0.53, 0.88, 0.07"),  # a vector
    ("huella dactilar: HD-448812", "HD-448812"),  # Spanish
    ("palm vein ID PVX 3390 1127", "PVX 3390 1127"),
    ('my retina print "RET/8841/OS"', "RET/8841/OS"),
]

LEFT = [
    "retina scan 2021 was normal",  # a year
    "my face is numb since 3/4",  # a day
    "voice is hoarse for 3 weeks",  # a duration
    "DNA test for BRCA1 and BRCA2",  # genes
    "palm size 12 cm",  # a length
    "HLA-B27 in the DNA profile",  # an allele
    "a face rash since 2021",
    "my voice is 50 percent back",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
