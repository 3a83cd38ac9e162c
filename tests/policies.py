"""A route policy for tests that do not tell the two declined labels apart."""

from portico_core.labels import Label
from portico_core.verdict import RoutePolicy


def policy_of(*, answer: float, decline: float) -> RoutePolicy:
    """Make a policy with one threshold for both declined labels."""
    thresholds = {Label.INFORMATIONAL: answer, Label.ATTACK: decline, Label.OUT_OF_SCOPE: decline}
    return RoutePolicy("policy-of-the-test", thresholds)
