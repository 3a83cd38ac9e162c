"""An ASGI wrapper that tells an observer how each request ended, by the route's template and never by its path.

It stands here because gateway and console both need it and share only this package; it knows the protocol, no library.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

NO_ROUTE = "none"


@dataclass(frozen=True, slots=True)
class HttpOutcome:
    """One request: `route` is a template such as `/v1/conversations/{id}`, `seconds` end with the response's start.

    An event stream stays open for minutes; what a client waits for is its first byte.
    """

    route: str
    status: int
    seconds: float


class HttpOutcomes:
    """Call `observe` once for every HTTP request."""

    def __init__(self, app: Application, observe: Callable[[HttpOutcome], None]) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status, seconds = 500, None

        async def note_start(message: MutableMapping[str, Any]) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = int(message["status"]), time.perf_counter() - begun
            await send(message)

        try:
            await self._app(scope, receive, note_start)
        finally:
            route = str(getattr(scope.get("route"), "path", NO_ROUTE))
            self._observe(HttpOutcome(route, status, seconds or time.perf_counter() - begun))
