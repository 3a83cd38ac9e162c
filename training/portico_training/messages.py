"""The authored messages: load, validate, drop duplicates, and split so that no family leaks.

A *family* is a handful of messages on one theme in one voice. Its members resemble each other, so a family
belongs to one split as a whole: figures measured on a split then speak of themes the model never saw.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = ("informational", "clinician", "emergency", "crisis", "attack", "out_of_scope")
SPLITS = ("train", "validation", "test", "threshold")
STYLES = ("main", "unseen")
LANGUAGES = ("en", "es")
MAX_CHARACTERS = 4000

_TEXT_FIELDS = ("id", "text", "label", "tempting", "family", "style", "lang", "reason", "split")
_CLOSED_FIELDS = {"label": LABELS, "tempting": LABELS, "style": STYLES, "lang": LANGUAGES, "split": SPLITS}
# Two messages of one label that share this part of their three-word shingles say the same thing twice.
NEAR_DUPLICATE_JACCARD = 0.7
# Out of a hundred families: how many measure (validation, test); the others train.
_VALIDATION_SHARE, _TEST_SHARE = 8, 8


class MessagesError(ValueError):
    """Tell what is wrong with the authored messages, and where."""


@dataclass(frozen=True, slots=True)
class Message:
    """One authored message. `tempting` is the wrong label a careless reader would choose."""

    id: str
    text: str
    label: str
    tempting: str
    family: str
    style: str
    lang: str
    reason: str
    split: str
    reviewer: str | None = None
    reviewed_on: str | None = None


def message_id(label: str, text: str) -> str:
    """Return an id that stays the same however the files are ordered."""
    return f"{label[:4]}-{hashlib.sha256(normalise(text).encode()).hexdigest()[:10]}"


def normalise(text: str) -> str:
    """Return the words alone, lower case: two texts that agree here are the same message."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def split_of(family: str, style: str) -> str:
    """Choose the split of a family by its name alone. The unseen style is kept for thresholds."""
    if style == "unseen":
        return "threshold"
    bucket = int(hashlib.sha256(family.encode()).hexdigest()[:8], 16) % 100
    if bucket < _VALIDATION_SHARE:
        return "validation"
    return "test" if bucket < _VALIDATION_SHARE + _TEST_SHARE else "train"


def load_messages(folder: Path) -> list[Message]:
    """Read every `*.jsonl` of a folder, in order of name, and check the whole.

    Raises:
        MessagesError: a row is broken, a family lies in two splits, or a split lacks a label.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise MessagesError(f"{folder}: no *.jsonl files")
    rows = [row for path in paths for row in _read_rows(path)]
    messages = drop_duplicates(rows)
    check_families(messages)
    check_splits(messages)
    return messages


def _read_rows(path: Path) -> list[Message]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [parse_row(line, where=f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip()]


def parse_row(line: str, *, where: str) -> Message:
    """Parse one JSON line. `where` (file:line) opens every error."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise MessagesError(f"{where}: not JSON ({error})") from None
    if not isinstance(row, dict):
        raise MessagesError(f"{where}: a row must be an object")
    _check_row(row, where)
    fields: dict[str, Any] = {name: row.get(name) for name in Message.__slots__}
    return Message(**fields)


def _check_row(row: dict[str, Any], where: str) -> None:
    if unknown := sorted(set(row) - set(Message.__slots__)):
        raise MessagesError(f"{where}: unknown field {unknown[0]!r}")
    for name in _TEXT_FIELDS:
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise MessagesError(f"{where}: {name} must be a text that is not empty")
    for name, allowed in _CLOSED_FIELDS.items():
        if row[name] not in allowed:
            raise MessagesError(f"{where}: {name} {row[name]!r} is none of {', '.join(allowed)}")
    if row["label"] == row["tempting"]:
        raise MessagesError(f"{where}: tempting must differ from label {row['label']!r}")
    if len(row["text"]) > MAX_CHARACTERS:
        raise MessagesError(f"{where}: text is longer than {MAX_CHARACTERS} characters")


def drop_duplicates(messages: Iterable[Message]) -> list[Message]:
    """Keep the first of every set of exact or near duplicates.

    Near duplicates with different labels are kept: pairs that differ in one decisive phrase are the point.

    Raises:
        MessagesError: the same words carry two labels.
    """
    kept: list[Message] = []
    seen: dict[str, Message] = {}
    index: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    shingles: list[frozenset[str]] = []
    for message in messages:
        key = normalise(message.text)
        if first := seen.get(key):
            if first.label != message.label:
                raise MessagesError(f"{message.id} and {first.id}: the same words with two labels")
            continue
        own = _shingles(key)
        if _has_near_duplicate(own, index[message.label], shingles):
            continue
        seen[key] = message
        for shingle in own:
            index[message.label][shingle].append(len(kept))
        kept.append(message)
        shingles.append(own)
    return kept


def _shingles(key: str) -> frozenset[str]:
    words = key.split()
    if len(words) < 5:  # A search fragment is too short to compare by shingles.
        return frozenset()
    return frozenset(" ".join(words[i : i + 3]) for i in range(len(words) - 2))


def _has_near_duplicate(own: frozenset[str], index: dict[str, list[int]], shingles: Sequence[frozenset[str]]) -> bool:
    shared = Counter(i for shingle in own for i in index.get(shingle, ()))
    return any(n / len(own | shingles[i]) >= NEAR_DUPLICATE_JACCARD for i, n in shared.items())


def check_families(messages: Iterable[Message]) -> None:
    """Refuse a family that lies in two splits: its theme would leak."""
    home: dict[str, str] = {}
    for message in messages:
        if home.setdefault(message.family, message.split) != message.split:
            raise MessagesError(f"{message.id}: family {message.family!r} lies in two splits")


def check_splits(messages: Iterable[Message]) -> None:
    """Refuse a split that is empty or lacks a label: no figure could be measured there."""
    counts = Counter((m.split, m.label) for m in messages)
    for split in SPLITS:
        if missing := [label for label in LABELS if not counts[split, label]]:
            raise MessagesError(f"split {split!r} has no message of {', '.join(missing)}")


def messages_digest(messages: Iterable[Message]) -> str:
    """Return the SHA-256 of what training sees: ids, labels and splits, whatever their order."""
    lines = sorted(f"{m.id}\t{m.label}\t{m.tempting}\t{m.split}" for m in messages)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def of_split(messages: Iterable[Message], split: str) -> list[Message]:
    """Return the messages of one split."""
    return [m for m in messages if m.split == split]
