"""What `portico reviews export` writes is what training reads, and what an LLM's trainer reads."""

import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from portico_cli.reviews import agreed_cases, draft_pairs, draft_ratings, message_of, preference_of
from portico_core.labels import Label, Route
from portico_state.reviews import DraftFit, DraftReview, Review
from portico_training.messages import LABELS, LANGUAGES, SPLITS, load_messages, of_split
from portico_training.preferences import Preference, sample_preferences

ASKED = "Is grapefruit juice a problem with my cholesterol pill?"
DRAFT, EDITED = "Grapefruit can change the amount.", "Grapefruit can raise the amount of some of them in the blood."


def review(case: str, *, said: Label = Label.INFORMATIONAL, draft: DraftReview | None = None, who: str = "a") -> Review:
    """Return a review of a case that the guard took for a clinician's."""
    return Review(
        f"{case}{'0' * 20}", who, "2026-11", (f"{ASKED} {case}",), Label.CLINICIAN, Route.ESCALATE, said, Route.ANSWER,
        "safety_classifier/3", draft,
    )  # fmt: skip


def authored() -> list[dict[str, Any]]:
    """Return the fewest rows that training takes: a message of each label in each split."""
    return [
        {
            "id": f"{label}-{split}", "text": f"{label} words number {n} of {split}", "label": label,
            "lang": LANGUAGES[0], "tempting": next(other for other in LABELS if other != label),
            "family": f"{label}.{split}",
            "style": "unseen" if split == "threshold" else "main", "reason": "for the test", "split": split,
        }
        for n, (label, split) in enumerate(itertools.product(LABELS, SPLITS))
    ]  # fmt: skip


def write(path: Path, rows: list[Any]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_trainings_own_loader_reads_an_export_beside_the_authored_messages(tmp_path: Path) -> None:
    cases, left_out = agreed_cases([review("one"), review("two", said=Label.CLINICIAN)])
    write(tmp_path / "authored.jsonl", authored())
    before = load_messages(tmp_path)
    write(tmp_path / "messages.jsonl", [message_of(case) for case in cases])
    added = of_split(load_messages(tmp_path), "train")[len(of_split(before, "train")) :]
    assert (left_out, [(m.text, m.label, m.tempting) for m in added]) == (
        0,
        [(f"{ASKED} one", "informational", "clinician"), (f"{ASKED} two", "clinician", "informational")],
    )


def test_what_dpo_prefers_is_a_preference_of_the_trainings(tmp_path: Path) -> None:
    cases, _ = agreed_cases([review("one"), review("two", said=Label.CLINICIAN)])
    pairs = [Preference(**pair) for pair in map(preference_of, cases) if pair is not None]
    assert pairs == sample_preferences(pairs, count=5, seed=1) == [
        Preference(f"{ASKED} one", "informational", "clinician")
    ]  # fmt: skip


def test_reviewers_who_differ_teach_nothing() -> None:
    cases, left_out = agreed_cases([review("one"), review("one", said=Label.CLINICIAN, who="b")])
    assert (cases, left_out) == ([], 1)


def test_a_changed_draft_is_rejected_for_what_was_written_and_every_ranked_one_is_rated() -> None:
    reviews = [
        review("one", draft=DraftReview(DRAFT, DraftFit.AFTER_CHANGES, EDITED)),
        review("two", draft=DraftReview(DRAFT, DraftFit.AS_IT_STANDS)),
        review("three", draft=DraftReview(DRAFT, DraftFit.NOT_FIT)),
        review("four"),
    ]
    assert draft_pairs(reviews) == [{"prompt": f"{ASKED} one", "chosen": EDITED, "rejected": DRAFT}]
    assert [(row["completion"], row["label"]) for row in draft_ratings(reviews)] == [
        (DRAFT, False), (DRAFT, True), (DRAFT, False),
    ]  # fmt: skip
    assert "after_changes" in json.dumps(asdict(reviews[0]))
