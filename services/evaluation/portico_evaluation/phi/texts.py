"""What the redaction suite measures on: texts whose identifiers are known, and sentences that must stay as they are.

Four sources, one form. Marked text carries its identifiers inline as ⟦TYPE:surface⟧, so that an author sees what is
an identifier and no offset can be wrong; spanned text carries offsets, as ../shared/benchmarks and `portico redact` do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from portico_core.labels import PhiType
from portico_evaluation.errors import UnusableSet
from portico_evaluation.rows import name_of, read_rows, string_of

_MARK = re.compile(r"⟦([^:⟦⟧]*):([^⟦⟧]*)⟧")


@dataclass(frozen=True, slots=True)
class Identifier:
    """Where an identifier lies (code points) and its class; an optional one counts neither way."""

    start: int
    end: int
    type: PhiType
    optional: bool = False


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text, its identifiers in reading order, and the voice or source it belongs to."""

    id: str
    text: str
    identifiers: tuple[Identifier, ...]
    group: str = ""
    known_values: tuple[tuple[PhiType, str], ...] = ()
    """What the session vouches for while this text is redacted."""


@dataclass(frozen=True, slots=True)
class UtilityText:
    """A text, and the terms of it that must survive."""

    id: str
    text: str
    keep: tuple[str, ...]
    group: str


def read_marked(file: Path) -> tuple[LabelledText, ...]:
    """Read {"id","marked","voice","optional"?} lines; raise UnusableSet. The group is the voice's first part."""
    return tuple(_marked(file, number, row) for number, row in read_rows(file))


def read_spanned(file: Path) -> tuple[LabelledText, ...]:
    """Read {"text","spans","source"?} lines; raise UnusableSet."""
    return tuple(_spanned(file, number, row) for number, row in read_rows(file))


def read_utility(file: Path) -> tuple[UtilityText, ...]:
    """Read {"id","text","keep","kind"} lines; raise UnusableSet."""
    return tuple(_utility(file, number, row) for number, row in read_rows(file))


def parse_marked(marked: str) -> tuple[str, tuple[Identifier, ...]]:
    """Return the text without its marks, and what they marked; raise ValueError with a reason that quotes nothing."""
    text, identifiers, at = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        surface = match[2]
        if not surface.strip():
            raise ValueError("a mark is empty")
        identifiers.append(Identifier(len(text), len(text) + len(surface), _type(match[1])))
        text, at = text + surface, match.end()
    text += marked[at:]
    if "⟦" in text or "⟧" in text:
        raise ValueError("a mark is not closed, lies in another, or has no ⟦TYPE:…⟧ form")
    return text, tuple(identifiers)


def _marked(file: Path, number: int, row: dict[str, Any]) -> LabelledText:
    marked, optional = string_of(file, number, row, "marked"), row.get("optional", [])
    try:
        text, identifiers = parse_marked(marked)
        if not isinstance(optional, list) or not all(isinstance(surface, str) and surface for surface in optional):
            raise ValueError('"optional" is not a list of surfaces')
        spared = [place for surface in optional for place in _unmarked(text, surface, identifiers)]
    except ValueError as fault:
        raise UnusableSet(file, str(fault), line=number) from None
    writer = name_of(file, number, row, "voice").split(",")[0]
    places = tuple(sorted((*identifiers, *spared), key=lambda place: place.start))
    return LabelledText(string_of(file, number, row, "id"), text, places, group=writer)


def _unmarked(text: str, surface: str, identifiers: Sequence[Identifier]) -> list[Identifier]:
    """Return where a surface stands outside the marks; it counts neither way, so its class says nothing."""
    places = [Identifier(m.start(), m.end(), PhiType.OTHER_ID, True) for m in re.finditer(re.escape(surface), text)]
    outside = [p for p in places if all(p.end <= i.start or i.end <= p.start for i in identifiers)]
    if not outside:
        raise ValueError("an optional surface does not stand outside the marks")
    return outside


def _spanned(file: Path, number: int, row: dict[str, Any]) -> LabelledText:
    text, spans = string_of(file, number, row, "text"), row.get("spans")
    if not isinstance(spans, list):
        raise UnusableSet(file, '"spans" is not a list', line=number)
    try:
        found = sorted((_identifier(span, text) for span in spans), key=lambda s: (s.start, s.end))
        if any(right.start < left.end for left, right in pairwise(found)):
            raise ValueError("two spans overlap")
    except ValueError as fault:
        raise UnusableSet(file, str(fault), line=number) from None
    return LabelledText(f"line {number}", text, tuple(found), group=name_of(file, number, row, "source"))


def _identifier(span: object, text: str) -> Identifier:
    if not isinstance(span, dict):
        raise ValueError("a span is not an object")
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise ValueError("a span has no start and end within the text")
    return Identifier(start, end, _type(span.get("type")), optional=bool(span.get("optional")))


def _utility(file: Path, number: int, row: dict[str, Any]) -> UtilityText:
    text, keep = string_of(file, number, row, "text"), row.get("keep")
    if not isinstance(keep, list) or not keep or not all(isinstance(term, str) and term.strip() for term in keep):
        raise UnusableSet(file, '"keep" is not a list of terms', line=number)
    if not all(term in text for term in keep):
        raise UnusableSet(file, "a term to keep does not stand in the text", line=number)
    return UtilityText(string_of(file, number, row, "id"), text, tuple(keep), group=name_of(file, number, row, "kind"))


def _type(name: object) -> PhiType:
    """An unknown class is not repeated: what stands there may be patient text."""
    try:
        return PhiType(str(name))
    except ValueError:
        raise ValueError("an identifier class is unknown") from None
