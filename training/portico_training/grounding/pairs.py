"""Authored pairs: passages, and sentences that each says or does not say.

    ## topic | register
    P: the passage
    A sentence that the passage says, {as it stands|n:with one part changed} {|a: or something added}.
    - w|A sentence that the passage does not say.

In braces stands what the passage says, then changes that make the sentence unsupported, each with its kind. A line
therefore gives one supported sentence and one unsupported sentence for each change: pairs that differ in one place.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portico_training.artefacts import TrainingError

KINDS = {
    "n": "number, unit or frequency", "g": "negation", "d": "direction", "s": "another subject or thing",
    "a": "an addition", "o": "over-generalised", "c": "certainty", "e": "cause and effect swapped", "t": "time",
    "w": "true in the world, not in the passage",
}  # fmt: skip
SPLITS = ("train", "validation", "test")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_HEADER = re.compile(r"## ([^|]+) \| (own|answer|research|chat)")


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence held against a passage. `kind` is a key of KINDS, or empty where the passage says it."""

    topic: str
    register: str
    passage: str
    sentence: str
    supported: bool
    kind: str


def read_pairs(folder: Path) -> list[Pair]:
    """Read every authored file of a folder.

    Raises:
        TrainingError: a line is of no known form; names the file and the line.
    """
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise TrainingError(f"{folder}: no authored pairs")
    return [pair for file in files for pair in _read_file(file)]


def _read_file(path: Path) -> Iterator[Pair]:
    topic = register = passage = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            topic, register, passage = header[1], header[2], ""
        elif line.startswith("P: "):
            passage = line.removeprefix("P: ")
        elif line and not passage:
            raise TrainingError(f"{path}:{number}: a sentence needs a topic and a passage")
        elif line:
            try:
                yield from (Pair(topic, register, passage, *row) for row in expand(line))
            except ValueError as error:
                raise TrainingError(f"{path}:{number}: {error}") from None


def expand(line: str) -> list[tuple[str, bool, str]]:
    """Return (sentence, supported, kind) for each sentence of a line; raise ValueError where its form is wrong."""
    if line.startswith("- "):
        kind, _, sentence = line[2:].partition("|")
        return [(sentence, False, _known(kind))]
    choices = [match[1].split("|") for match in _CHOICE.finditer(line)]
    if _CHOICE.sub("", line).strip("{}") != _CHOICE.sub("", line) or "{" in _CHOICE.sub("", line):
        raise ValueError("a brace is not closed")
    rows = [(_filled(line, [parts[0] for parts in choices]), True, "")]
    for at, parts in enumerate(choices):
        for change in parts[1:]:
            kind, colon, words = change.partition(":")
            if not colon:
                raise ValueError(f"a change needs a kind: {change!r}")
            chosen = [words if i == at else other[0] for i, other in enumerate(choices)]
            rows.append((_filled(line, chosen), False, _known(kind)))
    return rows


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    return kind


def _filled(line: str, chosen: list[str]) -> str:
    words = iter(chosen)
    return re.sub(r"\s+", " ", _CHOICE.sub(lambda _: next(words), line)).strip()


def split_of(topic: str) -> str:
    """Return the split of a topic, by the hash of its name: a topic never lies in two."""
    name = topic.partition("#")[0]
    share = int(hashlib.sha256(f"grounding/{name}".encode()).hexdigest()[:8], 16) % 100
    return "train" if share < 76 else "validation" if share < 88 else "test"


def held_out_lines(folder: Path) -> list[str]:
    """Return the test split as the evaluation reads it (services/knowledge/evaluation/pairs.jsonl)."""
    return [
        json.dumps(
            {"sentence": p.sentence, "passage": p.passage, "supported": p.supported, "kind": KINDS.get(p.kind, "")},
            ensure_ascii=False,
        )
        for p in read_pairs(folder)
        if split_of(p.topic) == "test"
    ]


def data_digest(folder: Path) -> str:
    """Return what identifies the authored pairs."""
    texts = (file.read_bytes() for file in sorted(folder.glob("*.txt")))
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
