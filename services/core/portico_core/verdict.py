"""From a classifier's scores to a route: a value, a policy, and one pure function."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from portico_core.labels import SEVERITY, Label, Route, Urgency, VerdictSource

ABSTAINING = (Label.INFORMATIONAL, Label.ATTACK, Label.OUT_OF_SCOPE)
"""The labels whose messages go to a person instead where the classifier is not sure enough."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What judged text is.

    `scores` holds one probability per label (empty for a rule); `rule` names the red flag that fired.
    """

    label: Label
    confidence: float
    scores: Mapping[Label, float]
    source: VerdictSource
    model: str
    rule: str | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0 or math.isnan(self.confidence):
            raise ValueError("confidence must lie in [0, 1]")


@dataclass(frozen=True, slots=True)
class RoutePolicy:
    """The least confidence by label that may abstain, versioned: every audit record names the policy in force.

    Only what would be answered or declined abstains: demoting an uncertain emergency to `escalate` destroys urgent
    recall (design/prototypes.md). The two declined labels have a threshold each, because a hidden emergency looks like
    the one and hardly ever like the other (docs/adr/0042).
    """

    version: str
    thresholds: Mapping[Label, float]

    def __post_init__(self) -> None:
        if set(self.thresholds) != set(ABSTAINING) or not all(0.0 <= t <= 1.0 for t in self.thresholds.values()):
            raise ValueError("a policy has a threshold in [0, 1] for each label that may abstain, and for no other")


def thresholds_by_label(calibrated: Mapping[str, Any]) -> dict[Label, float]:
    """Read the thresholds of a classifier's manifest; raise KeyError or ValueError where one is missing or no number.

    Versions before 0.2 name the two routes instead, `answer` and `decline`; a site can still go back to one.
    """
    older = {Label.INFORMATIONAL: "answer", Label.ATTACK: "decline", Label.OUT_OF_SCOPE: "decline"}
    names = older if "answer" in calibrated else {label: label.value for label in ABSTAINING}
    return {label: float(calibrated[name]) for label, name in names.items()}


def verdict_from_scores(scores: Mapping[Label, float], *, model: str) -> Verdict:
    """Make a verdict from softmax scores; raise ValueError unless they are complete, finite and sum to one."""
    if set(scores) != set(Label) or not all(math.isfinite(p) and 0 <= p <= 1 for p in scores.values()):
        raise ValueError("scores must be finite probabilities over exactly the six labels")
    if abs(sum(scores.values()) - 1.0) > 0.01:
        raise ValueError("scores must sum to one")
    label = max(scores, key=lambda name: scores[name])
    return Verdict(label, min(1.0, scores[label]), dict(scores), VerdictSource.MODEL, model)


def most_severe(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict with the most severe label; of equals the more confident one."""
    return max(verdicts, key=lambda verdict: (SEVERITY[verdict.label], verdict.confidence))


def decide_route(verdict: Verdict, policy: RoutePolicy, *, answerable: bool = True) -> Route:
    """Map a verdict to a route; only a confident `informational` is answered, and only to whom may be answered."""
    match verdict.label:
        case Label.EMERGENCY:
            return Route.EMERGENCY
        case Label.CRISIS:
            return Route.CRISIS
        case Label.CLINICIAN:
            return Route.ESCALATE
        case Label.INFORMATIONAL:
            sure = verdict.confidence >= policy.thresholds[verdict.label]
            return Route.ANSWER if sure and answerable else Route.ESCALATE
        case Label.ATTACK | Label.OUT_OF_SCOPE:
            return Route.DECLINE if _declined_share(verdict) >= policy.thresholds[verdict.label] else Route.ESCALATE
        case _:
            assert_never(verdict.label)


def _declined_share(verdict: Verdict) -> float:
    """Return how sure it is that the message is to be declined: attack and out of scope are, so their shares add up."""
    declined = (Label.ATTACK, Label.OUT_OF_SCOPE)
    return max(verdict.confidence, sum(verdict.scores.get(label, 0.0) for label in declined))


def urgency_of(route: Route) -> Urgency | None:
    """Say how fast a person must see a turn of this route, or None where no person is needed."""
    match route:
        case Route.CRISIS:
            return Urgency.IMMEDIATE
        case Route.EMERGENCY:
            return Urgency.URGENT
        case Route.ESCALATE:
            return Urgency.ROUTINE
        case Route.ANSWER | Route.DECLINE | Route.UNAVAILABLE:
            return None
        case _:
            assert_never(route)
