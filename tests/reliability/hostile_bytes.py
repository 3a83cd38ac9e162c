"""`make hostile-bytes`: waves of slow, endless, silent and monstrous requests against a real gateway, beside patients.

    PYTHONPATH=tests .venv/bin/python -m reliability.hostile_bytes --waves 5 --state .portico

Every attack must end with a 4xx or a closed connection within ten seconds, the process must not grow by more than
50 MB, and honest patients must not wait twice as long (that figure depends on the machine, so no test asserts it).
A wave is every attack of `hostile_attacks` at once, from a process of its own that yields the processor to the
gateway (nice 10): attackers do not stand on the hospital's machine.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx2

from own_gateway import OwnGateway, await_ready, own_gateway
from reliability.hostile_attacks import Ended, Target
from stack import running_stack

HONEST = 10
NICE = 10
WAVE_S = 60.0


@dataclass(slots=True)
class Memory:
    """The resident memory of a process while something runs, in bytes."""

    pid: int
    before: int = 0
    most: int = 0
    _watching: "asyncio.Task[None] | None" = field(default=None, repr=False)

    async def __aenter__(self) -> "Memory":
        self.before = self.most = resident_bytes(self.pid)
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._watching is not None
        self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.most = max(self.most, resident_bytes(self.pid))
            await asyncio.sleep(0.1)

    @property
    def grown_mb(self) -> float:
        return (self.most - self.before) / 1e6


def resident_bytes(pid: int) -> int:
    """Return the resident set of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


async def measure(gateway: OwnGateway, *, waves: int, idle: int, streams: int) -> dict[str, object]:
    """Attack a gateway while honest patients ask, after as long without attack, and return the figures."""
    honest = [Honest.open(gateway, number) for number in range(HONEST)]
    await ask_for(honest, seconds=2.0)
    begun = time.monotonic()
    quiet = await ask_for(honest, seconds=10.0 * waves)
    async with Memory(gateway.process.pid) as memory:
        attacking = asyncio.create_task(attack_in_waves(gateway, waves=waves, idle=idle, streams=streams))
        during = await ask_in_turn(honest, attacking.done)
    ended = attacking.result()
    return {
        "waves": waves,
        "attacks": len(ended),
        "not_ended_in_10_s": dict(Counter(f"{one.attack}: {one.status}" for one in ended if not one.sound)),
        "statuses": dict(Counter(one.status for one in ended)),
        "longest_s": round(max(one.seconds for one in ended), 2),
        "memory_grown_mb": round(memory.grown_mb, 1),
        "honest_turns": [len(quiet), len(during)],
        "honest_p50_ms": [round(statistics.median(seconds) * 1000, 1) for seconds in (quiet, during)],
        "honest_p99_ms": [round(sorted(seconds)[int(len(seconds) * 0.99)] * 1000, 1) for seconds in (quiet, during)],
        "honest_max_ms": [round(max(seconds) * 1000, 1) for seconds in (quiet, during)],
        "took_s": round(time.monotonic() - begun),
        "load": [round(part, 1) for part in os.getloadavg()[:2]],
    }


async def attack_in_waves(gateway: OwnGateway, *, waves: int, idle: int, streams: int) -> list[Ended]:
    """Let one wave follow the other, each from a patient and a process of its own."""
    ended = []
    for number in range(waves):
        client, token = gateway.client(f"hostile-{number}"), gateway.token(f"hostile-{number}")
        target = await asyncio.to_thread(open_target, gateway.port, client, token)
        ended += await attack_once(target, idle=idle, streams=streams)
    return ended


async def attack_once(target: Target, *, idle: int, streams: int) -> list[Ended]:
    """Run one wave in a process of its own and return how each attack ended."""
    arguments = ("-m", "reliability.hostile_attacks", "--idle", str(idle), "--streams", str(streams))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=lambda: os.nice(NICE) and None,
    )
    async with asyncio.timeout(WAVE_S):
        said, _ = await process.communicate(json.dumps(asdict(target)).encode())
    assert process.returncode == 0
    return [Ended(**one) for one in json.loads(said)]


@dataclass(frozen=True, slots=True)
class Honest:
    """A patient who asks like everybody."""

    client: httpx2.Client
    conversation: str

    @classmethod
    def open(cls, gateway: OwnGateway, number: int) -> "Honest":
        client = gateway.client(f"honest-{number}")
        return cls(client, client.post("/v1/conversations", json={}).json()["id"])

    def ask(self) -> float:
        """Return how long a turn took."""
        begun = time.monotonic()
        question = {"text": "What is metformin used for?"}
        answer = self.client.post(f"/v1/conversations/{self.conversation}/turns", json=question)
        assert answer.status_code == 200, answer.text
        return time.monotonic() - begun


async def ask_in_turn(patients: list[Honest], until: Callable[[], bool]) -> list[float]:
    """Let patients ask one after the other; return how long each turn took."""
    seconds = []
    for patient in itertools.cycle(patients):
        if until():
            break
        seconds.append(await asyncio.to_thread(patient.ask))
        await asyncio.sleep(0.02)
    return seconds


async def ask_for(patients: list[Honest], *, seconds: float) -> list[float]:
    """Let patients ask for so long."""
    end = time.monotonic() + seconds
    return await ask_in_turn(patients, lambda: time.monotonic() > end)


def open_target(port: int, client: httpx2.Client, token: str) -> Target:
    """Return a gateway to attack, with a conversation of the attacker's own."""
    with client:
        return Target(port, token, client.post("/v1/conversations", json={}).json()["id"])


def main() -> int:
    """Attack a gateway of its own beside a demo and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waves", type=int, default=5)
    parser.add_argument("--idle", type=int, default=1_000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--state", type=Path, help="state of a running demo; without it one is started")
    wanted = parser.parse_args()
    with contextlib.ExitStack() as stack:
        state = wanted.state or stack.enter_context(running_stack()).state
        settings = {"PORTICO_PATIENT_PER_MINUTE": "1000"}  # Ten patients ask here for hundreds.
        gateway = stack.enter_context(own_gateway(state, state / "hostile", tenant="hostile", settings=settings))
        work = measure(await_ready(gateway), waves=wanted.waves, idle=wanted.idle, streams=wanted.streams)
        figures = asyncio.run(work)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 1 if figures["not_ended_in_10_s"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
