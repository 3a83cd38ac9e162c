"""What the runs of the rig share: the outcome, the nemesis beside the speaking, and coming to rest.

A run takes a started `Rig` and a size, leaves the system whole again, and returns an `Outcome` with N and seed.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from portico_gateway.bootstrap import UNFINISHED_S
from portico_state.keys import Keys
from reliability.client_history import QUESTIONS, History, Patient, mixed_words, speak
from reliability.history_checker import Kept, check_history
from reliability.rig_stack import TENANT, Rig

PATIENTS = 8
MODEL_SHARE = 0.2
SETTLED_S = 60.0

Progress = Callable[[int], None]


@dataclass(slots=True)
class Outcome:
    """What a run found: `zeros` must be zero, `limits` are (measured, most allowed), `figures` only inform."""

    name: str
    n: int
    seed: int
    zeros: dict[str, int] = field(default_factory=dict)
    limits: dict[str, tuple[float, float]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Say whether every zero is zero and every limit is kept."""
        return not any(self.zeros.values()) and all(value <= most for value, most in self.limits.values())


def p99(seconds: list[float]) -> float:
    """Return the 99th percentile, rounded; 0 of nothing."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 3) if ordered else 0.0


@contextlib.asynccontextmanager
async def nemesis(work: Awaitable[None]) -> AsyncIterator[None]:
    """Run the breaking beside the speaking; its own failure is the run's failure."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        if task.done():
            task.result()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def speak_mixed(rig: Rig, rng: random.Random, *, n: int, progress: Progress) -> History:
    """Let eight patients share N messages, a fifth of them questions for the models."""
    history = History()

    async def step(patient: Patient, number: int) -> None:
        await patient.sends(number, mixed_words(rng, model_share=MODEL_SHARE), stream=number % 7 == 0)

    await speak(rig, step, turns=n, patients=PATIENTS, history=history, done=progress)
    return history


async def settle_and_check(rig: Rig, history: History, outcome: Outcome) -> Outcome:
    """Let everything come to rest, then compare both sides."""
    if not rig.valkey.is_alive():
        await rig.start_valkey()
    await rig.until(rig.is_ready, "readiness", within_s=SETTLED_S)
    await rig.until(lambda: is_drained(rig), "an empty spool", within_s=SETTLED_S)
    await asyncio.sleep(2.0)  # Turns whose client went away.
    verdicts = check_history(history, kept := Kept.read(rig))
    outcome.zeros |= verdicts.counts()
    outcome.faults += verdicts.all()[:50]
    outcome.figures |= {"routes": history.routes(), "records": len(kept.records), "tickets": len(kept.tickets)}
    outcome.seconds.setdefault("turn", [each.seconds for each in history.told])
    return outcome


async def polled(true: Callable[[], bool]) -> None:
    """Wait until something is so; the run's own deadline is the test's."""
    while not true():  # noqa: ASYNC110  what is waited for happens in other processes
        await asyncio.sleep(0.02)


async def all_ended(rig: Rig) -> None:
    """Wait until every accepted turn has ended; what a kill or a dead disk cut off is ended by the housekeeping."""

    async def none_is_open() -> bool:
        with rig.raw() as store:
            return store.zcard(Keys(TENANT).open_turns) == 0

    await rig.until(none_is_open, "an end of every turn", within_s=2 * UNFINISHED_S)


async def is_drained(rig: Rig) -> bool:
    """Say whether nothing waits on the gateway's disk."""
    return rig.spooled() == 0


async def is_alerted(rig: Rig) -> bool:
    """Say whether the metric that the alert reads shows that no record can be written."""
    return await rig.metric('portico_dependency_up{dependency="audit"}') == 0


async def is_unalerted(rig: Rig) -> bool:
    """Say whether that metric has seen it work again."""
    return not await is_alerted(rig)


async def until_answered(rig: Rig) -> float:
    """Return the seconds until a question has its answer."""
    history, begun = History(), time.monotonic()
    async with httpx2.AsyncClient(base_url=rig.url, timeout=5, trust_env=False) as client:
        patient = Patient(rig, "watcher", client, history)
        while time.monotonic() - begun < SETTLED_S:
            await patient.opens()
            told = await patient.sends(0, QUESTIONS[0])
            if told.turn.get("answer"):
                return time.monotonic() - begun
            await asyncio.sleep(0.1)
    raise AssertionError(f"no answer within {SETTLED_S:g} s: {history.routes()}")
