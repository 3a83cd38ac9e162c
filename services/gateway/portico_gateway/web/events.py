"""Server-sent events of one turn, and of what happens in a conversation later.

`status` events show progress. Everything else is derived from the finished, recorded turn, so that the events of one
turn say exactly what its JSON form says; the `turn` event carries the very bytes whose hash is in the audit record.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

from sse_starlette.event import ServerSentEvent
from starlette.requests import Request

from portico_core.errors import InvalidRequest, PorticoError, RateLimited
from portico_core.labels import LimitScope, Route, Stage
from portico_core.turn import Turn
from portico_gateway.pipeline import Delivery
from portico_gateway.web.admission import finish
from portico_gateway.web.errors import error_body

STREAMS_OF_ONE_PATIENT = 6
"""Open event feeds of one patient: a few tabs and devices, but not every connection this process has."""

FULL_WAIT_S = 15
"""When a page may ask again for a feed it found no place for; a vanished one is noticed at its next ping."""

CLOSE_TURNS = 3
"""Turns of the event loop from the end of a client's half to `http.disconnect`: read, closed, told."""


class Listeners:
    """Who holds how many event feeds open."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextlib.contextmanager
    def preparing(self, patient: str) -> Iterator[None]:
        """Hold a place while a feed is made ready; raise RateLimited where the patient has none left.

        It is taken before anything is awaited: two hundred requests at once would all pass a look, and each write an
        `access` record, before the first of them is open.
        """
        if not self._has_room(patient):
            raise RateLimited(LimitScope.PATIENT, wait_s=FULL_WAIT_S)
        self._open[patient] += 1
        try:
            yield
        finally:
            self._give_back(patient)

    async def hold(self, patient: str, feed: AsyncIterator[ServerSentEvent]) -> AsyncIterator[ServerSentEvent]:
        """Yield a feed and count it while it is open; of many that were let in at once, those too many end here."""
        if not self._has_room(patient):
            return
        self._open[patient] += 1
        try:
            async for event in feed:
                yield event
        finally:
            self._give_back(patient)

    def _has_room(self, patient: str) -> bool:
        return self._open[patient] < STREAMS_OF_ONE_PATIENT

    def _give_back(self, patient: str) -> None:
        self._open[patient] -= 1
        self._open += Counter()  # Who has none open is forgotten.


async def refuse_closed(request: Request) -> None:
    """Raise InvalidRequest for a feed that nobody can read: its client has closed its half, which ends the connection.

    The loop is given the turns it needs to read that, before a signature is verified and the store is asked.
    """
    for _ in range(CLOSE_TURNS):
        await asyncio.sleep(0)
    if await request.is_disconnected():
        raise InvalidRequest


async def turn_events(
    task: "asyncio.Task[Delivery]", stages: "asyncio.Queue[Stage]", *, request_id: str, whom_to_call: str
) -> AsyncIterator[ServerSentEvent]:
    """Yield the stages as they are reached, then the whole checked turn, or one error."""
    numbers = iter(range(1, 10_000))
    async for stage in _stages_until_done(task, stages):
        yield _event("status", {"stage": stage.value}, next(numbers))
    try:
        delivery = await finish(task)
    except Exception as error:
        known = error if isinstance(error, PorticoError) else PorticoError()
        body = error_body(known, request_id=request_id, whom_to_call=whom_to_call)
        yield _event("error", body, next(numbers))
        return
    for event in delivery_events(delivery, numbers):
        yield event


def delivery_events(delivery: Delivery, numbers: Iterator[int]) -> Iterator[ServerSentEvent]:
    """Yield the events of a finished turn."""
    turn = Turn.model_validate_json(delivery.body)
    if turn.answer is not None:
        for sentence in turn.answer.sentences:
            yield _event("sentence", sentence.model_dump(mode="json"), next(numbers))
        for citation in turn.answer.citations:
            yield _event("citation", citation.model_dump(mode="json"), next(numbers))
    if turn.route in {Route.EMERGENCY, Route.CRISIS}:
        contacts = [contact.model_dump(mode="json") for contact in turn.contacts]
        banner = {"route": turn.route.value, "message": turn.message, "contacts": contacts, "lang": turn.lang}
        yield _event("banner", banner, next(numbers))
    if turn.escalation is not None:
        yield _event("escalation", turn.escalation.model_dump(mode="json"), next(numbers))
    yield ServerSentEvent(data=delivery.body.decode(), event="turn", id=str(next(numbers)))


async def _stages_until_done(task: "asyncio.Task[Delivery]", stages: "asyncio.Queue[Stage]") -> AsyncIterator[Stage]:
    while not (task.done() and stages.empty()):
        getter = asyncio.create_task(stages.get())
        try:
            await asyncio.wait({getter, task}, return_when=asyncio.FIRST_COMPLETED)
            if getter.done():
                yield getter.result()
        finally:
            getter.cancel()


def _event(name: str, data: dict[str, Any], number: int) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(data, ensure_ascii=False), event=name, id=str(number))
