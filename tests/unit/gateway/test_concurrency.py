"""The adaptive limit against a model of a server: it finds the capacity, keeps latency, and lets nobody queue."""

import random
from dataclasses import dataclass, field

import pytest

from portico_gateway.web.concurrency import TOLERANCE, WINDOW, GradientLimit

SEED = 11


@dataclass
class Server:
    """A machine with so many cores: turns beyond them share the processor, so that each takes longer."""

    limit: GradientLimit
    cores: int
    turn_s: float
    now: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))

    def run(self, turns: int, *, offered: int) -> float:
        """Run turns with `offered` clients waiting all the time; return the mean latency of the last quarter."""
        seconds = []
        for _ in range(turns):
            inflight = min(offered, self.limit.current)
            took = self.turn_s * max(1.0, inflight / self.cores) * self.rng.uniform(0.9, 1.2)
            self.now += took / inflight
            self.limit.observe(took, inflight=inflight)
            seconds.append(took)
        last = seconds[-turns // 4 :]
        return sum(last) / len(last)


def make(cores: int, *, most: int = 200, turn_s: float = 0.05) -> Server:
    server = Server(GradientLimit(least=4, most=most), cores, turn_s)
    server.limit.clock = lambda: server.now
    return server


@pytest.mark.parametrize("cores", [4, 8, 16, 32])
def test_under_overload_it_settles_near_the_capacity(cores: int) -> None:
    server = make(cores)
    latency = server.run(6_000, offered=1_000)
    assert cores <= server.limit.current <= 3.5 * cores  # Every core is used; and nobody waits for three others.
    assert latency <= 1.25 * (TOLERANCE + 1) * server.turn_s


def test_a_fixed_limit_would_let_turns_wait() -> None:
    """The negative control: the same load, with a limit that cannot shrink."""
    server = make(4)
    server.limit = GradientLimit(least=200, most=200, clock=lambda: server.now)
    assert server.run(2_000, offered=1_000) > 10 * server.turn_s


def test_idle_room_is_not_added_to() -> None:
    server = make(16)
    server.run(2_000, offered=2)
    assert server.limit.current < 16


def test_it_follows_a_machine_that_becomes_slower_and_faster_again() -> None:
    server = make(16)
    server.run(4_000, offered=1_000)
    wide = server.limit.current
    server.cores = 4
    server.run(6_000, offered=1_000)
    narrow = server.limit.current
    server.cores = 16
    server.run(20_000, offered=1_000)
    assert narrow < wide / 2
    assert server.limit.current > 0.7 * wide


@pytest.mark.parametrize("turns", [0, 1, WINDOW - 1])
def test_nothing_is_concluded_from_less_than_a_window(turns: int) -> None:
    server = make(8)
    server.run(turns, offered=1_000) if turns else None
    assert server.limit.current == 4


def test_it_stays_within_its_bounds() -> None:
    server = make(1_000, most=20)
    server.run(4_000, offered=1_000)
    assert server.limit.current in {4, 20}  # The least while it measures.
    assert GradientLimit(least=8, most=2).current == 8
