"""The search finds authored topics by patients' words, in one order, and says when nothing fits.

Uses the real passage encoder where `portico models build` has made it; the rates are printed with their N.
"""

import contextlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portico_core.knowledge import FoundPassage
from portico_knowledge.index import IndexUnfit, build_index, load_index
from portico_knowledge.intents import asked_sections
from portico_knowledge.local_encoder import LocalEncoder, open_local_encoder
from portico_knowledge.passages import built_in_folder, load_passages
from portico_knowledge.search import GOOD_ENOUGH, HybridSearch
from portico_knowledge.synonyms import expand
from portico_knowledge.words import content_stems, stems

ROOT = Path(__file__).resolve().parents[3]
MODEL = ROOT / "model_repository" / "passage_encoder" / "1"
QUESTIONS = ROOT / "services" / "knowledge" / "evaluation" / "questions.jsonl"

needs_model = pytest.mark.skipif(not (MODEL / "model.onnx").exists(), reason="run `portico models build` first")


@pytest.fixture(scope="module")
def encoder() -> LocalEncoder:
    return open_local_encoder(MODEL)


@pytest.fixture(scope="module")
def search(encoder: LocalEncoder) -> HybridSearch:
    """The index that `make setup` built, if it is that of the passages as they stand; else one built here."""
    passages = load_passages(built_in_folder(), today=date.today())
    with contextlib.suppress(IndexUnfit):
        index = load_index(ROOT / "services" / "knowledge" / "index")
        if index.passages == passages and index.encoder_version == encoder.version:
            return HybridSearch(index)
    return HybridSearch(build_index(passages, encode=encoder, encoder_version=encoder.version))


def find(search: HybridSearch, encoder: LocalEncoder, question: str) -> tuple[FoundPassage, ...]:
    return search.search(question, encoder([search.wording(question)])[0], k=5)


@needs_model
@pytest.mark.parametrize(
    ("question", "expected", "why"),
    [
        ("What is metformin used for?", "medicine.metformin#uses", "the plain case"),
        ("whats ozempic for", "medicine.semaglutide#uses", "a brand name"),
        ("lisinipril cough", "medicine.lisinopril#side-effects", "a listed misspelling"),
        ("what is metfromin used for", "medicine.metformin#uses", "two letters swapped"),
        ("does the three month sugar test need fasting", "lab.hemoglobin-a1c#preparation", "plain words for a test"),
        ("what is the normal HbA1c", "lab.hemoglobin-a1c#results", "an abbreviation"),
        ("can people on coumadin drink beer", "medicine.warfarin#interactions", "brand and plain word"),
        ("how do i cancel an appointment online", "portal.appointments#how-to", "a portal topic"),
    ],
)
def test_finds_the_passage(search: HybridSearch, encoder: LocalEncoder, question: str, expected: str, why: str) -> None:
    found = find(search, encoder, question)
    assert found[0].passage.id == expected, why


@needs_model
@pytest.mark.parametrize(
    "question",
    [
        "what is prazosin taken for",
        "diltiazem and grapefruit",
        "how much does eliquis cost",
        "where can i park",
        "root canal pain",
        "[NAME_1]",
        "?",
        "a" * 4000,
    ],
)
def test_nothing_good_enough_is_said_so(search: HybridSearch, encoder: LocalEncoder, question: str) -> None:
    assert all(found.score < GOOD_ENOUGH for found in find(search, encoder, question))


@needs_model
def test_one_question_has_one_result(search: HybridSearch, encoder: LocalEncoder) -> None:
    results = {find(search, encoder, "does metformin cause gas") for _ in range(3)}
    assert len(results) == 1
    scores = [found.score for found in results.pop()]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@needs_model
def test_the_authored_questions_nothing_was_fitted_on(search: HybridSearch, encoder: LocalEncoder) -> None:
    """A quarter of the part `test`; all of it: services/knowledge/evaluation/calibrate.py."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["part"] == "test"][::4]
    best = [(row, find(search, encoder, row["question"])[0]) for row in rows]
    covered = [(found.score >= GOOD_ENOUGH, _is_topic(row, found)) for row, found in best if row["covered"]]
    refused = [found.score < GOOD_ENOUGH for row, found in best if not row["covered"]]
    right = sum(given and topic for given, topic in covered)
    wrong = sum(given and not topic for given, topic in covered)
    print(f"covered N {len(covered)}: right {right}, wrong {wrong}; uncovered N {len(refused)}: {sum(refused)} refused")  # noqa: T201  the figures
    assert len(covered) >= 90 and len(refused) >= 50
    assert right >= 0.92 * len(covered)
    assert wrong <= 0.03 * len(covered)
    assert sum(refused) >= 0.94 * len(refused)


def _is_topic(row: dict[str, Any], found: FoundPassage) -> bool:
    return found.passage.id.partition("#")[0] in row["topics"]


def test_synonyms_go_both_ways_and_never_repeat_a_word() -> None:
    assert set(stems("hypertension")) <= set(expand(stems("my high blood pressure")))
    assert set(stems("pressure")) <= set(expand(stems("hypertension")))
    words = stems("high blood pressure")
    assert not set(words) & set(expand(words))
    assert expand(stems("xylophone")) == []


def test_function_words_say_nothing() -> None:
    assert content_stems("What is it for, and how do I take them?") == []


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("side effects of metformin", "side-effects"),
        ("how do i prep for a colonoscopy", "preparation"),
        ("what can cause high potassium", "high"),
        ("low platelets", "low"),
        ("i forgot a dose", "missed-dose"),
        ("who can see my messages", "privacy"),
    ],
)
def test_the_asked_section_is_seen(question: str, section: str) -> None:
    assert section in asked_sections(question)
