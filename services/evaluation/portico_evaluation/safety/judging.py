"""The door to the guard under test. The suite gets it from its caller, so that it measures the one that serves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from portico_core.labels import Label, Route
from portico_core.verdict import RoutePolicy, Verdict

Conversation = tuple[str, ...]
"""The messages of a patient, the last one last."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the guard says of a conversation's last message, and what is then done."""

    verdict: Verdict
    route: Route


class Judge(Protocol):
    """What the suite needs of the guard: redaction, red flags, injection rule, model and policy, as they serve."""

    def __call__(self, conversations: Sequence[Conversation]) -> Iterable[Judgement | None]:
        """Give a judgement for each conversation, in order; None where the guard refused the text."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The judge, the policy it routes by, and the versions of its parts."""

    judge: Judge
    policy: RoutePolicy
    versions: Mapping[str, str] = field(default_factory=dict)


def label_of(judgement: Judgement | None) -> Label | None:
    """Return the label, or None where the text was refused."""
    return None if judgement is None else judgement.verdict.label


def route_of(judgement: Judgement | None) -> Route | None:
    """Return the route, or None where the text was refused."""
    return None if judgement is None else judgement.route
