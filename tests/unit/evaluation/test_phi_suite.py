"""The redaction suite over small sets: what it counts, and that a better redactor gives better figures."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from portico_core.labels import PhiType
from portico_core.text import PatientText, PhiSpan, Redaction
from portico_evaluation.charts import BarChart, DotChart, HistogramChart, MatrixChart
from portico_evaluation.figures import Figure, Quantity, Rate
from portico_evaluation.phi.latency import MESSAGE_CHARACTERS, cut_messages, percentile, time_messages
from portico_evaluation.phi.suite import evaluate_phi, read_phi_sets
from portico_evaluation.phi.utility import survives
from portico_evaluation.results import SuiteResult
from unit.evaluation.phi_sets import CANARY, FakeRedactor, read_sets, write_sets

NOTHING = FakeRedactor({})
PERFECT = FakeRedactor({f"{CANARY} Falk": PhiType.NAME, "218-555-0164": PhiType.PHONE})
EAGER = FakeRedactor({CANARY: PhiType.NAME, "5 mg": PhiType.DATE})


def figure(result: SuiteResult, set_: str, measure: str, key: str = "") -> Figure:
    (found,) = [f for f in result.figures if (f.set, f.measure, f.key) == (set_, measure, key)]
    return found


def rate(result: SuiteResult, set_: str, measure: str, key: str = "") -> tuple[int, int]:
    of = figure(result, set_, measure, key).of
    assert isinstance(of, Rate)
    return of.hits, of.n


def test_a_redactor_that_finds_all_meets_the_portal_targets(tmp_path: Path) -> None:
    result = evaluate_phi(read_sets(tmp_path), PERFECT)
    assert rate(result, "portal", "recall") == (2, 2)
    assert rate(result, "portal", "recall", "NAME") == (1, 1)
    assert rate(result, "portal", "recall_by_group", "carer") == (1, 1)
    assert rate(result, "portal", "clean") == (1, 1)
    assert rate(result, "portal-fresh", "recall") == (1, 1)
    assert figure(result, "portal-third", "recall").met is True
    assert figure(result, "portal-devel", "clean").target is None
    assert figure(result, "portal-fresh", "recall").met is True
    assert rate(result, "utility", "kept") == (3, 3)
    assert figure(result, "portal", "recall").met is True
    assert figure(result, "utility", "kept").met is True


def test_a_redactor_that_finds_nothing_misses_them(tmp_path: Path) -> None:
    result = evaluate_phi(read_sets(tmp_path), NOTHING)
    assert rate(result, "portal", "recall") == (0, 2)
    assert rate(result, "structured", "recall") == (0, 1920)
    missed = {(f.set, f.measure, f.key) for f in result.missed()}
    assert rate(result, "portal-fresh", "recall") == (0, 1)
    assert {
        ("portal", "recall", ""),
        ("portal-fresh", "recall", ""),
        ("portal-third", "recall", ""),
        ("structured", "recall", "SSN"),
        ("outside.jsonl", "recall", ""),
    } <= missed
    assert ("utility", "kept", "") not in missed


def test_a_redactor_that_takes_too_much_misses_the_others(tmp_path: Path) -> None:
    result = evaluate_phi(read_sets(tmp_path), EAGER)
    assert rate(result, "portal", "clean") == (0, 1)
    assert rate(result, "portal", "false_characters")[0] > 0
    assert rate(result, "utility", "kept") == (1, 3)
    assert rate(result, "utility", "kept_by_kind", "dose") == (0, 2)
    assert rate(result, "outside.jsonl", "recall_by_group", "letters") == (1, 1)
    assert {("portal", "clean", ""), ("utility", "kept", "")} <= {(f.set, f.measure, f.key) for f in result.missed()}


def test_a_refused_text_counts_as_one_in_which_nothing_was_found(tmp_path: Path) -> None:
    result = evaluate_phi(read_sets(tmp_path), FakeRedactor({CANARY: PhiType.NAME}, refuses="wrote"))
    assert rate(result, "outside.jsonl", "refused") == (1, 2)
    assert rate(result, "outside.jsonl", "recall") == (0, 1)
    lost = evaluate_phi(read_sets(tmp_path), FakeRedactor({}, refuses="A1c"))
    assert rate(lost, "utility", "kept_by_kind", "lab") == (0, 1)


def test_errors_are_shown_to_whoever_asks_and_to_nobody_else(tmp_path: Path) -> None:
    shown: list[str] = []
    evaluate_phi(read_sets(tmp_path), EAGER, show_error=shown.append)
    assert f"portal p1 not covered NAME: '{CANARY} Falk'" in shown
    assert f"portal p3 false alarm NAME: '{CANARY}'" in shown
    assert "utility u1 lost: '5 mg'" in shown


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    evaluate_phi(read_sets(tmp_path), NOTHING, on_progress=lambda done, of: steps.append((done, of)))
    assert steps[-1][0] == steps[-1][1] == len(steps)


def test_charts_are_there_and_none_is_empty(tmp_path: Path) -> None:
    result = evaluate_phi(read_sets(tmp_path), EAGER)
    kinds = [type(chart) for chart in result.charts]
    assert {DotChart, MatrixChart, BarChart} <= set(kinds)
    assert HistogramChart not in kinds  # These few words make no message of 200 characters.
    assert all(chart.table().rows and len(chart.table().header) >= 2 for chart in result.charts)
    titles = [chart.title for chart in result.charts]
    assert len(set(titles)) == len(titles)


def test_the_same_name_twice_stays_two_sets(tmp_path: Path) -> None:
    outside = write_sets(tmp_path)
    sets = read_phi_sets(tmp_path, outside=[outside] * 2)
    assert [given.name for given in sets.labelled] == [
        "portal",
        "portal-fresh",
        "portal-third",
        "portal-fourth",
        "portal-devel",
        "structured",
        "outside.jsonl",
        "outside.jsonl (2)",
    ]


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([], True),
        ([(0, 4)], True),  # before
        ([(9, 12)], True),  # right after
        ([(4, 6)], False),  # its beginning
        ([(8, 30)], False),  # its end
        ([(20, 24)], False),  # its second mention
    ],
)
def test_a_term_survives_only_untouched(spans: list[tuple[int, int]], kept: bool) -> None:
    text = "take 5 mg now, then 5 mg."
    assert survives(text, "5 mg", [PhiSpan(*span, PhiType.DATE, 0.9) for span in spans]) is kept


def test_a_digit_inside_a_number_is_no_mention_of_it() -> None:
    spans = [PhiSpan(8, 10, PhiType.DATE, 0.9)]
    assert survives("take 5, 15 then", "5", spans)
    assert not survives("take 5, 15 then", "15", spans)
    assert not survives("O2 was 95x then", "95", [PhiSpan(7, 9, PhiType.DATE, 0.9)])


def test_latency_is_of_messages_of_one_length() -> None:
    messages = cut_messages(["a" * 150, "b" * 149, "c" * 300])
    assert [len(message) for message in messages] == [MESSAGE_CHARACTERS] * 3
    ticks: list[None] = []
    taken = time_messages(NOTHING, messages, on_text=lambda: ticks.append(None))
    assert len(taken) == len(ticks) == 3
    assert all(one.wall_ms > 0 <= one.processor_ms for one in taken)
    assert cut_messages(["short"]) == []


def test_waiting_counts_by_the_clock_and_not_as_work() -> None:
    class Waiting(FakeRedactor):
        def redact(self, text: PatientText | str, *, known_values: Sequence[tuple[PhiType, str]] = ()) -> Redaction:
            time.sleep(0.01)
            return super().redact(text, known_values=known_values)

    (taken,) = time_messages(Waiting({}), ["a"], on_text=lambda: None)
    assert taken.wall_ms >= 10 > taken.processor_ms


def test_percentiles_are_nearest_rank() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (51.0, 100.0, 7.0)


def test_latency_has_its_figures(tmp_path: Path) -> None:
    outside = write_sets(tmp_path)
    outside.write_text('{"text": "' + "calm words " * 100 + '", "spans": []}\n', encoding="utf-8")
    sets = read_phi_sets(tmp_path, outside=[outside])
    result = evaluate_phi(sets, NOTHING)
    found = [figure(result, "latency", name).of for name in ("p50", "p99", "p50_processor", "p99_processor")]
    assert all(isinstance(of, Quantity) and of.n == 6 and of.unit == "ms" for of in found)
    assert any(isinstance(chart, HistogramChart) for chart in result.charts)
