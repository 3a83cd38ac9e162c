"""`portico reviews export`: what reviewers say of the guard, as labelled messages and preference pairs.

`messages.jsonl` has the form of training/data/messages, `preferences.jsonl` what DPO prefers to what. A case whose
reviewers do not agree is left out of both, and counted. `drafts.jsonl` holds each draft that was changed, with what was
written in its place (TRL's preference form), `ratings.jsonl` every draft that was ranked (its unpaired form); both are
for an LLM as responder. The export is on record before anything is written.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico_cli.command_store import command_audit, open_command_store, operator
from portico_core.audit import AuditEntry
from portico_core.labels import AccessPurpose, AuditPhase, Label
from portico_state.client import Store
from portico_state.identifiers import new_id
from portico_state.reviews import DraftFit, Review, read_reviews, summarise


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


def draft_pairs(reviews: Iterable[Review]) -> list[dict[str, str]]:
    """Return each draft that was changed, rejected for what the reviewer wrote in its place."""
    return [
        {"prompt": review.messages[-1], "chosen": review.draft.edited, "rejected": review.draft.draft}
        for review in reviews
        if review.draft and review.messages and review.draft.fit is DraftFit.AFTER_CHANGES
    ]


def draft_ratings(reviews: Iterable[Review]) -> list[dict[str, str | bool]]:
    """Return each draft that was ranked, and whether it could have been sent as it stood."""
    return [
        {
            "prompt": review.messages[-1],
            "completion": review.draft.draft,
            "label": review.draft.fit is DraftFit.AS_IT_STANDS,
        }
        for review in reviews
        if review.draft and review.messages
    ]


async def export(out: Path, state: Path, *, redis_url: str | None, tenant: str) -> None:
    """Write the files, and print how far the reviewers agree."""
    async with open_command_store(state, redis_url=redis_url, tenant=tenant) as store:
        await _record(store, state)
        reviews = await read_reviews(store)
    cases, left_out = agreed_cases(reviews)
    files: dict[str, Sequence[Mapping[str, Any]]] = {
        "messages": [message_of(case) for case in cases],
        "preferences": [pair for pair in map(preference_of, cases) if pair is not None],
        "drafts": draft_pairs(reviews),
        "ratings": draft_ratings(reviews),
    }
    _write(out, files)
    said = summarise(reviews)
    summary = {
        "reviews": said.reviews,
        **{name: len(rows) for name, rows in files.items()},
        "left_out": left_out,
        "cases_reviewed_twice": said.agreement.cases,
        "same_label": said.agreement.share,
        "krippendorff_alpha": said.agreement.alpha,
        "guard_right": said.guard_right,
    }
    sys.stdout.write(json.dumps(summary) + "\n")


async def _record(store: Store, state: Path) -> None:
    """Put the export on record, in the operator's name; without the record there is no export."""
    entry = AuditEntry(
        phase=AuditPhase.ACCESS, tenant=store.keys.tenant, patient="", conversation="", turn=new_id(),
        actor=operator(), source=AccessPurpose.REVIEWS_EXPORT.value,
    )  # fmt: skip
    async with command_audit(state, store) as audit:
        await audit.append(entry)


def _write(out: Path, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (out / f"{name}.jsonl").write_text(lines, encoding="utf-8")
