"""`make hostile-bytes`: raw sockets that are slow, endless, silent or monstrous, all at once, against a real gateway.

    PYTHONPATH=tests .venv/bin/python -m reliability.hostile_bytes --state .portico

Every attack must end with a 4xx or a closed connection within ten seconds, the process must not grow by more than
50 MB, and honest patients must not wait twice as long (that figure depends on the machine, so no test asserts it).
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from own_gateway import OwnGateway, await_ready, own_gateway
from stack import running_stack

LIMIT_S = 10.0
PATIENCE_S = 30.0
DRIP_S = 0.25
HONEST = 10


@dataclass(frozen=True, slots=True)
class Ended:
    """How the server ended an attack: a status, or 0 for a connection closed without one; None: not at all."""

    attack: str
    status: int | None
    seconds: float

    @property
    def refused(self) -> bool:
        """Whether it ended as it should, however long a busy machine took for it."""
        return self.status is not None and (self.status == 0 or 400 <= self.status < 500)

    @property
    def sound(self) -> bool:
        return self.refused and self.seconds <= LIMIT_S


@dataclass(frozen=True, slots=True)
class Target:
    """The gateway under attack, with a token and a conversation of one patient."""

    port: int
    token: str
    conversation: str

    def head(self, method: str, path: str, *lines: str) -> bytes:
        fixed = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {self.token}"]
        return "\r\n".join([*fixed, "Content-Type: application/json", *lines, "", ""]).encode()

    @property
    def turns(self) -> str:
        return f"/v1/conversations/{self.conversation}/turns"

    @property
    def events(self) -> str:
        return f"/v1/conversations/{self.conversation}/events"


Bytes = AsyncIterator[bytes]


async def once(data: bytes) -> Bytes:
    yield data


async def drip(first: bytes, rest: bytes) -> Bytes:
    yield first
    for byte in rest:
        await asyncio.sleep(DRIP_S)
        yield bytes([byte])


async def endless(first: bytes, chunk: bytes) -> Bytes:
    yield first
    while True:
        yield chunk


def attacks(target: Target) -> dict[str, Callable[[], Bytes]]:
    """Return what is sent, by name."""
    post, chunked = target.head("POST", target.turns, "Content-Length: 4000"), "Transfer-Encoding: chunked"
    keys = b"{" + b",".join(b'"k%d":1' % number for number in range(1_000_000)) + b"}"
    deep = b'{"text":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    anonymous = b"POST /v1/conversations HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"

    def sized(body: bytes) -> bytes:
        return target.head("POST", target.turns, f"Content-Length: {len(body)}") + body

    many = target.head("GET", target.events, *(f"X-{number}: 1" for number in range(2_000)))
    return {
        "header drip": lambda: drip(b"GET /healthz HTTP/1.1\r\nX-Slow: ", b"a" * 400),
        "body drip": lambda: drip(post, b'{"text": "' + b"a" * 400),
        "body drip without token": lambda: drip(anonymous, b"a" * 400),
        "chunked body without end": lambda: endless(target.head("POST", target.turns, chunked), _chunk(65_536)),
        "tiny chunks without end": lambda: endless(target.head("POST", target.turns, chunked), _chunk(1) * 1_000),
        "chunked body without end or token": lambda: endless(
            b"POST /v1/conversations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", _chunk(65_536)
        ),
        "20,000 deep": lambda: once(sized(deep)),
        "a million keys": lambda: once(sized(keys)),
        "5,000 keys": lambda: once(sized(json.dumps({str(n): 1 for n in range(5_000)}).encode())),
        "header line without end": lambda: endless(b"GET /healthz HTTP/1.1\r\nX-Long: ", b"a" * 65_536),
        "head of 200 KB at once": lambda: once(target.head("GET", "/healthz", "X-Long: " + "a" * 200_000)),
        "2,000 headers": lambda: once(many),
        "address of 100 KB": lambda: once(target.head("GET", "/" + "a" * 100_000)),
        "feed with an unsent body": lambda: once(target.head("GET", target.events, "Content-Length: 10")),
        "no HTTP": lambda: once(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20),
        "two lengths": lambda: once(
            target.head("POST", target.turns, "Content-Length: 2", "Content-Length: 3") + b"{}"
        ),
        "length and chunks": lambda: once(
            target.head("POST", target.turns, "Content-Length: 2", chunked) + b"0\r\n\r\n{}"
        ),
    }


def _chunk(size: int) -> bytes:
    return f"{size:x}\r\n".encode() + b"a" * size + b"\r\n"


async def attack(name: str, target: Target, data: Bytes, *, half_close: bool = False) -> Ended:
    """Send bytes until the server answers or closes, and say how it did; what comes after a 2xx head is not read."""
    begun = time.monotonic()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    except ConnectionError:
        return Ended(name, 0, time.monotonic() - begun)
    sending = asyncio.create_task(_send(writer, data, half_close=half_close))
    status: int | None = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            status = await _verdict(reader)
    except ConnectionError:
        status = 0
    except TimeoutError:
        status = None
    finally:
        sending.cancel()
        writer.transport.abort()
        await asyncio.gather(sending, return_exceptions=True)
    return Ended(name, status, time.monotonic() - begun)


async def _verdict(reader: asyncio.StreamReader) -> int:
    """Return the status of a refusal, or 0 when the connection ends, after whatever was said before."""
    line = await reader.readline()
    status = int(line.split()[1]) if line.startswith(b"HTTP/1.1 ") else 0
    if 400 <= status < 500:
        return status
    while await reader.read(65_536):
        pass
    return 0


async def _send(writer: asyncio.StreamWriter, data: Bytes, *, half_close: bool) -> None:
    with contextlib.suppress(ConnectionError):
        async for part in data:
            writer.write(part)
            await writer.drain()
        if half_close:
            writer.write_eof()


async def silent() -> Bytes:
    for nothing in ():
        yield nothing


async def attack_all(target: Target, *, idle: int, streams: int) -> list[Ended]:
    """Run every attack at once, beside idle sockets and half-open event feeds."""
    work: list[Awaitable[Ended]] = [attack(name, target, make()) for name, make in attacks(target).items()]
    work += [attack("idle socket", target, silent()) for _ in range(idle)]
    feed = target.head("GET", target.events, "Accept: text/event-stream")
    work += [attack("half-open feed", target, once(feed), half_close=True) for _ in range(streams)]
    return list(await asyncio.gather(*work))


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


async def measure(gateway: OwnGateway, *, idle: int, streams: int) -> dict[str, object]:
    """Attack a gateway while honest patients ask, and return the figures."""
    honest = [Honest.open(gateway, number) for number in range(HONEST)]
    target = open_target(gateway.port, gateway.client("hostile"), gateway.token("hostile"))
    quiet_until = time.monotonic() + LIMIT_S
    quiet = await ask_in_turn(honest, lambda: time.monotonic() > quiet_until)
    async with Memory(gateway.process.pid) as memory:
        attacking = asyncio.create_task(attack_all(target, idle=idle, streams=streams))
        during = await ask_in_turn(honest, attacking.done)
    ended = attacking.result()
    return {
        "attacks": len(ended),
        "not_ended_in_10_s": dict(Counter(f"{one.attack}: {one.status}" for one in ended if not one.sound)),
        "statuses": dict(Counter(one.status for one in ended)),
        "longest_s": round(max(one.seconds for one in ended), 2),
        "memory_grown_mb": round(memory.grown_mb, 1),
        "honest_turns": [len(quiet), len(during)],
        "honest_p50_ms": [round(statistics.median(seconds) * 1000, 1) for seconds in (quiet, during)],
        "honest_p99_ms": [round(sorted(seconds)[int(len(seconds) * 0.99)] * 1000, 1) for seconds in (quiet, during)],
    }


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
        await asyncio.sleep(0.1)
    return seconds


def open_target(port: int, client: httpx2.Client, token: str) -> Target:
    """Return a gateway to attack, with a conversation of the attacker's own."""
    with client:
        return Target(port, token, client.post("/v1/conversations", json={}).json()["id"])


def main() -> int:
    """Attack a gateway of its own beside a demo and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=1_000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--state", type=Path, help="state of a running demo; without it one is started")
    wanted = parser.parse_args()
    with contextlib.ExitStack() as stack:
        state = wanted.state or stack.enter_context(running_stack()).state
        gateway = stack.enter_context(own_gateway(state, state / "hostile", tenant="hostile"))
        figures = asyncio.run(measure(await_ready(gateway), idle=wanted.idle, streams=wanted.streams))
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 1 if figures["not_ended_in_10_s"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
