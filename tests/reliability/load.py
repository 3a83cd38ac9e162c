"""`make load`: open-loop load on one gateway, at 1, 2, 5 and 10 times what it can do, and one patient beyond quota.

    PYTHONPATH=tests .venv/bin/python -m reliability.load --seconds 15 --state .portico

Open loop: requests come when they come (Poisson, seeded), whether earlier ones were answered or not; a closed loop
would slow down with the server and hide the overload. Capacity is measured first, in a closed loop. Loopback only; at
most `--most` requests are open at once, and what that cap swallows is counted. The generator runs on the same machine
as everything else, so that at 10 times it takes processor time that the gateway would have had.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from own_gateway import OwnGateway, await_ready, own_gateway
from stack import running_stack

QUESTIONS = Path(__file__).resolve().parents[2] / "services" / "knowledge" / "evaluation" / "questions.jsonl"
URGENT = (
    "my husband's face is drooping and he can't lift his arm",
    "i dont want to be alive anymore, i have pills here",
)
URGENT_SHARE = 0.03
PATIENTS = 200
FACTORS = (1, 2, 5, 10)
QUOTA_PER_MINUTE = 120.0
DEADLINE_S = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request: `status` 0 is a connection that failed."""

    status: int
    route: str
    retry_after: bool
    seconds: float
    urgent: bool
    noisy: bool = False


Work = Awaitable[Outcome]


class Connections:
    """Kept connections to one port, as a proxy keeps them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, request: bytes) -> tuple[int, bool, bytes]:
        """Send a request; return status, whether Retry-After came, and the body."""
        reader, writer = self._kept() or await asyncio.open_connection("127.0.0.1", self._port)
        try:
            async with asyncio.timeout(DEADLINE_S):
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
                body = await reader.readexactly(length)
        except BaseException:
            writer.transport.abort()
            raise
        self._idle.append((reader, writer))
        return int(head[9:12]), b"\r\nretry-after: " in head, body

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Return a connection that the server has not closed in the meantime."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
        return None


@dataclass(slots=True)
class Patient:
    """A patient with a conversation and a token."""

    token: str
    conversation: str = ""

    def request(self, method: str, path: str, fields: object) -> bytes:
        body = json.dumps(fields).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\nAccept: application/json\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def question(self, text: str) -> bytes:
        return self.request("POST", f"/v1/conversations/{self.conversation}/turns", {"text": text})


@dataclass(slots=True)
class Clinic:
    """Everybody who asks one gateway."""

    gateway: OwnGateway
    rng: random.Random
    connections: Connections = field(init=False)
    patients: list[Patient] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connections = Connections(self.gateway.port)
        rows = QUESTIONS.read_text(encoding="utf-8").splitlines()
        self.questions = [str(json.loads(row)["question"]) for row in rows]

    async def open(self, prefix: str, count: int) -> list[Patient]:
        """Return patients with a conversation each. A token lasts five minutes: open patients for each phase anew."""
        patients = [Patient(self.gateway.token(f"{prefix}-{number}")) for number in range(count)]
        for patient in patients:
            _, _, body = await self.connections.send(patient.request("POST", "/v1/conversations", {}))
            patient.conversation = json.loads(body)["id"]
        return patients

    async def ask(self, patient: Patient, *, urgent: bool = False, noisy: bool = False) -> Outcome:
        """Send one turn and say how it ended."""
        text = self.rng.choice(URGENT if urgent else self.questions)
        begun = time.perf_counter()
        try:
            status, retry_after, body = await self.connections.send(patient.question(text))
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            return Outcome(0, "", False, time.perf_counter() - begun, urgent, noisy)
        route = str(json.loads(body)["route"]) if status == 200 else ""
        return Outcome(status, route, retry_after, time.perf_counter() - begun, urgent, noisy)

    async def capacity(self, seconds: float) -> float:
        """Return the most turns a second, in a closed loop, over a few numbers of clients."""
        best, patients = 0.0, itertools.cycle(await self.open("closed", PATIENTS))
        for clients in (2, 4, 8):
            until = time.perf_counter() + seconds

            async def keep_asking(until: float = until) -> int:
                count = 0
                while time.perf_counter() < until:
                    count += (await self.ask(next(patients))).status == 200
                return count

            done = sum(await asyncio.gather(*(keep_asking() for _ in range(clients))))
            best = max(best, done / seconds)
        return best


async def offer(make: Callable[[], Work], times: Iterator[float], *, most: int) -> list[Outcome]:
    """Start a request at each of the times, whatever became of the earlier ones."""
    begun, open_requests, outcomes = time.perf_counter(), set[asyncio.Task[Outcome]](), list[Outcome]()

    def ended(task: "asyncio.Task[Outcome]") -> None:
        open_requests.discard(task)
        outcomes.append(task.result())

    for due in times:
        await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
        if len(open_requests) >= most:
            outcomes.append(Outcome(-1, "", False, 0.0, False))
            continue
        task = asyncio.ensure_future(make())
        open_requests.add(task)
        task.add_done_callback(ended)
    while open_requests:
        await asyncio.wait(open_requests)
    return outcomes


def arrivals(rng: random.Random, *, per_s: float, seconds: float) -> Iterator[float]:
    """Yield the times of a Poisson process."""
    now = rng.expovariate(per_s)
    while now < seconds:
        yield now
        now += rng.expovariate(per_s)


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile in milliseconds; 0 of nothing."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0


def figures_of(outcomes: list[Outcome], *, seconds: float) -> dict[str, object]:
    """Return what a phase came to."""
    sent = [one for one in outcomes if one.status >= 0]
    served = [one for one in sent if one.status == 200 and one.route != "unavailable"]
    plain = [one.seconds for one in served if not one.urgent]
    refused = [one for one in sent if one.status in {429, 503}]
    urgent = [one for one in sent if one.urgent]
    helped = [one for one in urgent if one.status == 200 and one.route in {"emergency", "crisis"}]
    return {
        "sent": len(sent),
        "not_sent_for_the_cap": len(outcomes) - len(sent),
        "statuses": dict(Counter(one.status for one in sent)),
        "useful_per_s": round(len(served) / seconds, 1),
        "admitted_p50_ms": quantile(plain, 0.5),
        "admitted_p99_ms": quantile(plain, 0.99),
        "refused": len(refused),
        "refused_without_retry_after": sum(not one.retry_after for one in refused),
        "refused_p50_ms": quantile([one.seconds for one in refused], 0.5),
        "refused_p99_ms": quantile([one.seconds for one in refused], 0.99),
        "urgent": f"{len(helped)} of {len(urgent)}",
        "urgent_p99_ms": quantile([one.seconds for one in helped], 0.99),
    }


async def overload(clinic: Clinic, *, capacity: float, seconds: float, most: int) -> dict[str, object]:
    """Offer multiples of the capacity, one after the other."""
    found: dict[str, object] = {}
    for factor in FACTORS:
        patients = itertools.cycle(await clinic.open(f"open{factor}", PATIENTS))

        def ask(patients: Iterator[Patient] = patients) -> Work:
            return clinic.ask(next(patients), urgent=clinic.rng.random() < URGENT_SHARE)

        times = arrivals(clinic.rng, per_s=factor * capacity, seconds=seconds)
        outcomes = await offer(ask, times, most=most)
        found[f"{factor}x"] = figures_of(outcomes, seconds=seconds)
        sys.stderr.write(f"{factor}x {json.dumps(found[f'{factor}x'])}\n")
        await asyncio.sleep(2)
    return found


async def one_patient_beyond_quota(clinic: Clinic, *, capacity: float, seconds: float, most: int) -> dict[str, object]:
    """Compare what others wait at a third of the capacity, without and with one patient at 50 times their quota."""
    waited = {}
    for noisy in (False, True):
        patients = itertools.cycle(await clinic.open(f"quiet{noisy}", PATIENTS))
        (loud,) = await clinic.open(f"loud{noisy}", 1)
        while noisy and (await clinic.ask(loud)).status == 200:
            pass  # What the one had saved up is theirs; here it is about what comes after.
        quiet_per_s, loud_per_s = capacity / 3, 50 * QUOTA_PER_MINUTE / 60 if noisy else 0.0
        loud_share = loud_per_s / (quiet_per_s + loud_per_s)

        def ask(patients: Iterator[Patient] = patients, loud: Patient = loud, share: float = loud_share) -> Work:
            is_loud = clinic.rng.random() < share
            return clinic.ask(loud if is_loud else next(patients), noisy=is_loud)

        times = arrivals(clinic.rng, per_s=quiet_per_s + loud_per_s, seconds=seconds)
        waited[noisy] = await offer(ask, times, most=most)
    others = {noisy: [one for one in outcomes if not one.noisy] for noisy, outcomes in waited.items()}
    louds = [one for one in waited[True] if one.noisy]
    return {
        "others_without": figures_of(others[False], seconds=seconds),
        "others_with": figures_of(others[True], seconds=seconds),
        "the_one": dict(Counter(one.status for one in louds)),
    }


async def measure(gateway: OwnGateway, *, seconds: float, seed: int, most: int) -> dict[str, object]:
    """Measure everything."""
    clinic = Clinic(gateway, random.Random(seed))
    await clinic.capacity(1.0)  # Warms caches and connections.
    capacity = await clinic.capacity(seconds / 3)
    sys.stderr.write(f"capacity {capacity:.1f} turns/s\n")
    phases = await overload(clinic, capacity=capacity, seconds=seconds, most=most)
    quota = await one_patient_beyond_quota(clinic, capacity=capacity, seconds=seconds, most=most)
    load = [round(part, 1) for part in os.getloadavg()[:2]]
    return {
        "seed": seed,
        "seconds": seconds,
        "capacity_per_s": round(capacity, 1),
        **phases,
        "quota": quota,
        "load": load,
    }


def main() -> int:
    """Load a gateway of its own beside a demo and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--most", type=int, default=500)
    parser.add_argument("--state", type=Path, help="state of a running demo; without it one is started")
    wanted = parser.parse_args()
    settings = {"PORTICO_PATIENT_PER_MINUTE": str(QUOTA_PER_MINUTE), "PORTICO_TENANT_PER_SECOND": "100000"}
    with contextlib.ExitStack() as stack:
        state = wanted.state or stack.enter_context(running_stack()).state
        gateway = stack.enter_context(own_gateway(state, state / "load", tenant="load", settings=settings))
        work = measure(await_ready(gateway), seconds=wanted.seconds, seed=wanted.seed, most=wanted.most)
        figures = asyncio.run(work)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
