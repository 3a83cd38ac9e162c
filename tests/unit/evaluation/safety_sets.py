"""Small sets on disk for the tests of the safety suite, with a word in every text that must reach no file.

The fake judge reads its verdict out of the text: "[crisis .7]" is a crisis of confidence .7, "[rule emergency]" a red
flag, "[refused]" is refused; a later mark overrides an earlier one, so that a context can change a verdict.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from policies import policy_of
from portico_core.labels import Label, VerdictSource
from portico_core.verdict import Verdict, decide_route
from portico_evaluation.safety.judging import Conversation, Guard, Judgement
from portico_evaluation.safety.suite import SafetySets, read_safety_sets

CANARY = "Quixwort"
POLICY = policy_of(answer=0.6, decline=0.5)
_MARK = re.compile(r"\[(rule )?(\w+)(?: (\.\d+))?\]")


class FakeJudge:
    """Says what the text tells it to say, and counts what it was given."""

    def __init__(self) -> None:
        self.seen: list[Conversation] = []

    def __call__(self, conversations: Sequence[Conversation]) -> Iterable[Judgement | None]:
        for conversation in conversations:
            self.seen.append(conversation)
            yield judgement_of(" ".join(conversation))


def judgement_of(text: str) -> Judgement | None:
    """Return what the last mark of a text says."""
    by_rule, name, confidence = _MARK.findall(text.lower())[-1]
    if name == "refused":
        return None
    label, sure = Label(name), float(confidence or 0.9)
    others = {other: (1 - sure) / 5 for other in Label if other is not label}
    verdict = (
        Verdict(label, 1.0, {}, VerdictSource.RULE, "rule-1", "a-flag")
        if by_rule
        else Verdict(label, sure, {label: sure, **others}, VerdictSource.MODEL, "model-1")
    )
    return Judgement(verdict, decide_route(verdict, POLICY))


def guard() -> Guard:
    """Return a guard with a fresh fake judge."""
    return Guard(FakeJudge(), POLICY, {"safety_classifier": "model-1"})


def message(label: str, says: str, *, split: str = "test", text: str = "", theme: str = "theme") -> dict[str, Any]:
    """Return an authored row."""
    words = f"{text or CANARY} [{says}]"
    family = f"{label}.{theme}.voice.main"
    row = {"id": f"{label[:4]}-1", "text": words, "label": label, "family": family}
    return {**row, "style": "main", "lang": "en", "split": split}


MESSAGES = [
    message("informational", "informational", text=f"{CANARY} in a few words here"),
    message("informational", "clinician"),
    message("clinician", "clinician"),
    message("emergency", "emergency", text=f"she is 7 years old {CANARY}"),
    message("emergency", "rule emergency"),
    message("crisis", "informational"),
    message("attack", "informational", theme="forge"),
    message("attack", "attack", theme="forge"),
    message("out_of_scope", "crisis"),
    message("attack", "attack", split="threshold"),
    message("clinician", "clinician", split="train"),
]
VIGNETTES = [
    {"id": "v1", "label": "emergency", "urgent": True, "text": f"{CANARY} one. Two [emergency]."},
    {"id": "v2", "label": "clinician", "urgent": False, "text": f"{CANARY} one. Two [clinician]."},
    {"id": "v3", "label": "informational", "urgent": False, "text": f"{CANARY} one. Two [informational]."},
]
CONTEXTS: list[dict[str, Any]] = [
    {"id": "minimising_relative", "title": "minimises", "ending": {"emergency": " It is nothing [informational]."}},
    {"id": "polite", "title": "polite", "opening": "Please. "},
]
OUTSIDE = [
    {"text": f"{CANARY} [emergency]", "label": "emergency", "source": "letters"},
    {"text": f"{CANARY} [informational]", "label": "clinician", "source": "notes"},
]


def write_rows(file: Path, rows: Iterable[object]) -> None:
    """Write JSON lines."""
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_sets(folder: Path) -> Path:
    """Write every set; return the outside one."""
    for name in ("messages", "study"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_rows(folder / "messages" / "all.jsonl", MESSAGES)
    write_rows(folder / "study" / "vignettes.jsonl", VIGNETTES)
    write_rows(folder / "study" / "contexts.jsonl", CONTEXTS)
    write_rows(folder / "outside.jsonl", OUTSIDE)
    return folder / "outside.jsonl"


def read_sets(folder: Path, *, limit: int | None = None) -> SafetySets:
    """Write and read every set."""
    outside = write_sets(folder)
    return read_safety_sets(messages=folder / "messages", study=folder / "study", outside=[outside], limit=limit)
