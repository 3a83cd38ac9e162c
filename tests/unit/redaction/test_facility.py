"""Table of facilities: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.facility import FacilityRecogniser
from unit.redaction.tables import values_of

RECOGNISER = FacilityRecogniser()

FOUND = [
    ("at St. Mary's Hospital", "St. Mary's Hospital"),  # saint
    ("Riverbend Medical Center", "Riverbend Medical Center"),  # two-word kind
    ("the Elmwood Clinic", "Elmwood Clinic"),  # clinic
    ("Mayo Clinic", "Mayo Clinic"),  # well known
    ("Company is Golden Acres Residence", "Golden Acres Residence"),
    ("oxygen company Ridgeway Respiratory", "Ridgeway Respiratory"),
    ("la primaria Benito Juárez", "primaria Benito Juárez"),
    ("trabajo en la Procesadora El Roble", "Procesadora El Roble"),
    ("the Alder Creek warehouse", "Alder Creek"),  # works
    ("burned at the Tonopah plant", "Tonopah"),
    ("our Coos Bay lumber mill closed", "Coos Bay"),
    ("at the Pine Street shelter", "Pine Street shelter"),  # a kind in lower case
    ("records from mercy general.", "mercy general"),  # a hospital's usual name in lower case
    ("work nights at the tolland paper mill", "tolland paper mill"),  # works in lower case
    ("done at Clearview Imaging", "Clearview Imaging"),  # a kind of clinic
    ("at Tanner's Drug", "Tanner's Drug"),  # a pharmacy of its own
]

LEFT = [
    "the hospital",  # no name
    "Children's Hospital",  # generic words only
    "Mental Health",  # a field
    "Physical Therapy",  # a treatment
    "the escuela is closed",
    "is the Aloe plant safe for burns",  # a plant that grows
    "The Amazon warehouse job",  # a firm
    "the Old paper mill",  # everyday words
    "Costco pharmacy is cheaper",
    "Needs dialysis",
    "My Cardiology visit",
    "CVS Pharmacy",
    "at the homeless shelter",
    "mercy of the general",
    "work at the paper mill",
    "Our library",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
