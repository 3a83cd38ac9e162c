"""`portico reviews export`: what reviewers say of the guard, as labelled messages and preference pairs.

`messages.jsonl` has the form of training/data/messages, `preferences.jsonl` what DPO prefers to what. A case whose
reviewers do not agree is left out of both, and counted.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico_cli.command_store import open_command_store
from portico_core.labels import Label
from portico_state.reviews import Review, agreement, read_reviews


@dataclass(frozen=True, slots=True)
class Case:
    """One case with the label that every reviewer gave it; `guard` is what the guard said."""

    id: str
    text: str
    label: Label
    guard: Label
    month: str


def agreed_cases(reviews: Iterable[Review]) -> tuple[list[Case], int]:
    """Return the cases on which all reviewers agree, and how many were left out."""
    by_case: dict[str, list[Review]] = {}
    for review in reviews:
        by_case.setdefault(review.case, []).append(review)
    cases, left_out = [], 0
    for case, given in sorted(by_case.items()):
        first = given[0]
        if len({review.label for review in given}) > 1 or first.guard_label is None or not first.messages:
            left_out += 1
        else:
            cases.append(Case(case, first.messages[-1], first.label, first.guard_label, first.month))
    return cases, left_out


def message_of(case: Case) -> dict[str, Any]:
    """Return a labelled message in the form of training/data/messages; where the guard was right, the usual mistake."""
    usual = Label.CLINICIAN if case.label is not Label.CLINICIAN else Label.INFORMATIONAL
    tempting = case.guard if case.guard is not case.label else usual
    return {
        "id": f"{case.label.value[:4]}-{case.id[:10]}", "text": case.text, "label": case.label.value,
        "tempting": tempting.value, "family": f"review.{case.id[:12]}", "style": "main", "lang": "en",
        "reason": "reviewed by the care team", "split": "train", "reviewer": "care team", "reviewed_on": case.month,
    }  # fmt: skip


def preference_of(case: Case) -> dict[str, str] | None:
    """Return what should have been said and what was; None where the guard was right."""
    if case.guard is case.label:
        return None
    return {"text": case.text, "chosen": case.label.value, "rejected": case.guard.value}


async def export(out: Path, state: Path, *, redis_url: str | None, tenant: str) -> None:
    """Write both files, and print how far the reviewers agree."""
    async with open_command_store(state, redis_url=redis_url, tenant=tenant) as store:
        reviews = await read_reviews(store)
    cases, left_out = agreed_cases(reviews)
    messages = [message_of(case) for case in cases]
    preferences = [pair for pair in map(preference_of, cases) if pair is not None]
    _write(out, {"messages.jsonl": messages, "preferences.jsonl": preferences})
    agreed = agreement(reviews)
    summary = {
        "reviews": len(reviews),
        "messages": len(messages),
        "preferences": len(preferences),
        "left_out": left_out,
        "cases_reviewed_twice": agreed.cases,
        "same_label": agreed.share,
        "krippendorff_alpha": agreed.alpha,
        "guard_right": Counter(review.guard_was_right for review in reviews)[True],
    }
    sys.stdout.write(json.dumps(summary) + "\n")


def _write(out: Path, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (out / name).write_text(lines, encoding="utf-8")
