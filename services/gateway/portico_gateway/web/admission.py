"""Which work may start: a bound on turns in flight, refused at once when full, and turns detached from connections.

An emergency or a crisis that a rule can see is never refused while one of the reserved places is free, whatever the
limits of patient, tenant or address say, and also by a process that is about to end.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Coroutine
from typing import Any, Self, TypeVar

from portico_core.draining import Drain
from portico_core.errors import Draining, EmptyText, Overloaded, RateLimited, TextTooLong, UnsupportedText
from portico_core.labels import LimitScope
from portico_core.text import MAX_TEXT_CHARACTERS, PatientText
from portico_gateway.guards.red_flags import find_red_flag
from portico_gateway.logs import describe_error, log
from portico_gateway.metrics import Metrics
from portico_gateway.web.concurrency import GradientLimit

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


def is_urgent(text: PatientText) -> bool:
    """Say whether a red flag stands in the raw words; such a turn is never limited away (promises.md, row 10)."""
    return find_red_flag(text.reveal()) is not None


class Permit:
    """The place of one turn: given back at the end of the `with`, or, once `start` was called, with the turn's end."""

    def __init__(self, slots: "TurnSlots", *, patient: str, urgent: bool) -> None:
        self._slots = slots
        self.patient = patient
        self._started = False
        self.urgent = urgent

    def start(self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """Run the work in a task that outlives its connection."""
        self._started = True
        return self._slots.run(work, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._started:
            self._slots.give_back(self)


class TurnSlots:
    """The turns in flight, each in a task of its own, within a limit that adapts.

    A turn whose client goes away still ends in its terminal audit record (promises.md, row 1). Above the limit some
    places are reserved for emergencies and crises; everything else is refused at once.
    """

    def __init__(
        self, limit: GradientLimit, *, reserved: int, of_one_patient: int, metrics: Metrics, drain: Drain
    ) -> None:
        self._limit = limit
        self._of_one_patient = of_one_patient
        self._by_patient: Counter[str] = Counter()
        self._reserved = reserved
        self._drain = drain
        self._metrics = metrics
        self._taken = 0
        self._running: set[asyncio.Task[Any]] = set()
        metrics.turns_limit.set(limit.current)

    def take(self, text: PatientText, *, patient: str) -> Permit:
        """Return a place; raise Overloaded when there is none, Draining when this process ends.

        RateLimited where one patient has as many as one may have: nobody's second window is another's 503.
        """
        hogging = self._by_patient[patient] >= self._of_one_patient
        if not self._drain.begun and not hogging and self._taken < self._limit.current:
            return self._permit(patient, urgent=False)
        if is_urgent(text) and self._taken < self._limit.most + self._reserved:
            return self._permit(patient, urgent=True)
        if self._drain.begun:
            self._metrics.shed.labels("draining").inc()
            raise Draining
        if hogging:
            self._metrics.shed.labels("patient").inc()
            raise RateLimited(LimitScope.PATIENT)
        self._metrics.shed.labels("concurrency").inc()
        raise Overloaded

    def run(self, work: Coroutine[Any, Any, Result], permit: Permit) -> "asyncio.Task[Result]":
        """Run the work of a permit; its place is given back with its end."""
        begun = time.perf_counter()
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, permit, time.perf_counter() - begun))
        return task

    def give_back(self, permit: Permit) -> None:
        """Free a place."""
        self._taken -= 1
        self._by_patient[permit.patient] -= 1
        self._by_patient += Counter()  # Who has no turn in flight is forgotten.
        self._metrics.turns_inflight.set(self._taken)

    async def drain(self) -> None:
        """Wait until every turn in flight has ended."""
        while self._running:
            await asyncio.wait(self._running)

    def _permit(self, patient: str, *, urgent: bool) -> Permit:
        self._taken += 1
        self._by_patient[patient] += 1
        self._metrics.turns_inflight.set(self._taken)
        return Permit(self, patient=patient, urgent=urgent)

    def _ended(self, task: "asyncio.Task[Any]", permit: Permit, seconds: float) -> None:
        """Let go of a turn; a failure is looked at here, because its client may be gone."""
        if not permit.urgent:
            self._limit.observe(seconds, inflight=self._taken)
            self._metrics.turns_limit.set(self._limit.current)
        self._running.discard(task)
        self.give_back(permit)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log("turn_failed", level=30, error=describe_error(error))


async def finish(task: "asyncio.Task[Result]") -> Result:
    """Await a turn without passing the caller's cancellation on to it."""
    waiting: Awaitable[Result] = asyncio.shield(task)
    return await waiting
