"""Kill switches: what an operator may turn off, and what is left then.

With any of them off a patient is still handed to a person, and the emergency and crisis texts still come at once; no
switch can turn those off. Reading fails closed: what cannot be read counts as off (`EVERYTHING_OFF`).
"""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from portico_core.errors import ConfigurationError
from portico_core.labels import Route


class Switch(StrEnum):
    """A route or a model that can be turned off."""

    ANSWER = "route=answer"
    DECLINE = "route=decline"
    CLASSIFIER = "model=safety_classifier"
    ENCODER = "model=passage_encoder"
    RESPONDER = "model=responder"


EVERYTHING_OFF = frozenset(Switch)
_NEEDED: dict[Route, frozenset[Switch]] = {
    Route.ANSWER: frozenset({Switch.ANSWER, Switch.CLASSIFIER, Switch.ENCODER, Switch.RESPONDER}),
    Route.DECLINE: frozenset({Switch.DECLINE, Switch.CLASSIFIER}),
}


def is_allowed(route: Route, off: AbstractSet[Switch]) -> bool:
    """Say whether a route may be taken with these switches off; what leads to a person always may."""
    return not (_NEEDED.get(route, frozenset()) & off)


def parse_switch(text: str) -> Switch:
    """Read `route=answer` or `model=responder`; raise ConfigurationError that lists what there is."""
    try:
        return Switch(text.strip())
    except ValueError:
        raise ConfigurationError(f"there is no such switch; there are: {', '.join(Switch)}") from None


def parse_switches(text: str) -> frozenset[Switch]:
    """Read switches with commas between them."""
    return frozenset(parse_switch(part) for part in text.split(",") if part.strip())
