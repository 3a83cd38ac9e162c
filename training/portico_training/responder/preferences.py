"""Preference pairs of drafts: a question, the passages of a turn, a draft to prefer and one to avoid, and why.

A *family* is a topic: all pairs of a topic lie in one split, so that figures speak of topics that were never trained
on. The texts of the passages are not copied here. They are read from the index (`portico knowledge index`), and a
chosen sentence that its passage no longer says is an error, so that an edited topic cannot leave a stale pair behind.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from portico_training.artefacts import TrainingError
from portico_training.messages import normalise

KINDS = ("lab", "medicine", "portal", "procedure")
SPLITS = ("train", "validation", "test")
MOST_PASSAGES = 4
"""What the gateway gives a responder (`PASSAGES_GIVEN` in its pipeline)."""
_VALIDATION_SHARE, _TEST_SHARE = 12, 12
_KEYS = frozenset(
    {
        "id", "family", "question", "passages", "chosen", "rejected", "reason", "split", "reviewer", "reviewed_on",
    }
)  # fmt: skip


class Reason(StrEnum):
    """What is wrong with the rejected draft."""

    ADVISES = "advises"
    DIAGNOSES = "diagnoses"
    DOSES = "doses"
    INVENTS = "invents"
    CONTRADICTS = "contradicts"
    LEAKS = "leaks"
    PARTIAL = "partial"
    OFF_TOPIC = "off_topic"
    UNSUPPORTED_CITATION = "unsupported_citation"
    OBEYS = "obeys"


REFUSED = frozenset(Reason) - {Reason.PARTIAL, Reason.OFF_TOPIC}
"""Reasons for which a validator must refuse a sentence; the other two are true, and say less of what was asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a draft and the passages it cites."""

    text: str
    passage_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """One authored pair. `passages` are ids, in the order in which the turn gives them."""

    id: str
    family: str
    question: str
    passages: tuple[str, ...]
    chosen: tuple[Said, ...]
    rejected: tuple[Said, ...]
    reason: Reason
    split: str
    reviewer: str | None = None
    reviewed_on: str | None = None

    @property
    def kind(self) -> str:
        """Return lab, medicine, portal or procedure."""
        return self.family.partition(".")[0]

    @property
    def authored(self) -> list[str]:
        """Return the rejected sentences that no chosen draft holds: what was written to be wrong."""
        good = {said.text for said in self.chosen}
        return [said.text for said in self.rejected if said.text not in good]


def split_of(family: str) -> str:
    """Choose the split of a topic by its name alone."""
    bucket = int(hashlib.sha256(f"passage {family}".encode()).hexdigest()[:8], 16) % 100
    if bucket < _VALIDATION_SHARE:
        return "validation"
    return "test" if bucket < _VALIDATION_SHARE + _TEST_SHARE else "train"


def preference_id(question: str, rejected: Iterable[Said]) -> str:
    """Return an id that stays the same however the files are ordered."""
    words = normalise(" ".join([question, *(said.text for said in rejected)]))
    return f"pref-{hashlib.sha256(words.encode()).hexdigest()[:10]}"


def draft_json(draft: Iterable[Said]) -> str:
    """Return a draft as a responder says it (contracts.md, `DRAFT`)."""
    rows = [{"text": said.text, "passage_ids": list(said.passage_ids)} for said in draft]
    return json.dumps({"sentences": rows}, ensure_ascii=False)


def read_passages(path: Path) -> dict[str, str]:
    """Return id → text of every passage of the index.

    Raises:
        TrainingError: there is no index.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError:
        raise TrainingError(f"{path}: no index; `make knowledge` builds it") from None
    return {str(row["id"]): str(row["text"]) for row in rows}


def load_preferences(folder: Path, passages: Mapping[str, str]) -> list[Preference]:
    """Read every `*.jsonl` of a folder, in order of name, and hold each row against the passages.

    Raises:
        TrainingError: a row is broken, or its passages no longer say what it has them say; names file and line.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise TrainingError(f"{folder}: no *.jsonl files")
    return [pair for path in paths for pair in _read_file(path, passages)]


def _read_file(path: Path, passages: Mapping[str, str]) -> Iterator[Preference]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        pair = parse_preference(line, where=f"{path}:{number}")
        try:
            check_preference(pair, passages)
        except TrainingError as error:
            raise TrainingError(f"{path}:{number}: {error}") from None
        yield pair


def parse_preference(line: str, *, where: str) -> Preference:
    """Parse one JSON line. `where` (file:line) opens every error."""
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise TrainingError(f"{where}: no object")
        if missing := sorted(_KEYS - set(row)):
            raise TrainingError(f"{where}: missing field {missing[0]!r}")
        if set(row) - _KEYS:
            raise TrainingError(f"{where}: an unknown field")
        return Preference(
            id=_text(row["id"]), family=_text(row["family"]), question=_text(row["question"]),
            passages=tuple(map(_text, row["passages"])), chosen=_draft(row["chosen"]), rejected=_draft(row["rejected"]),
            reason=Reason(row["reason"]), split=_text(row["split"]),
            reviewer=row["reviewer"], reviewed_on=row["reviewed_on"],
        )  # fmt: skip
    except (ValueError, TypeError, KeyError):
        raise TrainingError(f"{where}: not a preference pair") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def _draft(value: Any) -> tuple[Said, ...]:
    rows = value["sentences"]
    if set(value) != {"sentences"} or not rows:
        raise ValueError
    return tuple(Said(_text(row["text"]), tuple(map(_text, row["passage_ids"]))) for row in rows)


def check_preference(pair: Preference, passages: Mapping[str, str]) -> None:
    """Refuse a pair whose split, passages or chosen sentences are not what they should be; raise TrainingError."""
    known = [key for key in pair.passages if key in passages]
    cited = {key for said in pair.chosen for key in said.passage_ids}
    stale = [s for s in pair.chosen if not all(s.text in passages.get(key, "") for key in s.passage_ids)]
    faults = {
        "is of no known kind": pair.kind not in KINDS,
        "lies in another split than its topic": pair.split != split_of(pair.family),
        "names a passage that is not there": len(known) != len(pair.passages) or len(known) > MOST_PASSAGES,
        "cites a passage that was not given": not cited <= set(known),
        "chooses a sentence that its passage does not say": bool(stale),
        "rejects what it chooses": pair.chosen == pair.rejected,
        "is less complete where it is chosen": pair.reason not in REFUSED and not _says_less(pair),
    }
    if fault := next((fault for fault, found in faults.items() if found), ""):
        raise TrainingError(f"{pair.id}: the pair {fault}")


def _says_less(pair: Preference) -> bool:
    """Say whether the rejected draft holds fewer of the chosen sentences, and none at all where it is off topic."""
    wanted = {said.text for said in pair.chosen}
    held = sum(said.text in wanted for said in pair.rejected)
    return held == 0 if pair.reason is Reason.OFF_TOPIC else held < len(wanted) and len(pair.rejected) < len(wanted)


def preferences_digest(pairs: Iterable[Preference]) -> str:
    """Return the SHA-256 of what training sees, whatever the order."""
    lines = sorted(f"{p.id}\t{draft_json(p.chosen)}\t{draft_json(p.rejected)}\t{p.split}" for p in pairs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
