"""Units of text and their tags: what the tagger of names and places is trained on and how its tags become spans.

Training and the gateway share this file, so that a model is asked exactly what it was taught. A unit is a run of
letters, a run of digits or one other character: the pre-tokeniser of BERT (Devlin et al. 2019) never joins two units'
punctuation, so each word piece lies in one unit or begins in it. One decision a unit, from the mean of its pieces,
decodes better than one a piece (design/prototypes.md). The base is uncased: case goes in as a token type.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

UNIT = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_INSIDE_NAME = frozenset("'.-")
_INSIDE_PLACE = frozenset("'.-,#/&")


class Tag(IntEnum):
    """What a unit is; the order of the model's outputs."""

    OUTSIDE = 0
    NAME = 1
    PLACE = 2


class UnitCase(IntEnum):
    """How a unit is written; the model's token type."""

    LOWER = 0
    CAPITAL = 1
    CAPITALS = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of text: code points `start` up to `end`, and how it is written."""

    start: int
    end: int
    case: UnitCase


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Units of one tag that stand together: first unit, and one after the last."""

    first: int
    last: int
    tag: Tag


def cut_units(text: str) -> list[Unit]:
    """Cut text into units, white space left out."""
    return [Unit(match.start(), match.end(), _case_of(match.group())) for match in UNIT.finditer(text)]


def owners_of(units: Sequence[Unit], offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Return the number of the unit that each word piece begins in, -1 for none; `offsets` are code points."""
    owners, at = [], 0
    for start, _ in offsets:
        while at < len(units) and units[at].end <= start:
            at += 1
        owners.append(at if at < len(units) and units[at].start <= start else -1)
    return owners


def join_tags(text: str, units: Sequence[Unit], tags: Sequence[Tag]) -> list[TaggedSpan]:
    """Join neighbouring units of one tag; a name ends with its line, an address does not."""
    spans: list[TaggedSpan] = []
    for at, tag in enumerate(tags):
        if tag is Tag.OUTSIDE:
            continue
        last = spans[-1] if spans else None
        if last and last.tag is tag and _belongs(text, units, last, at):
            spans[-1] = TaggedSpan(last.first, at + 1, tag)
        else:
            spans.append(TaggedSpan(at, at + 1, tag))
    return [trimmed for span in spans if (trimmed := _trimmed(text, units, span)) is not None]


def _case_of(unit: str) -> UnitCase:
    if not unit[0].isalpha():
        return UnitCase.OTHER
    if len(unit) > 1 and unit.isupper():
        return UnitCase.CAPITALS
    return UnitCase.CAPITAL if unit[0].isupper() else UnitCase.LOWER


def _belongs(text: str, units: Sequence[Unit], span: TaggedSpan, at: int) -> bool:
    """Say whether a unit goes on with a span: nothing between but blanks, or one mark that stands inside words."""
    between = units[span.last : at]
    gap = text[units[span.last - 1].end : units[at].start]
    if span.tag is Tag.NAME and "\n" in gap:
        return False
    allowed = _INSIDE_NAME if span.tag is Tag.NAME else _INSIDE_PLACE
    return len(between) <= 1 and all(text[unit.start] in allowed for unit in between)


def _trimmed(text: str, units: Sequence[Unit], span: TaggedSpan) -> TaggedSpan | None:
    """Cut punctuation from both ends."""
    first, last = span.first, span.last
    while first < last and not text[units[first].start].isalnum():
        first += 1
    while last > first and not text[units[last - 1].start].isalnum():
        last -= 1
    return TaggedSpan(first, last, span.tag) if first < last else None
