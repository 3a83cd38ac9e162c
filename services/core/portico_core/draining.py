"""The end of a serving process: first it refuses new work, then it finishes what it owes, then it stops.

It stands here because the gateway's routes, its readiness and whatever runs the server ask the same object; it knows
the ASGI protocol and no library.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, MutableMapping
from typing import Any, TypeVar

from portico_core.http_outcome import Application, Receive, Scope, Send

_CLOSE = (b"connection", b"close")

Result = TypeVar("Result")


class Drain:
    """Whether this process is stopping, and how many responses it still owes."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._owed = 0

    @property
    def begun(self) -> bool:
        """Return whether new work is refused."""
        return self._begun.is_set()

    def begin(self) -> None:
        """Refuse new work from now on; may be repeated."""
        self._begun.set()

    async def unless_begun(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """Await work that may take long; cancel it and return None when the drain begins."""
        task, ending = asyncio.create_task(work), asyncio.create_task(self._begun.wait())
        try:
            await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            ending.cancel()

    async def wait_idle(self) -> None:
        """Wait until no response is owed to anybody."""
        await self._idle.wait()

    async def settle(self, response: Awaitable[None]) -> None:
        """Await one response and count it as owed until then."""
        self._owed += 1
        self._idle.clear()
        try:
            await response
        finally:
            self._owed -= 1
            if not self._owed:
                self._idle.set()


class OwedResponses:
    """An ASGI wrapper that counts responses, and asks clients of a stopping process for a new connection."""

    def __init__(self, app: Application, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_and_close(message: MutableMapping[str, object]) -> None:
            if message["type"] == "http.response.start" and self._drain.begun:
                given = message.get("headers", [])
                kept = [pair for pair in given if pair[0].lower() != b"connection"]  # type: ignore[attr-defined]
                message = {**message, "headers": [*kept, _CLOSE]}
            await send(message)

        await self._drain.settle(self._app(scope, receive, send_and_close))
