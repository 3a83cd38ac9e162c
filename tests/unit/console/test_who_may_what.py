"""Deny by default: every route of the console × every role × every verb, walked from the application's own table."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from portico_core.labels import Role
from unit.console.memory_audit_desk import TURN
from unit.console.memory_desk import MemoryDesk
from unit.console.visits import browser, csrf_of, sign_in

CLINICIAN, SUPERVISOR, COMPLIANCE = Role.CLINICIAN, Role.SUPERVISOR, Role.COMPLIANCE
STAFF = {CLINICIAN, SUPERVISOR, COMPLIANCE}
CARE = {CLINICIAN, SUPERVISOR}
EVERYBODY = {None, *STAFF}
TOKENS = {CLINICIAN: "token-dana", SUPERVISOR: "token-mira", COMPLIANCE: "token-lee"}
VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
TICKET = "/tickets/{id}"

# Who may what. A route that does not stand here fails the test below.
MAY: dict[tuple[str, str], set[Role | None] | set[Role]] = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/sign-in"): EVERYBODY,
    ("POST", "/sign-in"): EVERYBODY,
    ("POST", "/sign-in/demo"): set(),
    ("GET", "/sign-in/start"): set(),  # Not configured here: neither the server's way nor the demo's is there.
    ("GET", "/sign-in/callback"): set(),
    ("POST", "/sign-out"): STAFF,
    ("GET", "/inbox"): STAFF,
    ("GET", "/inbox/rows"): STAFF,
    ("GET", "/announcements"): STAFF,
    ("POST", "/announcements/{id}/again"): CARE,
    ("GET", "/workload"): {SUPERVISOR},
    ("GET", "/compliance"): {COMPLIANCE},
    ("POST", "/compliance/patient"): {COMPLIANCE},
    ("GET", "/compliance/searches/{search}"): {COMPLIANCE},
    ("GET", "/compliance/turns/{turn}"): {COMPLIANCE},
    ("GET", "/compliance/access"): {COMPLIANCE},
    ("POST", "/compliance/export"): {COMPLIANCE},
    ("GET", TICKET): STAFF,
    ("GET", TICKET + "/presence"): STAFF,
    **{
        ("POST", f"{TICKET}/{step}"): CARE
        for step in (
            "writing",
            "reveal",
            "break-glass",
            "claim",
            "reply",
            "note",
            "release",
            "hand-over",
            "close",
            "review",
        )
    },
}


def routes(client: TestClient) -> Iterator[tuple[str, str]]:
    """Return what the application really serves."""
    assert isinstance(client.app, Starlette)
    for route in client.app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route) and route.methods is not None
        yield from ((method, route.path) for method in route.methods - {"HEAD"})


def visit(client: TestClient, method: str, path: str, csrf: str) -> int:
    filled = path.replace("{id}", "t-dose").replace("{turn}", TURN)
    form = {"csrf": csrf} if method != "GET" else None
    return int(client.request(method, filled, data=form).status_code)


def test_every_route_is_declared_and_nothing_else(desk: MemoryDesk) -> None:
    with browser(desk) as client:
        assert set(routes(client)) == set(MAY)


def test_a_route_that_nobody_declared_is_found(desk: MemoryDesk) -> None:
    """The control."""
    with browser(desk) as client:
        assert isinstance(client.app, Starlette)
        client.app.router.routes.append(Route("/debug", lambda request: None))
        assert set(routes(client)) != set(MAY)


@pytest.mark.parametrize("role", [None, *TOKENS], ids=str)
def test_each_role_may_what_it_may(desk: MemoryDesk, role: Role | None) -> None:
    """A post carries the session's own form token, so that what refuses it is the role."""
    wrong, tried = [], 0
    for (method, path), who in MAY.items():
        if path in {"/", "/healthz", "/sign-in"}:
            continue
        with browser(desk) as client:
            csrf = ""
            if role is not None:
                sign_in(client, TOKENS[role])
                csrf = csrf_of(client.get("/inbox").text)
            status = visit(client, method, path, csrf)
            other = [visit(client, verb, path, csrf) for verb in VERBS - {m for m, p in MAY if p == path}]
        tried += 1 + len(other)
        refused = {303} if role is None else {403}
        expected = {404} if not who else refused if role not in who else set(range(200, 501)) - {401, 403}
        if path == "/sign-in/demo":
            expected = {403, 404}
        if status not in expected or any(each not in {404, 405} for each in other):
            wrong.append((method, path, status, other))
    print(f"role {role}: {tried} routes and verbs, wrong: {len(wrong)}")  # noqa: T201
    assert wrong == []
