"""What the redaction suite measures on: texts whose identifiers are known, and sentences that must stay as they are.

Four sources, one form. Marked text carries its identifiers inline as ⟦TYPE:surface⟧, so that an author sees what is
an identifier and no offset can be wrong; spanned text carries offsets, as ../shared/benchmarks and `portico redact` do.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from portico_core.labels import PhiType
from portico_evaluation.errors import UnusableSet

LABEL_CHARACTERS = 60

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
    return tuple(_marked(file, number, row) for number, row in _rows(file))


def read_spanned(file: Path) -> tuple[LabelledText, ...]:
    """Read {"text","spans","source"?} lines; raise UnusableSet."""
    return tuple(_spanned(file, number, row) for number, row in _rows(file))


def read_utility(file: Path) -> tuple[UtilityText, ...]:
    """Read {"id","text","keep","kind"} lines; raise UnusableSet."""
    return tuple(_utility(file, number, row) for number, row in _rows(file))


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


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


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        raise UnusableSet(file, "the file cannot be read") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise UnusableSet(file, "not UTF-8 text", line=number) from None
        except (ValueError, RecursionError):
            raise UnusableSet(file, "not JSON", line=number) from None
        if not isinstance(row, dict):
            raise UnusableSet(file, "not a JSON object", line=number)
        yield number, row


def _marked(file: Path, number: int, row: dict[str, Any]) -> LabelledText:
    marked, optional = _string(file, number, row, "marked"), row.get("optional", [])
    try:
        text, identifiers = parse_marked(marked)
        if not isinstance(optional, list) or not all(isinstance(surface, str) and surface for surface in optional):
            raise ValueError('"optional" is not a list of surfaces')
        spared = [place for surface in optional for place in _unmarked(text, surface, identifiers)]
    except ValueError as fault:
        raise UnusableSet(file, str(fault), line=number) from None
    writer = _label(file, number, row, "voice").split(",")[0]
    places = tuple(sorted((*identifiers, *spared), key=lambda place: place.start))
    return LabelledText(_string(file, number, row, "id"), text, places, group=writer)


def _unmarked(text: str, surface: str, identifiers: Sequence[Identifier]) -> list[Identifier]:
    """Return where a surface stands outside the marks; it counts neither way, so its class says nothing."""
    places = [Identifier(m.start(), m.end(), PhiType.OTHER_ID, True) for m in re.finditer(re.escape(surface), text)]
    outside = [p for p in places if all(p.end <= i.start or i.end <= p.start for i in identifiers)]
    if not outside:
        raise ValueError("an optional surface does not stand outside the marks")
    return outside


def _spanned(file: Path, number: int, row: dict[str, Any]) -> LabelledText:
    text, spans = _string(file, number, row, "text"), row.get("spans")
    if not isinstance(spans, list):
        raise UnusableSet(file, '"spans" is not a list', line=number)
    try:
        found = sorted((_identifier(span, text) for span in spans), key=lambda s: (s.start, s.end))
        if any(right.start < left.end for left, right in pairwise(found)):
            raise ValueError("two spans overlap")
    except ValueError as fault:
        raise UnusableSet(file, str(fault), line=number) from None
    return LabelledText(f"line {number}", text, tuple(found), group=_label(file, number, row, "source"))


def _identifier(span: object, text: str) -> Identifier:
    if not isinstance(span, dict):
        raise ValueError("a span is not an object")
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise ValueError("a span has no start and end within the text")
    return Identifier(start, end, _type(span.get("type")), optional=bool(span.get("optional")))


def _utility(file: Path, number: int, row: dict[str, Any]) -> UtilityText:
    text, keep = _string(file, number, row, "text"), row.get("keep")
    if not isinstance(keep, list) or not keep or not all(isinstance(term, str) and term.strip() for term in keep):
        raise UnusableSet(file, '"keep" is not a list of terms', line=number)
    if not all(term in text for term in keep):
        raise UnusableSet(file, "a term to keep does not stand in the text", line=number)
    return UtilityText(_string(file, number, row, "id"), text, tuple(keep), group=_label(file, number, row, "kind"))


def _string(file: Path, number: int, row: dict[str, Any], key: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str):
        raise UnusableSet(file, f'"{key}" is not a text', line=number)
    return value


def _label(file: Path, number: int, row: dict[str, Any], key: str) -> str:
    """Return a name that results and report will show; anything longer may be text."""
    label = _string(file, number, row, key, "")
    if len(label) > LABEL_CHARACTERS or "\n" in label:
        raise UnusableSet(file, f'"{key}" is longer than a name', line=number)
    return label


def _type(name: object) -> PhiType:
    """An unknown class is not repeated: what stands there may be patient text."""
    try:
        return PhiType(str(name))
    except ValueError:
        raise ValueError("an identifier class is unknown") from None
