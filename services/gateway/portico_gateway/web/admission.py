"""Which work may start: a bound on turns in flight, refused at once when full, and turns detached from connections."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from portico_core.draining import Drain
from portico_core.errors import Draining, EmptyText, Overloaded, TextTooLong, UnsupportedText
from portico_core.text import MAX_TEXT_CHARACTERS, PatientText
from portico_gateway.logs import describe_error, log
from portico_gateway.metrics import Metrics

Result = TypeVar("Result")


def admit_text(text: str) -> PatientText:
    """Return the text as PatientText; raise EmptyText, TextTooLong or UnsupportedText."""
    if not text.strip():
        raise EmptyText
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextTooLong
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UnsupportedText
    return PatientText(text)


class TurnSlots:
    """A bounded number of turns in flight, each in a task of its own that outlives its connection.

    A turn whose client goes away still ends in its terminal audit record (promises.md, row 1).
    """

    def __init__(self, limit: int, metrics: Metrics, drain: Drain) -> None:
        self._limit = limit
        self._drain = drain
        self._metrics = metrics
        metrics.turns_limit.set(limit)
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """Run the work in a task; raise Overloaded when all slots are taken, Draining when this process ends."""
        if self._drain.begun:
            work.close()
            self._metrics.shed.labels("draining").inc()
            raise Draining
        if len(self._running) >= self._limit:
            work.close()
            self._metrics.shed.labels("concurrency").inc()
            raise Overloaded
        task = asyncio.create_task(work)
        self._running.add(task)
        self._metrics.turns_inflight.set(len(self._running))
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        """Let go of a turn; a failure is looked at here, because its client may be gone."""
        self._running.discard(task)
        self._metrics.turns_inflight.set(len(self._running))
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log("turn_failed", level=30, error=describe_error(error))

    async def drain(self) -> None:
        """Wait until every turn in flight has ended."""
        while self._running:
            await asyncio.wait(self._running)


async def finish(task: "asyncio.Task[Result]") -> Result:
    """Await a turn without passing the caller's cancellation on to it."""
    waiting: Awaitable[Result] = asyncio.shield(task)
    return await waiting
