"""The notifier: reads escalations into the outbox, and sends what is due, the most urgent first.

Any number of workers may run. One that is killed loses nothing: what it had read is read again, what it was sending is
sent again when its lease runs out, under the same id.
"""

import asyncio
import contextlib
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from portico_console.notifier.metrics import NotifierMetrics
from portico_console.notifier.webhook import LONGEST_WAIT_S, Answer, Attempt, Webhook
from portico_core.errors import PorticoError
from portico_state.deliveries import Deliveries, Delivery, DeliveryState

POLL_S = 0.5
DOWN_S = 1.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how far apart: doubling from `first_s` up to fifteen minutes, less up to half of it by chance."""

    attempts: int = 12
    first_s: float = 1.0
    jitter: Callable[[], float] = field(default=random.random)

    def wait_s(self, attempts: int, *, asked_s: float = 0) -> float:
        """Return the seconds until the next attempt, `attempts` having failed; a receiver may ask for more."""
        longest = min(LONGEST_WAIT_S, self.first_s * 2.0 ** (attempts - 1))
        return max(asked_s, longest * (1 - self.jitter() / 2))


@dataclass(slots=True)
class Notifier:
    """One worker. `lease_s` must be longer than an attempt can take; `heartbeat` is touched as long as it turns."""

    deliveries: Deliveries
    webhook: Webhook
    retry: RetryPolicy
    metrics: NotifierMetrics
    lease_s: float
    at_once: int = 8
    heartbeat: Path | None = None
    consumer: str = field(default_factory=lambda: uuid.uuid4().hex)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _sending: set["asyncio.Task[None]"] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then finish what is being sent."""
        reading = asyncio.create_task(self._read_forever())
        try:
            while not stop.is_set():
                self._arrived.clear()
                self._beat()
                await self._send_due()
                await self._rest(stop)
        finally:
            reading.cancel()
            await asyncio.gather(reading, *self._sending, return_exceptions=True)

    def _beat(self) -> None:
        if self.heartbeat is not None:
            with contextlib.suppress(OSError):  # A full disk stops no message; the probe sees the old time.
                self.heartbeat.touch()

    async def _read_forever(self) -> None:
        """Take escalations in as they come; after a failure look for the consumer group anew."""
        while True:
            try:
                await self.deliveries.prepare()
                while True:
                    if await self.deliveries.take_in(consumer=self.consumer):
                        self._arrived.set()
            except PorticoError as error:
                _log("notifier_waits", level=30, error=type(error).__name__)
                await asyncio.sleep(DOWN_S)

    async def _rest(self, stop: asyncio.Event) -> None:
        """Wait until something came, a place is free, or it is time to look whether something is due."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                waiting = [asyncio.create_task(event.wait()) for event in (self._arrived, stop)]
                try:
                    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in waiting:
                        task.cancel()

    async def _send_due(self) -> None:
        """Lease as much as there are places for, and send it beside what is being sent."""
        free = self.at_once - len(self._sending)
        if not free:
            return
        try:
            taken = await self.deliveries.take(most=free, lease_s=self.lease_s)
        except PorticoError as error:
            _log("notifier_waits", level=30, error=type(error).__name__)
            return
        for delivery in taken:
            task = asyncio.create_task(self._send(delivery))
            self._sending.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        self._arrived.set()  # A place is free.

    async def _send(self, delivery: Delivery) -> None:
        try:
            await self._settle(delivery, await self.webhook.send(delivery))
        except PorticoError as error:  # The lease runs out, and somebody sends it again.
            _log("delivery_not_settled", level=30, escalation=delivery.ticket, error=type(error).__name__)

    async def _settle(self, delivery: Delivery, attempt: Attempt) -> None:
        tried = delivery.attempts + 1
        if attempt.answer is Answer.TAKEN:
            state, wait_s = DeliveryState.SENT, 0.0
        elif tried >= self.retry.attempts:
            state, wait_s = DeliveryState.DEAD, 0.0
        else:
            state, wait_s = DeliveryState.WAITING, self.retry.wait_s(tried, asked_s=attempt.wait_s)
        kept = await self.deliveries.settle(delivery, state, said=attempt.answer.value, wait_s=wait_s)
        if kept:  # Whoever holds the lease now counts what they make of it.
            self.metrics.count_attempt(delivery, answer=attempt.answer, state=state)
        if state is not DeliveryState.SENT or not kept:
            level = 40 if state is DeliveryState.DEAD else 30
            _log("delivery_failed" if kept else "delivery_lease_lost", level=level, escalation=delivery.ticket,
                answer=attempt.answer.value, attempts=tried, state=state.value)  # fmt: skip


def _log(event: str, *, level: int, **fields: object) -> None:
    """Log through Portico's own logger, whose fields are scrubbed where the process has configured it."""
    logging.getLogger("portico").log(level, event, extra={"fields": fields})
