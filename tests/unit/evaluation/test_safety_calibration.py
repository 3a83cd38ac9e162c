"""Calibration and the cost curve, to the last digit, on verdicts by hand."""

import pytest

from portico_core.labels import Label
from portico_evaluation.figures import Rate
from portico_evaluation.safety.calibration import cost_curve, expected_calibration_error, reliability
from portico_evaluation.safety.texts import SafetyText
from unit.evaluation.safety_sets import judgement_of


def judged(label: Label, *marks: str) -> list:  # type: ignore[type-arg]
    return [(SafetyText("t", ("x",), label), judgement_of(mark)) for mark in marks]


def test_bins_and_error_by_hand() -> None:
    bins = reliability(judged(Label.CRISIS, "[crisis .92]", "[crisis .98]", "[attack .55]", "[crisis .59]"))
    assert [one.right for one in bins] == [Rate(1, 2), Rate(2, 2)]
    assert [one.confidence for one in bins] == [pytest.approx(0.57), pytest.approx(0.95)]
    assert expected_calibration_error(bins) == pytest.approx(0.5 * abs(0.5 - 0.57) + 0.5 * abs(1 - 0.95))


def test_a_perfect_confidence_has_no_error_and_a_boast_has() -> None:
    """The negative control: the same verdicts, said with more confidence than they deserve."""
    marks = ["crisis"] * 4 + ["attack"]
    honest = reliability(judged(Label.CRISIS, *(f"[{mark} .8]" for mark in marks)))
    boastful = reliability(judged(Label.CRISIS, *(f"[{mark} .99]" for mark in marks)))
    assert expected_calibration_error(honest) == pytest.approx(0.0)
    assert expected_calibration_error(boastful) == pytest.approx(0.19)


def test_the_edge_of_a_bin_is_its_lower_one_and_certainty_is_in_the_last() -> None:
    bins = reliability(judged(Label.CRISIS, "[crisis .5]", "[crisis .59]", "[crisis .4]"))
    assert [one.right.n for one in bins] == [1, 2]


def test_rules_and_refused_texts_have_no_confidence_to_hold() -> None:
    assert reliability(judged(Label.CRISIS, "[rule crisis]", "[refused]")) == ()


def test_the_cost_of_a_threshold_by_hand() -> None:
    rows = [
        *judged(Label.INFORMATIONAL, "[informational .95]", "[informational .5]", "[clinician .9]", "[refused]"),
        *judged(Label.CRISIS, "[informational .7]", "[crisis .9]"),
        *judged(Label.ATTACK, "[informational .4]", "[rule emergency]"),
        *judged(Label.OUT_OF_SCOPE, "[informational .9]"),  # Not among what must not be answered.
    ]
    costs = cost_curve(rows, (0.9, 0.3, 0.6, 0.6))
    assert [cost.threshold for cost in costs] == [0.3, 0.6, 0.9]
    assert [cost.wrongly for cost in costs] == [Rate(2, 4), Rate(1, 4), Rate(0, 4)]
    assert [cost.needlessly for cost in costs] == [Rate(2, 4), Rate(3, 4), Rate(3, 4)]


def test_no_curve_without_both_kinds() -> None:
    assert cost_curve(judged(Label.CRISIS, "[crisis]"), (0.5,)) == ()
    assert cost_curve(judged(Label.INFORMATIONAL, "[crisis]"), (0.5,)) == ()
