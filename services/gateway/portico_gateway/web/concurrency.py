"""How many turns may run at once, learned from how long they take.

A fixed limit is wrong on every machine but one: too high, and under overload every turn is late; too low, and work is
refused that could be done. As in Netflix's concurrency-limits and Envoy's adaptive concurrency filter, the latency of
a window of turns is compared with the latency of turns that hardly wait: `limit * gradient + sqrt(limit)`, where the
gradient falls below 1 as soon as turns take longer than the tolerance allows. What hardly waiting takes is measured
anew every minute, at the least limit, because it changes with models, messages and neighbours on the machine; the
least of the last five counts, so that a measuring under overload does not make the overload the rule.
"""

import math
import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

TOLERANCE = 2.0
"""Turns may take twice as long as those that hardly wait: the bound of promise 10 on admitted turns."""

WINDOW = 25
"""Turns a window; its median does not follow a single slow one."""

STEEPEST = 0.5
SMOOTHING = 0.3
MEASURE_EVERY_S = 60.0
MEASUREMENTS = 5


@dataclass(slots=True)
class GradientLimit:
    """A limit between `least` and `most`. Tell it of every turn that ran; ask `current` before the next."""

    least: int
    most: int
    clock: Callable[[], float] = time.monotonic
    _limit: float = field(init=False)
    _unhindered_s: deque[float] = field(default_factory=lambda: deque(maxlen=MEASUREMENTS), init=False)
    _measure_at: float = field(default=0.0, init=False)
    _measuring: bool = field(default=True, init=False)
    _seconds: list[float] = field(default_factory=list, init=False)
    _busiest: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.most = max(self.least, self.most)
        self._limit = float(self.least)

    @property
    def current(self) -> int:
        """Return how many turns may run now."""
        return self.least if self._measuring else int(self._limit)

    def observe(self, seconds: float, *, inflight: int) -> None:
        """Note how long a turn took, and how many ran when it ended, itself included."""
        self._seconds.append(seconds)
        self._busiest = max(self._busiest, inflight)
        if len(self._seconds) < WINDOW:
            return
        median, busiest = statistics.median(self._seconds), self._busiest
        self._seconds.clear()
        self._busiest = 0
        if self._measuring:
            self._unhindered_s.append(median)
            self._measuring = False
            self._measure_at = self.clock() + MEASURE_EVERY_S
        else:
            self._adapt(median, busiest)
            self._measuring = self.clock() >= self._measure_at

    def _adapt(self, median_s: float, busiest: int) -> None:
        """Shrink while turns are slow; grow only while the room there is was used."""
        gradient = max(STEEPEST, min(1.0, TOLERANCE * min(self._unhindered_s) / max(median_s, 1e-9)))
        wanted = self._limit * gradient + math.sqrt(self._limit)
        if wanted > self._limit and busiest < self._limit / 2:
            return
        limit = (1 - SMOOTHING) * self._limit + SMOOTHING * wanted
        self._limit = max(float(self.least), min(float(self.most), limit))
