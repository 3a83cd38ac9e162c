"""The hostile side of `make hostile-bytes`: raw sockets that are slow, endless, silent or monstrous, all at once.

    PYTHONPATH=tests .venv/bin/python -m reliability.hostile_attacks --idle 1000 --streams 200 < target.json

It runs in a process of its own, as an attacker does: in the process of the honest patients its one million keys and
its 1,200 sockets held their interpreter, and their clocks showed that and not the gateway.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass

LIMIT_S = 10.0
PATIENCE_S = 30.0
DRIP_S = 0.25


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


def main() -> int:
    """Read the target from standard input, attack it once, and print how each attack ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=1_000)
    parser.add_argument("--streams", type=int, default=200)
    wanted = parser.parse_args()
    target = Target(**json.load(sys.stdin))
    ended = asyncio.run(attack_all(target, idle=wanted.idle, streams=wanted.streams))
    json.dump([asdict(one) for one in ended], sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
