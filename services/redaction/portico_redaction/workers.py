"""Where redaction runs: a few threads beside the event loop, with a deadline, and refusal at once when one hangs.

A thread cannot be killed. A recogniser that hangs keeps its thread and the analyser's lock, and everything sent after
it would wait in silence until its own deadline; so from the moment a job is overdue nothing more is accepted,
readiness says so, and the platform replaces the process. A job that ends after all opens the door again.
The threads are daemons of our own: `concurrent.futures` joins its threads at exit, which a hung one never lets happen.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from portico_core.errors import PorticoError, RedactionFailed

Result = TypeVar("Result")
_Job = tuple["Future[object]", Callable[[], object]]


class Workers:
    """Run jobs one after the other on each thread; a job may take `deadline_s`, its time in the queue included."""

    def __init__(self, threads: int, *, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._started: dict[int, float] = {}
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"redaction-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def is_stuck(self) -> bool:
        """Say whether a job runs longer than the deadline allows."""
        now = time.monotonic()
        return any(now - started > self._deadline_s for started in tuple(self._started.values()))

    async def run(self, job: Callable[[], Result]) -> Result:
        """Run a job off the event loop; raise RedactionFailed when it is late, or at once when another hangs."""
        waiting = asyncio.wrap_future(self._submit(job))
        try:
            async with asyncio.timeout(self._deadline_s):
                return await waiting
        except TimeoutError:
            raise RedactionFailed from None

    def run_and_wait(self, job: Callable[[], Result]) -> Result:
        """The same for a caller that is no coroutine."""
        future = self._submit(job)
        try:
            return future.result(self._deadline_s)
        except TimeoutError:
            future.cancel()
            raise RedactionFailed from None

    def close(self) -> None:
        """Let the threads end after what is queued; one that hangs dies with the process."""
        for _ in self._threads:
            self._jobs.put(None)

    def _submit(self, job: Callable[[], Result]) -> "Future[Result]":
        if self.is_stuck():
            raise RedactionFailed
        future: Future[Result] = Future()
        self._jobs.put((future, job))  # type: ignore[arg-type]  # a queue of jobs of every result
        return future

    def _work(self, number: int) -> None:
        while self._take_one(number):
            pass

    def _take_one(self, number: int) -> bool:
        """Do one job; a function of its own, so that no thread holds the last patient's words while it waits."""
        item = self._jobs.get()
        if item is None:
            return False
        future, job = item
        if future.set_running_or_notify_cancel():  # Else its turn was refused while it stood in the queue.
            self._started[number] = time.monotonic()
            _settle(future, job)
            del self._started[number]
        return True


def _settle(future: "Future[object]", job: Callable[[], object]) -> None:
    """Give the future its result, or an error of ours: anything else, SystemExit too, may hold patient text."""
    try:
        future.set_result(job())
    except PorticoError as error:
        future.set_exception(error)
    except BaseException:
        future.set_exception(RedactionFailed())
