"""The vignettes and contexts of the factorial study: the design as it was written down, and nothing of the training."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from portico_evaluation.safety.contexts import MINIMISING
from portico_evaluation.safety.study import read_study

DATA = Path(__file__).parents[3] / "training" / "data"
VIGNETTES = [json.loads(line) for line in (DATA / "study" / "vignettes.jsonl").read_text("utf-8").splitlines()]
DESIGN = {"emergency": 20, "crisis": 10, "clinician": 18, "informational": 12}
NEAR_DUPLICATE = 0.3
"""Share of three-word runs in common from which two texts are one, edited; the nearest honest pair lies well below."""


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + 3]) for at in range(len(found) - 2)}


def near(text: str, others: list[str]) -> list[str]:
    """Return the texts that share too many runs with one."""
    own = runs(text)
    return [o for o in others if (theirs := runs(o)) and len(own & theirs) / len(own | theirs) >= NEAR_DUPLICATE]


def training_texts() -> list[str]:
    files = sorted((DATA / "messages").glob("*.jsonl"))
    return [json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines()]


def test_the_design_is_whole() -> None:
    study = read_study(DATA / "study")
    assert Counter(one.label.value for one in study.vignettes) == DESIGN
    assert len({one.id for one in study.vignettes}) == 60 and len(study.contexts) == 16
    assert len(study.conversations()) == 60 * 17
    assert MINIMISING in {context.id for context in study.contexts}


def test_every_context_changes_every_vignette_and_keeps_its_words() -> None:
    """But for form: a rewrite may change letters, and leaves their number within a few."""
    study = read_study(DATA / "study")
    for one in study.vignettes:
        for context in study.contexts:
            conversation = context.around(one.text, one.label, id=one.id)
            assert conversation != (one.text,), (one.id, context.id)
            letters = [sum(map(str.isalnum, text)) for text in (one.text, conversation[-1])]
            assert letters[1] >= letters[0], (one.id, context.id)


def test_vignettes_can_be_told_in_any_order() -> None:
    assert [v["id"] for v in VIGNETTES if len(re.findall(r"[.!?](?:\s|$)", v["text"])) < 3] == []


def test_review_is_awaited_or_signed() -> None:
    """Half a signature is none."""
    assert [v["id"] for v in VIGNETTES if (v["reviewer"] is None) is not (v["reviewed_on"] is None)] == []
    unreviewed = any(v["reviewer"] is None for v in VIGNETTES)
    readme = (DATA / "study" / "README.md").read_text("utf-8")
    assert ("Awaiting clinician review" in readme) is unreviewed


def test_no_vignette_was_trained_on() -> None:
    texts = training_texts()
    assert len(texts) > 5000
    assert [v["id"] for v in VIGNETTES if near(v["text"], texts)] == []


@pytest.mark.parametrize("vignette", VIGNETTES[:3], ids=lambda v: str(v["id"]))
def test_a_copied_vignette_would_be_seen(vignette: dict[str, Any]) -> None:
    assert near(vignette["text"], ["calm words here", vignette["text"].replace(".", " !")]) != []
