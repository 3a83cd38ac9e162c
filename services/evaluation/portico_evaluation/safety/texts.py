"""What the safety suite measures on: the authored messages of two splits, and labelled text by other hands."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portico_core.labels import Label
from portico_evaluation.errors import UnusableSet
from portico_evaluation.figures import Target
from portico_evaluation.results import SetSummary
from portico_evaluation.rows import digest_of, name_of, read_rows, string_of
from portico_evaluation.safety.judging import Conversation
from portico_evaluation.safety.slices import slices_of
from portico_evaluation.safety.targets import AUTHORED_TEST, OUTSIDE, OUTSIDE_ALLOWED, OUTSIDE_MUST_NOT

TITLES = {"test": "authored messages, test split", "threshold": "authored messages, the style that chose thresholds"}
_KINDS = ("label", "allowed", "must_not")
_TARGETS = {"label": OUTSIDE, "allowed": OUTSIDE_ALLOWED, "must_not": OUTSIDE_MUST_NOT}
_OUTSIDE_TITLES = {
    "label": "labelled text by other hands",
    "allowed": "ambiguous text by other hands",
    "must_not": "alarming-sounding harmless text by other hands",
}


@dataclass(frozen=True, slots=True)
class SafetyText:
    """A conversation, what may be said of it, and the groups it is counted in.

    `label` is the one right label, where there is one; else the verdict is right when it is among `allowed`, or not
    among `must_not`. `theme` is the class of an attack.
    """

    id: str
    messages: Conversation
    label: Label | None = None
    allowed: frozenset[Label] = frozenset()
    must_not: frozenset[Label] = frozenset()
    source: str = ""
    slices: tuple[str, ...] = ()
    theme: str = ""

    def is_right(self, label: Label | None) -> bool:
        """Say whether a label is right; a refused text (None) is right only where something must not be said."""
        if self.must_not:
            return label not in self.must_not
        return label is not None and (label is self.label or label in self.allowed)


@dataclass(frozen=True, slots=True)
class SafetySet:
    """Texts under one name, and the targets that were named for them."""

    name: str
    title: str
    texts: tuple[SafetyText, ...]
    sha256: str
    targets: Mapping[str, Target] = field(default_factory=dict)

    def summary(self) -> SetSummary:
        """Return what results.json says of the set."""
        return SetSummary(self.name, self.title, len(self.texts), self.sha256)


def read_authored(folder: Path) -> tuple[SafetySet, ...]:
    """Read the test and threshold splits of every file of a folder; raise UnusableSet, also for an empty split."""
    found: dict[str, list[SafetyText]] = {split: [] for split in TITLES}
    digests = {split: hashlib.sha256() for split in TITLES}
    for file in sorted(folder.glob("*.jsonl")):
        for number, row in read_rows(file):
            split = string_of(file, number, row, "split")
            if split in found:
                found[split].append(_authored(file, number, row))
                digests[split].update(json.dumps(row, sort_keys=True).encode() + b"\n")
    if empty := [split for split, texts in found.items() if not texts]:
        raise UnusableSet(folder, f"no message of the {empty[0]} split")
    targets = {"test": AUTHORED_TEST}
    return tuple(
        SafetySet(split, TITLES[split], tuple(texts), digests[split].hexdigest(), targets.get(split, {}))
        for split, texts in found.items()
    )


def read_outside(files: Sequence[Path]) -> tuple[SafetySet, ...]:
    """Read {"text","source"?} lines with "label", "allowed" or "must_not", one kind a file; raise UnusableSet."""
    names: list[str] = []
    sets = []
    for file in files:
        names.append(file.name)
        seen = names.count(file.name)
        sets.append(_outside_set(file, file.name if seen == 1 else f"{file.name} ({seen})"))
    return tuple(sets)


def thin(given: SafetySet, limit: int | None) -> SafetySet:
    """Return at most `limit` texts, evenly from the whole set, for a quick look while developing."""
    if limit is None or limit >= len(given.texts):
        return given
    texts = tuple(given.texts[at * len(given.texts) // limit] for at in range(limit))
    return SafetySet(given.name, given.title, texts, given.sha256, given.targets)


def label_named(file: Path, number: int, name: object) -> Label:
    """Return the label; an unknown one is not repeated, because what stands there may be text."""
    try:
        return Label(str(name))
    except ValueError:
        raise UnusableSet(file, "a label is unknown", line=number) from None


def _authored(file: Path, number: int, row: dict[str, Any]) -> SafetyText:
    text = string_of(file, number, row, "text")
    label = label_named(file, number, row.get("label"))
    family = name_of(file, number, row, "family").split(".")
    language, style = (name_of(file, number, row, key) for key in ("lang", "style"))
    theme = family[1] if label is Label.ATTACK and len(family) > 1 else ""
    slices = slices_of(text, language=language, style=style)
    return SafetyText(name_of(file, number, row, "id"), (text,), label, slices=slices, theme=theme)


def _outside_set(file: Path, name: str) -> SafetySet:
    rows = list(read_rows(file))
    if not rows:
        raise UnusableSet(file, "no row")
    kinds = {kind for kind in _KINDS for _, row in rows if kind in row}
    if len(kinds) != 1:
        raise UnusableSet(file, 'rows need one of "label", "allowed" and "must_not", the same in every row')
    (kind,) = kinds
    texts = tuple(_outside(file, number, row, kind) for number, row in rows)
    return SafetySet(name, _OUTSIDE_TITLES[kind], texts, digest_of(file), _TARGETS[kind])


def _outside(file: Path, number: int, row: dict[str, Any], kind: str) -> SafetyText:
    text, source = string_of(file, number, row, "text"), name_of(file, number, row, "source")
    if kind == "label":
        label = label_named(file, number, row.get("label"))
        return SafetyText(f"line {number}", (text,), label, source=source)
    named = row.get(kind)
    if not isinstance(named, list) or not named:
        raise UnusableSet(file, f'"{kind}" is not a list of labels', line=number)
    labels = frozenset(label_named(file, number, name) for name in named)
    if kind == "allowed":
        return SafetyText(f"line {number}", (text,), allowed=labels, source=source)
    return SafetyText(f"line {number}", (text,), must_not=labels, source=source)
