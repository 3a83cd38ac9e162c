"""The safety suite over small sets: what it counts, by which group, what misses, and what no file may hold."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from portico_evaluation.charts import CurveChart, DotChart, ForestChart, MatrixChart
from portico_evaluation.errors import UnusableSet
from portico_evaluation.figures import Figure, Quantity, Rate
from portico_evaluation.report import render_report
from portico_evaluation.results import Run, SuiteResult, as_json
from portico_evaluation.safety.judging import Conversation, Guard, Judgement
from portico_evaluation.safety.suite import JudgementsMissing, evaluate_safety, read_safety_sets
from unit.evaluation.safety_sets import (
    CANARY,
    MESSAGES,
    OUTSIDE,
    POLICY,
    VIGNETTES,
    FakeJudge,
    guard,
    message,
    read_sets,
    write_rows,
    write_sets,
)


@pytest.fixture
def result(tmp_path: Path) -> SuiteResult:
    return evaluate_safety(read_sets(tmp_path), guard())


def figure(result: SuiteResult, set_: str, measure: str, key: str = "") -> Figure:
    (found,) = [f for f in result.figures if (f.set, f.measure, f.key) == (set_, measure, key)]
    return found


@pytest.mark.parametrize(
    ("where", "hits", "n"),
    [
        (("test", "right", ""), 5, 9),
        (("test", "unsafe_answered", ""), 2, 6),
        (("test", "urgent_recall", ""), 2, 3),
        (("test", "urgent_dropped", ""), 1, 3),
        (("test", "false_alarm", ""), 1, 6),
        (("test", "over_escalation", ""), 1, 2),
        (("test", "refused", ""), 0, 9),
        (("test", "recall", "emergency"), 2, 2),
        (("test", "precision", "informational"), 1, 3),
        (("test", "attack_success", ""), 1, 2),
        (("test", "attack_success_by_class", "forge"), 1, 2),
        (("test", "right_by_slice", "length: 6 to 20 words"), 2, 2),
        (("test", "urgent_recall_by_slice", "age: child"), 1, 1),
        (("test", "urgent_recall_by_slice", "sex: female"), 1, 1),
        (("threshold", "right", ""), 1, 1),
        (("outside.jsonl", "right_by_source", "notes"), 0, 1),
        (("outside.jsonl", "right_by_label", "emergency / letters"), 1, 1),
        (("outside.jsonl", "unsafe_answered", ""), 1, 2),
        (("study", "label_changed", ""), 1, 6),
    ],
)
def test_counts(result: SuiteResult, where: tuple[str, str, str], hits: int, n: int) -> None:
    assert figure(result, *where).of == Rate(hits, n)


def test_targets_are_of_the_whole_set_and_of_the_sets_they_were_named_for(result: SuiteResult) -> None:
    held = {(f.set, f.measure, f.key) for f in result.figures if f.target}
    assert ("test", "urgent_recall", "") in held and ("outside.jsonl", "unsafe_answered", "") in held
    assert not any(set_ == "threshold" or measure.endswith(("_by_slice", "_by_source")) for set_, measure, _ in held)
    missed = {(f.set, f.measure) for f in result.missed()}
    assert {("test", "urgent_recall"), ("test", "urgent_dropped"), ("study", "label_changed")} <= missed


def test_a_perfect_judge_misses_nothing(tmp_path: Path) -> None:
    """The negative control of every target: all verdicts right, each as sure as it is right."""
    outside = write_sets(tmp_path)
    write_rows(tmp_path / "messages" / "all.jsonl", [message(r["label"], f"{r['label']} .99") for r in MESSAGES[:9]])
    rows = [message(r["label"], f"{r['label']} .99", split="threshold") for r in MESSAGES[:9]]
    write_rows(tmp_path / "messages" / "more.jsonl", rows)
    write_rows(outside, [{**row, "text": f"[{row['label']} .99]"} for row in OUTSIDE])
    calm = {"id": "minimising_relative", "title": "minimises", "opening": "My sister says it is nothing. "}
    write_rows(tmp_path / "study" / "contexts.jsonl", [calm])
    sets = read_safety_sets(messages=tmp_path / "messages", study=tmp_path / "study", outside=[outside])
    assert [(f.set, f.measure, f.key) for f in evaluate_safety(sets, guard()).missed()] == []


def test_calibration_has_its_n(result: SuiteResult) -> None:
    """8 of the 9 verdicts are the model's; the red flag has no score."""
    of = figure(result, "test", "ece").of
    assert isinstance(of, Quantity) and of.n == 8
    assert of.value == pytest.approx(abs(4 / 8 - 0.9))


def test_every_chart_is_there_and_none_is_empty(result: SuiteResult) -> None:
    assert {type(chart) for chart in result.charts} == {CurveChart, DotChart, ForestChart, MatrixChart}
    titles = [chart.title for chart in result.charts]
    assert len(set(titles)) == len(titles)
    for words in ("Reliability: test", "What the answer threshold costs: test", "What each label was taken for: test"):
        assert words in titles
    assert all(chart.table().rows for chart in result.charts)
    assert all(row[0] for chart in result.charts for row in chart.table().rows)  # A row without a name is no header.


def test_the_threshold_in_force_stands_in_the_cost_curve(result: SuiteResult) -> None:
    curve = next(chart for chart in result.charts if chart.title.startswith("What the answer threshold costs: test"))
    assert "0.6, in force" in [row[0] for row in curve.table().rows]


def test_no_two_marked_points_of_the_cost_curve_share_a_place(result: SuiteResult) -> None:
    """The verdicts of the fake judge are all .9 sure, so most thresholds cost the same."""
    curve = next(chart for chart in result.charts if chart.title.startswith("What the answer threshold costs: test"))
    assert isinstance(curve, CurveChart)
    others = [(p.x, p.y) for p in curve.points if p.marked and "in force" not in p.name]
    assert len(set(others)) == len(others) < len(curve.points)
    assert {p.name for p in curve.points if p.marked} >= {"0.6, in force", "0.9", "0.99"}


def test_no_text_reaches_a_file(result: SuiteResult) -> None:
    run = Run("portico evaluate", "2026-11-25", (result,))
    assert CANARY not in json.dumps(as_json(run)) + render_report(run)
    leaking = Run(CANARY, "2026-11-25", (result,))
    assert CANARY in json.dumps(as_json(leaking)) and CANARY in render_report(leaking)


def test_the_results_say_what_was_measured(result: SuiteResult) -> None:
    (suite,) = as_json(Run("c", "d", (result,)))["suites"]
    assert suite["measured"] == {"safety_classifier": "model-1", "policy": POLICY.version}
    odds = next(f for f in suite["figures"] if f["measure"] == "odds_of_under_triage" and f["key"] == "minimises")
    assert (odds["n"], odds["spans"], odds["target"], odds["met"]) == (4, True, 1.0, True)
    assert {f["measure"] for f in suite["figures"]} <= suite["measures"].keys()


def test_errors_are_shown_to_whoever_asks(tmp_path: Path) -> None:
    shown: list[str] = []
    evaluate_safety(read_sets(tmp_path), guard(), show_error=shown.append)
    assert f"test cris-1 informational, is crisis: '{CANARY} [informational]'" in shown
    assert len([line for line in shown if line.startswith("test ")]) == 4


def test_progress_reaches_the_end_and_every_text_is_judged_once(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    judge = FakeJudge()
    sets = read_sets(tmp_path)
    evaluate_safety(sets, Guard(judge, POLICY), on_progress=lambda done, of: steps.append((done, of)))
    assert steps[-1][0] == steps[-1][1] == len(steps) == 9 + 1 + 2 + 9
    assert judge.seen == list(sets.conversations())


def test_a_judge_that_stops_early_is_no_result(tmp_path: Path) -> None:
    def lazy(conversations: Sequence[Conversation]) -> Iterable[Judgement | None]:
        return list(FakeJudge()(conversations))[:-1]

    with pytest.raises(JudgementsMissing):
        evaluate_safety(read_sets(tmp_path), Guard(lazy, POLICY))


def test_a_limit_thins_every_set(tmp_path: Path) -> None:
    sets = read_sets(tmp_path, limit=2)
    assert [len(given.texts) for given in sets.labelled] == [2, 1, 2]
    assert len(sets.study.vignettes) == 2
    assert evaluate_safety(sets, guard()).sets[0].rows == 2


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([{**MESSAGES[0], "label": CANARY}], "a label is unknown"),
        ([{**MESSAGES[0], "text": None}], "not a text"),
        ([{**MESSAGES[0], "family": CANARY * 20}], "longer than a name"),
        ([row for row in MESSAGES if row["split"] != "threshold"], "no message of the threshold split"),
        ([], "no message of the test split"),
    ],
)
def test_wrong_messages_are_told_without_their_words(tmp_path: Path, rows: list[dict[str, Any]], why: str) -> None:
    write_sets(tmp_path)
    write_rows(tmp_path / "messages" / "all.jsonl", rows)
    with pytest.raises(UnusableSet, match=why) as caught:
        read_safety_sets(messages=tmp_path / "messages", study=tmp_path / "study")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "no row"),
        ([{"text": CANARY}], "rows need one of"),
        ([*OUTSIDE, {"text": CANARY, "allowed": ["crisis"]}], "rows need one of"),
        ([{"text": CANARY, "label": CANARY}], "a label is unknown"),
        ([{"text": CANARY, "allowed": []}], "not a list of labels"),
        ([{"text": CANARY, "must_not": [CANARY]}], "a label is unknown"),
        ([{"text": CANARY, "label": "crisis", "source": CANARY * 20}], "longer than a name"),
    ],
)
def test_a_wrong_outside_set_is_told_without_its_words(tmp_path: Path, rows: list[dict[str, Any]], why: str) -> None:
    outside = write_sets(tmp_path)
    write_rows(outside, rows)
    with pytest.raises(UnusableSet, match=why) as caught:
        read_safety_sets(messages=tmp_path / "messages", study=tmp_path / "study", outside=[outside])
    assert CANARY not in str(caught.value)


def test_a_study_of_harmless_vignettes_only_is_none(tmp_path: Path) -> None:
    write_sets(tmp_path)
    write_rows(tmp_path / "study" / "vignettes.jsonl", VIGNETTES[2:])
    with pytest.raises(UnusableSet, match="could be under-triaged"):
        read_safety_sets(messages=tmp_path / "messages", study=tmp_path / "study")
