"""How long redaction holds the event loop: a ticking task beside redaction at full rate. Part of `make bench`.

    PYTHONPATH=tests .venv/bin/python -m reliability.loop_latency [--messages 2000]

The task sleeps one millisecond at a time and notes how much later than that it woke: `late`. On a machine with other
work, most of that is the kernel's: the loop's thread stands ready and no core is free (/proc/thread-self/schedstat,
second field). And whoever of ours holds the loop computes meanwhile, so it holds it no longer than this process has
computed between two ticks. `held` is what both leave: late, without the queue, at most the time computed.
The idle figures, taken first in the same process, are the measure's own.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from portico_cli.places import TAGGER
from portico_cli.serve import keep_loop_responsive
from portico_redaction.engine import Redactor
from portico_redaction.opening import open_redactor
from reliability.authored_messages import authored_messages

TICK_S = 0.001
SEED = 5
IN_FLIGHT = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """How late a wake-up came, and how much of that this process can have caused."""

    late_s: float
    held_s: float


async def measure(*, messages: int, settled: bool = True) -> dict[str, float | int]:
    """Redact messages of 200 characters, several in flight; return percentiles of lateness and latency in ms."""
    redactor = open_redactor(TAGGER, deadline_s=10)
    texts = list(islice(authored_messages(SEED), messages + 50))
    try:
        for text in texts[:50]:
            await redactor.redact_turn(text)
        if settled:
            keep_loop_responsive()
        idle = await _ticks_while(asyncio.sleep(2.0))
        seconds: list[float] = []
        begun = time.perf_counter()
        busy = await _ticks_while(_redact_all(redactor, texts[50:], seconds))
        rate = messages / (time.perf_counter() - begun)
    finally:
        redactor.close()
    return {
        "loop_messages": messages,
        "loop_ticks": len(busy),
        "loop_messages_per_s": round(rate, 1),
        **_percentiles("loop_idle_late", [tick.late_s for tick in idle]),
        **_percentiles("loop_late", [tick.late_s for tick in busy]),
        **_percentiles("loop_held", [tick.held_s for tick in busy]),
        **_percentiles("redact_turn", seconds),
    }


async def _redact_all(redactor: Redactor, texts: list[str], seconds: list[float]) -> None:
    waiting = iter(texts)

    async def take() -> None:
        for text in waiting:
            begun = time.perf_counter()
            await redactor.redact_turn(text)
            seconds.append(time.perf_counter() - begun)

    await asyncio.gather(*(take() for _ in range(IN_FLIGHT)))


async def _ticks_while(work: Awaitable[None]) -> list[Tick]:
    """Tick until the work is done; return how late each tick came."""
    ticks: list[Tick] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        begun, worked, queued = time.perf_counter(), time.process_time(), _queued_s()
        await asyncio.sleep(TICK_S)
        late = time.perf_counter() - begun - TICK_S
        unexplained = max(0.0, late - (_queued_s() - queued))
        ticks.append(Tick(late, min(unexplained, time.process_time() - worked)))
    await task
    return ticks


def _queued_s() -> float:
    """Return how long this thread has stood ready without a core since it began."""
    return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def _percentiles(name: str, seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100)
    figures = {"p50": cuts[49], "p99": cuts[98], "max": max(seconds)}
    return {f"{name}_{point}_ms": round(value * 1000, 2) for point, value in figures.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--plain", action="store_true", help="without the settings that the gateway starts with")
    wanted = parser.parse_args()
    figures = asyncio.run(measure(messages=wanted.messages, settled=not wanted.plain))
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
