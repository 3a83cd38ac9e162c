"""From scores to a route. A verdict that is not whole is none, and only a confident `informational` is answered."""

import itertools
import math
from typing import Any

import pytest

from policies import policy_of
from portico_core.labels import SEVERITY, Label, Route, Urgency, VerdictSource
from portico_core.verdict import (
    RoutePolicy,
    Verdict,
    decide_route,
    most_severe,
    thresholds_by_label,
    urgency_of,
    verdict_from_scores,
)

POLICY = policy_of(answer=0.7, decline=0.6)
CONFIDENCES = (0.0, 0.5999, 0.6, 0.6999, 0.7, 0.7001, 1.0)


def verdict(label: Label, confidence: float = 0.9) -> Verdict:
    return Verdict(label, confidence, {}, VerdictSource.MODEL, "test/1")


def scores(top: Label = Label.INFORMATIONAL, share: float = 0.9) -> dict[Any, float]:
    rest = (1 - share) / (len(Label) - 1)
    return {label: share if label is top else rest for label in Label}


def expected_route(label: Label, confidence: float) -> Route:
    """The table of architecture.md, 2, written down a second time."""
    table = {
        Label.INFORMATIONAL: Route.ANSWER if confidence >= 0.7 else Route.ESCALATE,
        Label.CLINICIAN: Route.ESCALATE,
        Label.EMERGENCY: Route.EMERGENCY,
        Label.CRISIS: Route.CRISIS,
        Label.ATTACK: Route.DECLINE if confidence >= 0.6 else Route.ESCALATE,
        Label.OUT_OF_SCOPE: Route.DECLINE if confidence >= 0.6 else Route.ESCALATE,
    }
    return table[label]


@pytest.mark.parametrize(("label", "confidence"), itertools.product(Label, CONFIDENCES))
def test_route_of_every_label_around_its_threshold(label: Label, confidence: float) -> None:
    assert decide_route(verdict(label, confidence), POLICY) is expected_route(label, confidence)


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_no_threshold_makes_an_urgent_label_less_urgent(threshold: float) -> None:
    policy = policy_of(answer=threshold, decline=threshold)
    for confidence in CONFIDENCES:
        assert decide_route(verdict(Label.EMERGENCY, confidence), policy) is Route.EMERGENCY
        assert decide_route(verdict(Label.CRISIS, confidence), policy) is Route.CRISIS


@pytest.mark.parametrize(
    ("attack", "out_of_scope", "route"),
    [
        (0.35, 0.30, Route.DECLINE),  # Whichever of the two it is, it is declined: their shares add up.
        (0.30, 0.35, Route.DECLINE),
        (0.30, 0.29, Route.ESCALATE),
        (0.60, 0.00, Route.DECLINE),
    ],
)
def test_attack_and_out_of_scope_are_declined_on_their_joint_share(
    attack: float, out_of_scope: float, route: Route
) -> None:
    rest = (1 - attack - out_of_scope) / 4
    shares = dict.fromkeys(Label, rest) | {Label.ATTACK: attack, Label.OUT_OF_SCOPE: out_of_scope}
    assert decide_route(verdict_from_scores(shares, model="test/1"), POLICY) is route


@pytest.mark.parametrize(("label", "route"), [(Label.ATTACK, Route.ESCALATE), (Label.OUT_OF_SCOPE, Route.DECLINE)])
def test_each_declined_label_has_a_threshold_of_its_own(label: Label, route: Route) -> None:
    policy = RoutePolicy("test", {Label.INFORMATIONAL: 0.7, Label.ATTACK: 0.97, Label.OUT_OF_SCOPE: 0.9})
    assert decide_route(verdict(label, 0.95), policy) is route


def test_thresholds_are_read_by_label_and_those_of_older_versions_by_route() -> None:
    by_label = {"informational": 0.7, "attack": 0.97, "out_of_scope": 0.9}
    assert thresholds_by_label(by_label) == {Label(name): value for name, value in by_label.items()}
    older = thresholds_by_label({"answer": 0.7, "decline": 0.95})
    assert older == {Label.INFORMATIONAL: 0.7, Label.ATTACK: 0.95, Label.OUT_OF_SCOPE: 0.95}


@pytest.mark.parametrize(
    "calibrated", [{}, {"answer": 0.7}, {"informational": 0.7, "attack": 0.9}, {"answer": 0.7, "decline": "high"}]
)
def test_thresholds_that_are_not_whole_are_refused(calibrated: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        thresholds_by_label(calibrated)


@pytest.mark.parametrize(
    "thresholds",
    [
        {Label.INFORMATIONAL: 0.7, Label.ATTACK: 0.9},
        {Label.INFORMATIONAL: 0.7, Label.ATTACK: 0.9, Label.OUT_OF_SCOPE: 0.9, Label.CRISIS: 0.9},  # It never abstains.
        {Label.INFORMATIONAL: 0.7, Label.ATTACK: 1.1, Label.OUT_OF_SCOPE: 0.9},
        {Label.INFORMATIONAL: math.nan, Label.ATTACK: 0.9, Label.OUT_OF_SCOPE: 0.9},
    ],
)
def test_a_policy_has_a_threshold_for_just_the_labels_that_abstain(thresholds: dict[Label, float]) -> None:
    with pytest.raises(ValueError, match="may abstain"):
        RoutePolicy("test", thresholds)


def test_only_informational_is_ever_answered() -> None:
    policy = policy_of(answer=0.0, decline=0.0)
    answered = {label for label in Label if decide_route(verdict(label, 1.0), policy) is Route.ANSWER}
    assert answered == {Label.INFORMATIONAL}


@pytest.mark.parametrize(("one", "other"), itertools.combinations(Label, 2))
def test_the_more_severe_of_two_labels_stands_in_either_order(one: Label, other: Label) -> None:
    severe = max(one, other, key=SEVERITY.__getitem__)
    pair = [verdict(one, 0.99 if one is not severe else 0.3), verdict(other, 0.99 if other is not severe else 0.3)]
    assert most_severe(pair).label is severe
    assert most_severe(reversed(pair)).label is severe


def test_of_equal_labels_the_more_confident_stands() -> None:
    assert most_severe([verdict(Label.CLINICIAN, 0.4), verdict(Label.CLINICIAN, 0.8)]).confidence == 0.8


def test_no_two_labels_share_a_severity() -> None:
    assert set(SEVERITY) == set(Label)
    assert len(set(SEVERITY.values())) == len(Label)


@pytest.mark.parametrize("top", Label)
def test_sound_scores_make_a_verdict(top: Label) -> None:
    made = verdict_from_scores(scores(top), model="test/1")
    assert (made.label, made.source, made.model) == (top, VerdictSource.MODEL, "test/1")
    assert math.isclose(made.confidence, 0.9)
    assert dict(made.scores) == scores(top)


UNSOUND: dict[str, dict[Any, float]] = {
    "nan": {**scores(), Label.CRISIS: math.nan},  # A NaN compares false with everything: max() may still pick a label.
    "infinite": {**scores(), Label.CRISIS: math.inf},
    "minus infinite": {**scores(), Label.CRISIS: -math.inf},
    "negative": {**scores(share=1.0), Label.CRISIS: -0.05, Label.ATTACK: 0.05},  # Sums to one all the same.
    "over one": {**scores(share=0.0), Label.INFORMATIONAL: 1.2},
    "sum too low": dict.fromkeys(Label, 0.1),
    "sum too high": dict.fromkeys(Label, 0.2),
    "missing label": {label: 1 / 5 for label in Label if label is not Label.EMERGENCY},  # The one that must not go.
    "extra label": {**scores(), "harmless": 0.0},
    "label of another name": {**{k: v for k, v in scores().items() if k is not Label.ATTACK}, "ATTACK": 0.02},
    "empty": {},
}


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_scores_make_no_verdict(name: str) -> None:
    with pytest.raises(ValueError, match="scores"):
        verdict_from_scores(UNSOUND[name], model="test/1")


def test_scores_may_be_off_by_rounding_only() -> None:
    rounded = {label: score + 0.001 for label, score in scores().items()}
    assert verdict_from_scores(rounded, model="test/1").label is Label.INFORMATIONAL


@pytest.mark.parametrize("confidence", [math.nan, -0.1, 1.1, math.inf])
def test_a_verdict_has_a_confidence_between_zero_and_one(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        verdict(Label.INFORMATIONAL, confidence)


def test_urgency_of_every_route() -> None:
    assert {route: urgency_of(route) for route in Route} == {
        Route.ANSWER: None,
        Route.ESCALATE: Urgency.ROUTINE,
        Route.EMERGENCY: Urgency.URGENT,
        Route.CRISIS: Urgency.IMMEDIATE,
        Route.DECLINE: None,
        Route.UNAVAILABLE: None,
    }
