"""From a classifier's scores to a route: a value, a policy, and one pure function."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from portico_core.labels import SEVERITY, Label, Route, Urgency, VerdictSource


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
    """A site's thresholds, versioned because every audit record names the policy in force.

    Abstention applies to `answer` and `decline` only: demoting an uncertain emergency to `escalate` destroys
    urgent recall (design/prototypes.md).
    """

    version: str
    answer_threshold: float
    decline_threshold: float


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
            sure = verdict.confidence >= policy.answer_threshold
            return Route.ANSWER if sure and answerable else Route.ESCALATE
        case Label.ATTACK | Label.OUT_OF_SCOPE:
            return Route.DECLINE if _declined_share(verdict) >= policy.decline_threshold else Route.ESCALATE
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
