"""The answers suite counts what a patient would read; every measure is seen to fall where the assistant is worse."""

import json
from pathlib import Path

import pytest

from house.sources import ROOT
from portico_core.labels import Route
from portico_evaluation.answers.sets import read_answer_sets
from portico_evaluation.answers.suite import LET_THROUGH, PIPELINE, TurnsFailed, evaluate_answers
from portico_evaluation.errors import UnusableSet
from portico_evaluation.figures import Rate
from portico_evaluation.results import Run, SuiteResult, as_json
from portico_training.grounding.pairs import held_out_lines
from unit.evaluation.answer_sets import ASSISTANT, changed, turn_of, write_answer_sets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_answer_sets(tmp_path)
    return tmp_path


def value(result: SuiteResult, of: str, measure: str, key: str = "") -> float:
    """Return a figure's value."""
    (found,) = [f for f in result.figures if (f.set, f.measure, f.key) == (of, measure, key)]
    return round(found.of.value, 3)


def test_the_figures_of_a_known_assistant(folder: Path) -> None:
    result = evaluate_answers(read_answer_sets(folder), ASSISTANT)
    expected = {
        ("retrieval", "topic_first"): 0.667, ("retrieval", "hit@1"): 0.333, ("retrieval", "hit@5"): 1.0,
        ("retrieval", "mrr@10"): 0.667, ("retrieval", "context_recall"): 1.0, ("retrieval", "context_precision"): 0.5,
        ("pairs", "kept"): 1.0, ("pairs", "caught"): 1.0,
        (LET_THROUGH, "right_passage"): 0.333, (LET_THROUGH, "right_topic"): 0.667, (LET_THROUGH, "wrong_topic"): 0.333,
        (LET_THROUGH, "not_answered"): 0.0, (LET_THROUGH, "faithful"): 1.0, (LET_THROUGH, "relevance"): 1.0,
        (LET_THROUGH, "refusal_right"): 1.0, (PIPELINE, "refusal_right"): 0.5, (PIPELINE, "not_answered"): 0.333,
        (PIPELINE, "uncovered_not_answered"): 1.0, (PIPELINE, "refusal_whole"): 1.0, (PIPELINE, "grade_mean"): 5.0,
    }  # fmt: skip
    assert {key: value(result, *key) for key in expected} == expected
    assert value(result, LET_THROUGH, "right_passage", "medicine") == 0.333
    assert all(f.of.n for f in result.figures)


def test_a_sentence_that_its_passage_does_not_hold_is_unfaithful(folder: Path) -> None:
    lying = changed(ask=lambda questions, *, let_through: [turn_of(q, text="Metformin is new.") for q in questions])
    assert value(evaluate_answers(read_answer_sets(folder), lying), PIPELINE, "faithful") == 0.0


def test_a_refusal_without_numbers_is_not_whole(folder: Path) -> None:
    bare = turn_of("price").model_copy(update={"contacts": []})
    silent = changed(ask=lambda questions, *, let_through: [bare for _ in questions])
    assert value(evaluate_answers(read_answer_sets(folder), silent), PIPELINE, "refusal_whole") == 0.0


def test_a_turn_in_which_a_part_failed_ends_the_measurement(folder: Path) -> None:
    for broken in ({"degraded": True}, {"route": Route.UNAVAILABLE}):
        turn = turn_of("price").model_copy(update=broken)
        failing = changed(ask=lambda questions, *, let_through, turn=turn: [turn for _ in questions])
        with pytest.raises(TurnsFailed):
            evaluate_answers(read_answer_sets(folder), failing)


def test_an_answer_to_what_nothing_covers_counts_against_it(folder: Path) -> None:
    eager = changed(ask=lambda questions, *, let_through: [turn_of("uses") for _ in questions])
    assert value(evaluate_answers(read_answer_sets(folder), eager), PIPELINE, "uncovered_not_answered") == 0.0


def test_grounding_that_keeps_everything_catches_nothing(folder: Path) -> None:
    result = evaluate_answers(read_answer_sets(folder), changed(ground=lambda sentence, passages: True))
    assert (value(result, "pairs", "kept"), value(result, "pairs", "caught")) == (1.0, 0.0)


def test_only_the_untouched_part_is_asked_and_no_words_are_in_the_results(folder: Path) -> None:
    sets = read_answer_sets(folder)
    assert [question.text for question in sets.questions] == ["uses", "risks", "sugar", "price"]
    assert len(read_answer_sets(folder, limit=1).questions) == 2
    written = json.dumps(as_json(Run("x", "2026-11-26", (evaluate_answers(sets, ASSISTANT),))))
    assert not any(words in written for words in ("Metformin treats", "sugar", "price"))
    assert all(
        f.of.low <= f.of.value <= f.of.high for f in evaluate_answers(sets, ASSISTANT).figures if isinstance(f.of, Rate)
    )


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("questions", {"question": "x", "covered": 1, "part": "test"}),
        ("questions", {"question": 5, "covered": True, "part": "test"}),
        ("questions", {"question": "x", "covered": True, "topics": "a", "part": "test"}),
        ("questions", {"part": "check"}),
        ("pairs", {"sentence": "x", "passage": "y"}),
        ("pairs", {"sentence": 5, "passage": "y", "supported": True}),
    ],
)  # fmt: skip
def test_a_set_that_cannot_be_used_is_named(folder: Path, name: str, row: dict[str, object]) -> None:
    (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(UnusableSet, match=f"{name}.jsonl"):
        read_answer_sets(folder)


def test_the_pairs_are_the_test_split_of_the_authored_ones() -> None:
    committed = (ROOT / "services" / "knowledge" / "evaluation" / "pairs.jsonl").read_text(encoding="utf-8")
    assert committed.splitlines() == held_out_lines(ROOT / "training" / "data" / "grounding")
