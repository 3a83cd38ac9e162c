"""Who may use which route: every route of the gateway stands here, or the gateway does not start (deny by default)."""

from collections.abc import Iterable
from enum import StrEnum

from starlette.routing import BaseRoute, Mount, Route

from portico_core.errors import ConfigurationError


class Access(StrEnum):
    """What a route asks of whoever comes."""

    ANYBODY = "anybody"  # It shows nothing of a patient.
    SPEAKER = "speaker"  # A patient or a proxy, and only their own conversations; foreign ones are not there.
    PORTAL = "portal"  # A registered portal with a signed assertion in the body.
    LAUNCHED = (
        "launched"  # A browser that a known FHIR server vouches for, by its cookie; before that it shows nothing.
    )
    DEMO = "demo"  # There in demo mode only.


_CONVERSATION = "/v1/conversations/{id}"
RULES: dict[tuple[str, str], Access] = {
    ("POST", "/v1/conversations"): Access.SPEAKER,
    ("GET", _CONVERSATION): Access.SPEAKER,
    ("DELETE", _CONVERSATION): Access.SPEAKER,
    ("POST", f"{_CONVERSATION}/turns"): Access.SPEAKER,
    ("GET", f"{_CONVERSATION}/events"): Access.SPEAKER,
    ("POST", f"{_CONVERSATION}/turns/{{turn}}/feedback"): Access.SPEAKER,
    ("POST", "/v1/tokens"): Access.PORTAL,
    ("POST", "/v1/tokens/revoke"): Access.PORTAL,
    ("GET", "/smart/launch"): Access.LAUNCHED,
    ("GET", "/smart/standalone"): Access.LAUNCHED,
    ("GET", "/smart/callback"): Access.LAUNCHED,
    ("GET", "/smart/app"): Access.LAUNCHED,
    ("POST", "/smart/token"): Access.LAUNCHED,
    ("POST", "/smart/sign-out"): Access.ANYBODY,
    ("GET", "/smart/launch.js"): Access.ANYBODY,
    ("GET", "/smart/launch.css"): Access.ANYBODY,
    ("GET", "/healthz"): Access.ANYBODY,
    ("GET", "/readyz"): Access.ANYBODY,
    ("GET", "/metrics"): Access.ANYBODY,
    ("GET", "/openapi.json"): Access.ANYBODY,
    ("GET", "/model-card"): Access.ANYBODY,
    ("GET", "/widget/v1/portico.js"): Access.ANYBODY,
    ("GET", "/widget/v1/{file}"): Access.ANYBODY,
    ("GET", "/"): Access.DEMO,
    ("GET", "/demo"): Access.DEMO,
    ("POST", "/demo/token"): Access.DEMO,
}
FOLDERS = {"/demo": Access.DEMO}


def refuse_undeclared(routes: Iterable[BaseRoute], *, demo: bool) -> None:
    """Raise ConfigurationError for a route without a rule, and for one of the demo outside it."""
    for route in routes:
        declared = _declared(route)
        if None in declared or (Access.DEMO in declared and not demo):
            raise ConfigurationError(f"a route has no rule that lets anybody in: {getattr(route, 'path', route)}")


def _declared(route: BaseRoute) -> set[Access | None]:
    match route:
        case Mount():
            return {FOLDERS.get(route.path)}
        case Route():
            return {RULES.get((method, route.path)) for method in (route.methods or set()) - {"HEAD"}}
        case _:
            return {None}
