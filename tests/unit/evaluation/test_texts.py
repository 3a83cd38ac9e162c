"""Reading the sets: what is read, and every way a file can be wrong, told in one line without its words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portico_core.labels import PhiType
from portico_evaluation.errors import UnusableSet
from portico_evaluation.phi.texts import (
    Identifier,
    parse_marked,
    read_marked,
    read_spanned,
    read_utility,
)

CANARY = "Zebulon Quartermain"


def write(folder: Path, *rows: object) -> Path:
    file = folder / "rows.jsonl"
    lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() for row in rows]
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


@pytest.mark.parametrize(
    ("marked", "text", "places"),
    [
        ("no marks", "no marks", []),
        ("⟦NAME:Ola⟧", "Ola", [(0, 3, "NAME")]),
        ("a ⟦NAME:Ola⟧⟦MRN:44-1⟧.", "a Ola44-1.", [(2, 5, "NAME"), (5, 9, "MRN")]),  # neighbours
        ("⟦URL:https://a.example/b⟧", "https://a.example/b", [(0, 19, "URL")]),  # colons in the value
        ("🙂 ⟦NAME:Ñu⟧", "🙂 Ñu", [(2, 4, "NAME")]),  # code points
        ("⟦GEOGRAPHIC:4 Elm\nHarlow⟧", "4 Elm\nHarlow", [(0, 12, "GEOGRAPHIC")]),  # over a line end
    ],
)
def test_marks(marked: str, text: str, places: list[tuple[int, int, str]]) -> None:
    found = tuple(Identifier(start, end, PhiType(kind)) for start, end, kind in places)
    assert parse_marked(marked) == (text, found)


@pytest.mark.parametrize(
    ("marked", "why"),
    [
        (f"⟦NAME:{CANARY}", "not closed"),
        (f"{CANARY}⟧", "not closed"),
        (f"⟦NAME:a ⟦DATE:{CANARY}⟧ b⟧", "lies in another"),
        (f"⟦{CANARY}⟧", "no ⟦TYPE:…⟧ form"),
        ("⟦NAME: ⟧", "empty"),
        (f"⟦{CANARY}:x⟧", "class is unknown"),
        ("⟦name:x⟧", "class is unknown"),
    ],
)
def test_a_wrong_mark_is_told_by_line(tmp_path: Path, marked: str, why: str) -> None:
    file = write(tmp_path, {"id": "1", "marked": "fine"}, {"id": "2", "marked": marked})
    with pytest.raises(UnusableSet, match=why) as caught:
        read_marked(file)
    assert str(caught.value).startswith(f"{file}:2: ")
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def span(start: Any, end: Any, kind: Any = "NAME") -> dict[str, Any]:
    return {"start": start, "end": end, "type": kind}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"spans": []}, '"text" is not a text'),
        ({"text": CANARY}, '"spans" is not a list'),
        ({"text": CANARY, "spans": [CANARY]}, "not an object"),
        ({"text": CANARY, "spans": [span(0, 99)]}, "no start and end"),
        ({"text": CANARY, "spans": [span(3, 3)]}, "no start and end"),
        ({"text": CANARY, "spans": [span(-1, 3)]}, "no start and end"),
        ({"text": CANARY, "spans": [span(0, "3")]}, "no start and end"),
        ({"text": CANARY, "spans": [span(False, True)]}, "no start and end"),
        ({"text": CANARY, "spans": [span(0, 3, CANARY)]}, "class is unknown"),
        ({"text": CANARY, "spans": [span(0, 3, None)]}, "class is unknown"),
        ({"text": CANARY, "spans": [span(0, 5), span(4, 9)]}, "two spans overlap"),
        ({"text": CANARY, "spans": [], "source": 7}, '"source" is not a text'),
        ({"text": "a", "spans": [], "source": CANARY * 4}, '"source" is longer than a name'),  # it would be shown
        ({"text": "a", "spans": [], "source": f"a\n{CANARY}"}, '"source" is longer than a name'),
        ([CANARY], "not a JSON object"),
        (CANARY.encode(), "not JSON"),
        (b'{"text": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_wrong_row_is_told_by_line(tmp_path: Path, row: object, why: str) -> None:
    file = write(tmp_path, {"text": "fine", "spans": []}, b"", row)
    with pytest.raises(UnusableSet, match=why) as caught:
        read_spanned(file)
    assert str(caught.value).startswith(f"{file}:3: ")
    assert CANARY not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"id": "1", "text": "5 mg", "keep": []}, "list of terms"),
        ({"id": "1", "text": "5 mg", "keep": "5 mg"}, "list of terms"),
        ({"id": "1", "text": "5 mg", "keep": [" "]}, "list of terms"),
        ({"id": "1", "text": "5 mg", "keep": ["10 mg"]}, "does not stand in the text"),
        ({"text": "5 mg", "keep": ["5 mg"]}, '"id" is not a text'),
    ],
)
def test_a_wrong_utility_row_is_told_by_line(tmp_path: Path, row: object, why: str) -> None:
    with pytest.raises(UnusableSet, match=why):
        read_utility(write(tmp_path, row))


@pytest.mark.parametrize("read", [read_marked, read_spanned, read_utility])
def test_a_missing_file_is_told(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(UnusableSet, match=r"absent\.jsonl: the file cannot be read"):
        read(tmp_path / "absent.jsonl")


def test_sound_rows_are_read(tmp_path: Path) -> None:
    (marked,) = read_marked(write(tmp_path, {"id": "p1", "marked": "⟦NAME:Ola⟧", "voice": "carer, worried"}))
    assert (marked.id, marked.text, marked.group) == ("p1", "Ola", "carer")
    spans = [span(4, 7), {**span(0, 3), "optional": True}]
    (spanned,) = read_spanned(write(tmp_path, {"text": "Ola Per", "spans": spans, "source": "s"}))
    assert [(i.start, i.optional) for i in spanned.identifiers] == [(0, True), (4, False)]
    assert (spanned.id, spanned.group) == ("line 1", "s")
    (utility,) = read_utility(write(tmp_path, {"id": "u1", "text": "5 mg", "keep": ["5 mg"], "kind": "dose"}))
    assert (utility.keep, utility.group) == (("5 mg",), "dose")


def test_optional_surfaces_count_neither_way(tmp_path: Path) -> None:
    marked = {"id": "1", "marked": "⟦NAME:Jan van Oss⟧ ('van' is no name)", "optional": ["van"]}
    (row,) = read_marked(write(tmp_path, marked))
    assert [(i.start, i.end, i.optional) for i in row.identifiers] == [(0, 11, False), (14, 17, True)]


@pytest.mark.parametrize(
    ("optional", "why"),
    [("van", "list of surfaces"), ([""], "list of surfaces"), (["Oss"], "outside the marks"), (["bus"], "outside")],
)
def test_a_wrong_optional_surface_is_told_by_line(tmp_path: Path, optional: object, why: str) -> None:
    file = write(tmp_path, {"id": "1", "marked": "⟦NAME:Jan van Oss⟧ ('van' is no name)", "optional": optional})
    with pytest.raises(UnusableSet, match=rf":1: .*{why}"):
        read_marked(file)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"text":"a","spans":[]}\r\n{"text":"b","spans":[]}\r\n')
    assert [row.text for row in read_spanned(file)] == ["a", "b"]
