"""`make drain`: SIGTERM to a gateway under load, again and again; every turn in flight must end as if nothing happened.

    PYTHONPATH=tests .venv/bin/python -m reliability.drain --rounds 100 --state .portico

Each round starts a gateway of its own beside a running demo. Twenty clients ask one question after the other over
server-sent events and as JSON; at a random moment comes SIGTERM. A turn counts as in flight from the moment its
request was sent. It must end with its whole answer, or be refused with 503 and Retry-After, or never have been read
(the connection closed without one byte of a response). What had begun must be whole: a cut stream is a failure.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from own_gateway import OwnGateway, await_ready, own_gateway
from stack import running_stack

STREAMS = 20
LISTENERS = 4
QUESTION = "What is metformin used for?"
LONGEST_S = 30.0
MANY_AT_ONCE = {"PORTICO_MIN_CONCURRENT_TURNS": "32"}  # Or the adaptive limit would let only a few fly.


class Ending(StrEnum):
    """How a request ended for its client."""

    WHOLE = "whole"  # Every byte of a good answer.
    REFUSED = "refused"  # 503 with Retry-After.
    UNREAD = "unread"  # Closed before a response began.
    CUT = "cut"  # Begun, and not finished.


@dataclass(slots=True)
class Round:
    """What happened in one round. `after` counts requests that were sent after the signal."""

    before: Counter[Ending] = field(default_factory=Counter)
    after: Counter[Ending] = field(default_factory=Counter)
    refusal_s: list[float] = field(default_factory=list)
    in_flight: int = 0
    not_ready_seen: bool = False
    exit_s: float = 0.0

    def failures(self) -> int:
        """Return how many turns a client lost: cut ones, and those in flight that nobody read or that were refused."""
        return self.before[Ending.CUT] + self.after[Ending.CUT] + self.before[Ending.UNREAD]


class Patient:
    """One client with a conversation of its own, on connections that it opens for each request."""

    def __init__(self, gateway: OwnGateway, number: int) -> None:
        self._port = gateway.port
        self._token = gateway.token(f"drain-{number}")
        self._accept = "application/json" if number % 4 == 3 else "text/event-stream"
        self.conversation = ""

    async def open(self) -> None:
        status, _, body = await self.send("POST", "/v1/conversations", b"{}", accept="application/json")
        assert status == 201, body
        self.conversation = json.loads(body)["id"]

    async def ask(self) -> tuple[Ending, float]:
        """Ask the question; return how it ended and after how long."""
        path, begun = f"/v1/conversations/{self.conversation}/turns", time.monotonic()
        body = json.dumps({"text": QUESTION}).encode()
        try:
            status, headers, answer = await self.send("POST", path, body, accept=self._accept)
        except (ConnectionError, asyncio.IncompleteReadError):
            return Ending.UNREAD, time.monotonic() - begun
        return _ending(status, headers, answer), time.monotonic() - begun

    async def listen(self) -> Ending:
        """Hold the conversation's event stream until the server ends it."""
        path = f"/v1/conversations/{self.conversation}/events"
        status, headers, answer = await self.send("GET", path, b"", accept="text/event-stream")
        return Ending.WHOLE if status == 200 and "chunked-end" in headers else _ending(status, headers, answer)

    async def send(self, method: str, path: str, body: bytes, *, accept: str) -> tuple[int, dict[str, str], bytes]:
        """Send one request and read all of its response; a body that is cut comes back without `chunked-end`."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n"
            f"Accept: {accept}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        try:
            async with asyncio.timeout(LONGEST_S):
                return await _response(reader)
        finally:
            writer.close()


async def _response(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status, body = int(first.split()[1]), b""
    if "content-length" in headers:
        return status, headers, await reader.readexactly(int(headers["content-length"]))
    try:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        headers["chunked-end"] = "seen"
    except (ConnectionError, asyncio.IncompleteReadError, ValueError):
        pass
    return status, headers, body


def _ending(status: int, headers: dict[str, str], body: bytes) -> Ending:
    if status == 503 and "retry-after" in headers:
        return Ending.REFUSED
    if status != 200:
        return Ending.CUT
    if "content-length" in headers:
        return Ending.WHOLE if json.loads(body)["turn_id"] else Ending.CUT
    whole = b"event: turn" in body and "chunked-end" in headers
    return Ending.WHOLE if whole else Ending.CUT


async def run_round(gateway: OwnGateway, rng: random.Random) -> Round:
    """Load a gateway, send SIGTERM, and see how everything ends."""
    result, signalled = Round(), asyncio.Event()
    patients = [Patient(gateway, number) for number in range(STREAMS)]
    await asyncio.gather(*(patient.open() for patient in patients))
    flying: set[Patient] = set()

    async def keep_asking(patient: Patient) -> None:
        while gateway.process.poll() is None:
            sent_after = signalled.is_set()
            flying.add(patient)
            ending, seconds = await patient.ask()
            flying.discard(patient)
            (result.after if sent_after else result.before)[ending] += 1
            if ending is Ending.REFUSED:
                result.refusal_s.append(seconds)
                await asyncio.sleep(0.02)
            if ending is Ending.UNREAD:
                return

    listening = [asyncio.create_task(patient.listen()) for patient in patients[:LISTENERS]]
    asking = [asyncio.create_task(keep_asking(patient)) for patient in patients]
    await asyncio.sleep(rng.uniform(0.3, 1.5))
    result.in_flight = len(flying)
    gateway.process.send_signal(signal.SIGTERM)
    signalled.set()
    begun = time.monotonic()
    result.not_ready_seen = await _is_not_ready(patients[0])
    await asyncio.gather(*asking)
    result.before.update(await asyncio.gather(*listening))
    await asyncio.to_thread(gateway.process.wait, LONGEST_S)
    result.exit_s = time.monotonic() - begun
    return result


async def _is_not_ready(patient: Patient) -> bool:
    """Ask until the gateway says that it drains, or is gone; the signal may arrive after the first question."""
    while True:
        try:
            _, _, body = await patient.send("GET", "/readyz", b"", accept="application/json")
        except (ConnectionError, asyncio.IncompleteReadError):
            return False
        if json.loads(body)["draining"]:
            return True


def run_rounds(state: Path, folder: Path, *, rounds: int, seed: int) -> list[Round]:
    """Run rounds one after the other, each with a gateway of its own on one tenant."""
    rng, results = random.Random(seed), []
    for _ in range(rounds):
        with own_gateway(state, folder, tenant="drain", settings=MANY_AT_ONCE) as gateway:
            results.append(asyncio.run(run_round(await_ready(gateway), rng)))
    return results


def summary(results: list[Round], *, seed: int) -> dict[str, object]:
    """Return the figures of all rounds."""
    before, after = Counter[Ending](), Counter[Ending]()
    for one in results:
        before += one.before
        after += one.after
    refusals = sorted(second for one in results for second in one.refusal_s)
    return {
        "seed": seed,
        "rounds": len(results),
        "in_flight_at_the_signal": sum(one.in_flight for one in results),
        "sent_before": dict(before),
        "sent_after": dict(after),
        "lost": sum(one.failures() for one in results),
        "rounds_not_ready_seen": sum(one.not_ready_seen for one in results),
        "refusal_p50_ms": round(refusals[len(refusals) // 2] * 1000, 1) if refusals else None,
        "refusal_max_ms": round(refusals[-1] * 1000, 1) if refusals else None,
        "longest_exit_s": round(max(one.exit_s for one in results), 2),
    }


def main() -> int:
    """Run all rounds beside a demo of this run and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--state", type=Path, help="state of a running demo; without it one is started")
    wanted = parser.parse_args()
    if wanted.state is None:
        with running_stack() as demo:
            results = run_rounds(demo.state, demo.state / "drain", rounds=wanted.rounds, seed=wanted.seed)
    else:
        results = run_rounds(wanted.state, wanted.state / "drain", rounds=wanted.rounds, seed=wanted.seed)
    figures = summary(results, seed=wanted.seed)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 1 if figures["lost"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
