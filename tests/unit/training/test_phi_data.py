"""Authored PHI sets: marks parse, rows are many and different, terms to keep stand in their sentence."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path

import pytest

from portico_core.labels import PhiType

FOLDER = Path(__file__).parents[3] / "training" / "data" / "phi"
BLIND = {"fresh": "pf", "third": "pt", "fourth": "pq"}
"""Files of later authors, and how their ids begin."""
TYPES = frozenset(PhiType)
KINDS = frozenset({
    "dose", "lab", "frequency", "duration", "drug", "disease", "procedure", "eponym", "device", "anatomy", "score",
    "age", "year", "unit", "microbe", "gene", "vaccine", "diet", "hotline",
})  # fmt: skip
MARK = re.compile(r"⟦([A-Z0-9_]+):([^⟦⟧]+)⟧")
SHINGLE_WORDS = 3
# Two messages that share this part of their three-word runs were written once and edited; the nearest honest pair
# of these sets lies well below it.
NEAR_DUPLICATE = 0.4
MIN_PORTAL, MIN_FRESH, MIN_UTILITY = 360, 300, 640


@dataclass(frozen=True, slots=True)
class Marked:
    """A message without its marks, and the (type, start, end) of what was marked, in code points."""

    text: str
    spans: tuple[tuple[str, int, int], ...]


def parse_marked(marked: str) -> Marked:
    """Take the marks out of a message; raise ValueError for a mark that is broken, padded or of no known type."""
    pieces, spans, at, length = [], [], 0, 0
    for mark in MARK.finditer(marked):
        kind, surface = mark.groups()
        if kind not in TYPES:
            raise ValueError(f"unknown type {kind}")
        if surface != surface.strip():
            raise ValueError("a mark must not begin or end with a space")
        before = marked[at : mark.start()]
        spans.append((kind, length + len(before), length + len(before) + len(surface)))
        pieces += [before, surface]
        length += len(before) + len(surface)
        at = mark.end()
    text = "".join([*pieces, marked[at:]])
    if "⟦" in text or "⟧" in text:
        raise ValueError("a mark is not closed")
    return Marked(text, tuple(spans))


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words of a text, or the whole of a shorter one."""
    words = re.findall(r"\w+", text.casefold())
    starts = range(max(1, len(words) - SHINGLE_WORDS + 1))
    return frozenset(tuple(words[at : at + SHINGLE_WORDS]) for at in starts)


def near_duplicates(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose shingles overlap (Jaccard) as far as `NEAR_DUPLICATE`."""
    sets = {row: shingles(text) for row, text in texts.items()}
    holders: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row, runs in sets.items():
        for run in runs:
            holders[run].append(row)
    pairs = {pair for rows in holders.values() for pair in combinations(rows, 2)}
    for one, other in sorted(pairs):
        if len(sets[one] & sets[other]) >= NEAR_DUPLICATE * len(sets[one] | sets[other]):
            yield one, other


def lost_terms(row: dict[str, object]) -> list[str]:
    """Return the terms to keep that do not stand in the sentence as whole words."""
    text, keep = str(row["text"]), row["keep"]
    assert isinstance(keep, list)
    return [term for term in keep if not re.search(rf"(?<![^\W_]){re.escape(term)}(?![^\W_])", text)]


def rows_of(name: str) -> list[dict[str, object]]:
    """Read one authored set."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def portal() -> list[dict[str, object]]:
    """Read the portal messages once."""
    return rows_of("portal.jsonl")


@pytest.fixture(scope="module")
def blind() -> dict[str, list[dict[str, object]]]:
    """Read the messages of later authors once, by what their ids begin with."""
    return {kind: rows_of(f"portal_{name}.jsonl") for name, kind in BLIND.items()}


@pytest.fixture(scope="module")
def devel() -> list[dict[str, object]]:
    """Read the messages to develop on once."""
    return rows_of("portal_devel.jsonl")


@pytest.fixture(scope="module")
def utility() -> list[dict[str, object]]:
    """Read the sentences without identifiers once."""
    return rows_of("utility.jsonl")


def test_marks_give_offsets_into_the_plain_message() -> None:
    parsed = parse_marked("Ask ⟦NAME:Ana Ruiz⟧, born ⟦DATE:3/4/60⟧.")
    assert parsed.text == "Ask Ana Ruiz, born 3/4/60."
    assert [(kind, parsed.text[start:end]) for kind, start, end in parsed.spans] == [
        ("NAME", "Ana Ruiz"),
        ("DATE", "3/4/60"),
    ]


@pytest.mark.parametrize(
    ("marked", "says"),
    [
        ("Ask ⟦PERSON:Ana⟧", "unknown type"),  # Presidio's name for the class, not the contract's
        ("Ask ⟦NAME:Ana", "not closed"),  # the writer forgot the end
        ("Ask NAME:Ana⟧", "not closed"),  # or the beginning
        ("Ask ⟦NAME:⟦NAME:Ana⟧⟧", "not closed"),  # marks do not nest
        ("Ask ⟦NAME:⟧", "not closed"),  # a mark of nothing
        ("Ask ⟦NAME: Ana⟧", "space"),  # the surface is exact
    ],
)
def test_a_broken_mark_is_refused(marked: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_marked(marked)


@pytest.mark.parametrize(
    ("name", "least", "of_each"),
    [
        ("portal", MIN_PORTAL, 6),
        ("portal_fresh", MIN_FRESH, 6),
        ("portal_third", MIN_FRESH, 3),
        ("portal_fourth", MIN_FRESH, 5),
    ],
)
def test_every_portal_message_parses_and_every_class_appears(name: str, least: int, of_each: int) -> None:
    parsed = [parse_marked(str(row["marked"])) for row in rows_of(f"{name}.jsonl")]
    found = Counter(kind for one in parsed for kind, _, _ in one.spans)
    share = sum(not one.spans for one in parsed) / len(parsed)
    assert len(parsed) >= least
    assert {kind: found[kind] for kind in TYPES if found[kind] < of_each} == {}
    assert 0.28 <= share <= 0.40  # a third without identifiers, as briefed


def test_portal_rows_have_their_fields(
    portal: list[dict[str, object]],
    blind: dict[str, list[dict[str, object]]],
    devel: list[dict[str, object]],
) -> None:
    for row in [*portal, *chain(*blind.values()), *devel]:
        assert set(row) - {"optional"} == {"id", "marked", "voice"}
        assert str(row["voice"]).split(",")[0] in {"patient", "carer", "parent", "proxy", "relative", "staff"}


def test_optional_surfaces_stand_outside_the_marks(
    portal: list[dict[str, object]], devel: list[dict[str, object]]
) -> None:
    for row in [*portal, *devel]:
        unmarked = MARK.sub(" ", str(row["marked"]))
        optional = row.get("optional", [])
        assert isinstance(optional, list)
        assert all(surface in unmarked for surface in optional), row["id"]


def test_utility_rows_have_their_fields(utility: list[dict[str, object]]) -> None:
    assert len(utility) >= MIN_UTILITY
    for row in utility:
        assert set(row) == {"id", "text", "keep", "kind"}
        assert row["kind"] in KINDS
        assert row["keep"], row["id"]
        assert not re.search("[⟦⟧]", str(row["text"]))


def test_terms_to_keep_stand_in_their_sentence(utility: list[dict[str, object]]) -> None:
    assert {str(row["id"]): lost for row in utility if (lost := lost_terms(row))} == {}


@pytest.mark.parametrize(("term", "lost"), [("5 mg", []), ("5 mcg", ["5 mcg"]), ("metform", ["metform"])])
def test_a_planted_wrong_term_is_found(term: str, lost: list[str]) -> None:
    assert lost_terms({"text": "metformin 5 mg", "keep": [term]}) == lost


def test_messages_to_develop_on_are_as_the_card_says(devel: list[dict[str, object]]) -> None:
    card = (FOLDER / "DATA_CARD.md").read_text(encoding="utf-8")
    spans = [parse_marked(str(row["marked"])).spans for row in devel]
    assert f"`portal_devel.jsonl` | {len(devel)} messages, {sum(map(len, spans))} identifiers" in card
    assert f"({sum(map(bool, spans))} messages), and {sum(not one for one in spans)} messages" in card


def test_ids_are_unique_and_numbered(
    portal: list[dict[str, object]],
    blind: dict[str, list[dict[str, object]]],
    devel: list[dict[str, object]],
    utility: list[dict[str, object]],
) -> None:
    for kind, rows in blind.items():
        assert [row["id"] for row in rows] == [f"{kind}-{n:04d}" for n in range(1, len(rows) + 1)]
    assert [row["id"] for row in devel] == [f"pd-{n:04d}" for n in range(1, len(devel) + 1)]
    assert [row["id"] for row in portal] == [f"portal-{n:03d}" for n in range(1, len(portal) + 1)]
    assert [row["id"] for row in utility] == [f"utility-{n:03d}" for n in range(1, len(utility) + 1)]


def test_no_two_messages_are_near_duplicates(
    portal: list[dict[str, object]],
    blind: dict[str, list[dict[str, object]]],
    devel: list[dict[str, object]],
    utility: list[dict[str, object]],
) -> None:
    texts = {
        str(row["id"]): parse_marked(str(row["marked"])).text for row in [*portal, *chain(*blind.values()), *devel]
    }
    texts |= {str(row["id"]): str(row["text"]) for row in utility}
    assert list(near_duplicates(texts)) == []


def test_a_planted_near_duplicate_is_found(portal: list[dict[str, object]]) -> None:
    """Negative control: one committed message with another dose and another street."""
    texts = {str(row["id"]): parse_marked(str(row["marked"])).text for row in portal}
    planted = texts["portal-001"].replace("20 mg", "40 mg").replace("Tamarack", "Juniper")
    assert planted != texts["portal-001"]
    assert list(near_duplicates(texts | {"planted": planted})) == [("portal-001", "planted")]


def counts_missing_from(card: str, portal: list[dict[str, object]]) -> list[str]:
    """Return the "| TYPE | identifiers | messages |" cells that a card does not show."""
    kinds = [[kind for kind, _, _ in parse_marked(str(row["marked"])).spans] for row in portal]
    identifiers = Counter(kind for found in kinds for kind in found)
    messages = Counter(kind for found in kinds for kind in set(found))
    cells = [f"| {kind} | {identifiers[kind]} | {messages[kind]} |" for kind in sorted(TYPES)]
    cells.append(f"| all | {identifiers.total()} | {sum(map(bool, kinds))} |")
    return [cell for cell in cells if cell not in card]


def test_the_card_counts_what_stands(
    portal: list[dict[str, object]],
    blind: dict[str, list[dict[str, object]]],
    utility: list[dict[str, object]],
) -> None:
    card = (FOLDER / "DATA_CARD.md").read_text(encoding="utf-8")
    assert counts_missing_from(card, portal) == []
    for name, kind in BLIND.items():
        assert counts_missing_from(card, blind[kind]) == []
        assert f"`portal_{name}.jsonl` | {len(blind[kind])} messages" in card
    assert f"{len(utility):,} sentences" in card
    for kind, rows in Counter(str(row["kind"]) for row in utility).items():
        assert f"| {kind} | {rows} |" in card


def test_a_card_that_was_left_behind_is_found(portal: list[dict[str, object]]) -> None:
    """Negative control: the committed card against a set that lost its first message."""
    card = (FOLDER / "DATA_CARD.md").read_text(encoding="utf-8")
    assert any(cell.startswith("| NAME ") for cell in counts_missing_from(card, portal[1:]))
