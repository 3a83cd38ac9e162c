"""The pieces of one address are one identifier; two places that only stand near each other stay two."""

import pytest

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.addresses import join_addresses


def joined(text: str, *pieces: str) -> list[str]:
    """Find the pieces in reading order and join them."""
    spans, at = [], 0
    for piece in pieces:
        start = text.index(piece, at)
        at = start + len(piece)
        spans.append(PhiSpan(start, at, PhiType.GEOGRAPHIC, 0.8))
    return [text[s.start : s.end] for s in join_addresses(text, spans)]


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        # A region's letters stand between town and code.
        ("to 5 Elm St\nDayton\n, OH\n 454 now", ("5 Elm St", "Dayton", "454"), ["5 Elm St\nDayton\n, OH\n 454"]),
        # An export that has no region writes so.
        ("4 Rue Basse, Toulon nan", ("4 Rue Basse", "Toulon nan"), ["4 Rue Basse, Toulon nan"]),
        ("9 Marktweg\nVaduz (Oberland) 9490", ("9 Marktweg\nVaduz", "9490"), ["9 Marktweg\nVaduz (Oberland) 9490"]),
        # A country and a code close an address, whatever the case.
        ("106 calle luna 4, vigo, spain 36201.", ("106 calle luna 4, vigo",), ["106 calle luna 4, vigo, spain 36201"]),
        # A unit and a second number open it.
        ("Suite 9 310 Oak Ave", ("310 Oak Ave",), ["Suite 9 310 Oak Ave"]),
        ("66029 138 Fig Place", ("138 Fig Place",), ["66029 138 Fig Place"]),
        # A corner names two streets, and the second may be unknown.
        ("at the corner of 5th St and Vine", ("5th St", "Vine"), ["the corner of 5th St and Vine"]),
        ("corner of Oak St & Ploughshare Way", ("Oak St",), ["corner of Oak St & Ploughshare Way"]),
        # Control: towns without a number stay apart, and a state after a town stays.
        ("from Dayton to Peoria", ("Dayton", "Peoria"), ["Dayton", "Peoria"]),
        ("Dayton and Peoria", ("Dayton", "Peoria"), ["Dayton", "Peoria"]),
        ("born in Dayton, Ohio", ("Dayton",), ["Dayton"]),
        # Control: a dose after a place is none of it.
        ("12 Elm St. 500 mg twice", ("12 Elm St",), ["12 Elm St"]),
        ("take 20 12 Elm St", ("12 Elm St",), ["20 12 Elm St"]),
    ],
)  # fmt: skip
def test_pieces_of_an_address(text: str, pieces: tuple[str, ...], expected: list[str]) -> None:
    assert joined(text, *pieces) == expected


def test_other_classes_are_left_alone() -> None:
    span = PhiSpan(0, 3, PhiType.NAME, 0.9)
    assert join_addresses("Ana 12 Elm St", [span]) == [span]
