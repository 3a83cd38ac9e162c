"""How a request ended is told by its route's template, whatever the path, the client or the application does."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from portico_core.http_outcome import NO_ROUTE, HttpOutcome, HttpOutcomes, Receive, Scope, Send


class ARoute:
    path = "/v1/conversations/{id}"


async def found(scope: Scope, receive: Receive, send: Send) -> None:
    scope["route"] = ARoute()
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("boom")


async def serve(app: Any, scope: Scope) -> list[HttpOutcome]:
    seen: list[HttpOutcome] = []

    async def receive() -> MutableMapping[str, Any]:
        return {}

    async def send(message: MutableMapping[str, Any]) -> None:
        pass

    try:
        await HttpOutcomes(app, seen.append)(scope, receive, send)
    except ValueError:
        assert app is failing
    return seen


async def test_a_request_is_told_by_its_template_and_never_by_its_path() -> None:
    (outcome,) = await serve(found, {"type": "http", "path": "/v1/conversations/maria-lopez"})
    assert (outcome.route, outcome.status) == ("/v1/conversations/{id}", 404)
    assert 0 <= outcome.seconds < 60


async def test_an_application_that_raises_counts_as_500_of_no_route() -> None:
    (outcome,) = await serve(failing, {"type": "http", "path": "/maria-lopez"})
    assert (outcome.route, outcome.status) == (NO_ROUTE, 500)


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_what_is_no_request_is_not_counted(kind: str) -> None:
    assert await serve(found, {"type": kind}) == []
