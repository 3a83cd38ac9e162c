"""Units, their word pieces and the spans that tags make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico_core.tagging import Tag, UnitCase, cut_units, join_tags, owners_of

NO, N, P = Tag.OUTSIDE, Tag.NAME, Tag.PLACE


@pytest.mark.parametrize(
    ("text", "units", "cases"),
    [
        ("Ana took 5mg.", ["Ana", "took", "5", "mg", "."], [1, 0, 3, 0, 3]),
        ("O'Brien-LEE", ["O", "'", "Brien", "-", "LEE"], [1, 3, 1, 3, 2]),  # One capital alone is no word in capitals.
        ("x_1", ["x", "_", "1"], [0, 3, 3]),
        ("Ñandú 山田", ["Ñandú", "山田"], [1, 0]),
        (" \n\t", [], []),
    ],
)
def test_units_are_letters_digits_or_one_mark(text: str, units: list[str], cases: list[int]) -> None:
    cut = cut_units(text)
    assert [text[u.start : u.end] for u in cut] == units
    assert [u.case for u in cut] == [UnitCase(c) for c in cases]


@given(st.text(max_size=80))
def test_units_cover_everything_but_white_space(text: str) -> None:
    covered = "".join(text[u.start : u.end] for u in cut_units(text))
    assert covered == "".join(text.split())


def test_a_piece_belongs_to_the_unit_it_begins_in() -> None:
    units = cut_units("ab 12.")
    assert owners_of(units, [(0, 1), (1, 2), (3, 5), (5, 6), (6, 6)]) == [0, 0, 1, 2, -1]
    assert owners_of(units, [(2, 3)]) == [-1]  # White space is nobody's.


def spans(text: str, tags: list[Tag]) -> list[tuple[str, Tag]]:
    units = cut_units(text)
    return [(text[units[s.first].start : units[s.last - 1].end], s.tag) for s in join_tags(text, units, tags)]


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("Ana Ruiz here", [N, N, NO], [("Ana Ruiz", N)]),
        ("O'Brien", [N, NO, N], [("O'Brien", N)]),  # A mark inside a name need not be tagged itself.
        ("Ana, Bo", [N, NO, N], [("Ana", N), ("Bo", N)]),  # A comma parts two people.
        ("Ana\nRuiz", [N, N], [("Ana", N), ("Ruiz", N)]),  # A name ends with its line
        ("5 Elm St,\nDayton", [P, P, P, NO, P], [("5 Elm St,\nDayton", P)]),  # and an address does not.
        ("(Ana)", [N, N, N], [("Ana", N)]),
        ("...", [N, N, N], []),
        ("Ana Dayton", [N, P], [("Ana", N), ("Dayton", P)]),
    ],
)
def test_tags_become_spans(text: str, tags: list[Tag], expected: list[tuple[str, Tag]]) -> None:
    assert spans(text, tags) == expected
