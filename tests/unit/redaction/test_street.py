"""Table of streets: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.street import StreetRecogniser
from unit.redaction.tables import values_of

RECOGNISER = StreetRecogniser()

FOUND = [
    ("I live at 12 Oak Street", "12 Oak Street"),  # plain
    (
        "742 Evergreen Terrace, Springfield, IL 62704",
        "742 Evergreen Terrace, Springfield, IL 62704",
    ),  # to the end of the address
    ("PO Box 1123", "PO Box 1123"),  # box
    ("at 55 north elm street apt 4", "55 north elm street apt 4"),  # lower case
    ("the library on 9th & Alder", "9th & Alder"),
    ("the van at Laurel and W. 12th was late", "Laurel and W. 12th"),
    ("meet me at the corner of Birch and Vine", "Birch and Vine"),
    ("I slipped near the Foundry Road job", "Foundry Road"),
    ("Two Harbor Plaza, 9th Floor", "Two Harbor Plaza, 9th Floor"),
    ("la tienda de la avenida Morelos", "avenida Morelos"),
]

LEFT = [
    "5 mg a day",  # a dose
    "two blocks down the street",  # no number
    "20 minutes drive",  # a duration
    "I am on Keppra and Lamictal",
    "the 4th and last dose",
    "she is at Stage Two",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
