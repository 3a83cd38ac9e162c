"""Connections that come at once are taken in at a pace, and the silent ones never become protocols.

asyncio's own server, which has no pace and makes each a protocol, is the control.
"""

import asyncio
import errno
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from authority import Authority
from portico_cli import accepting
from portico_cli.accepting import (
    MOST_SILENT,
    NO_DESCRIPTOR_S,
    OPEN_PAUSE_S,
    OPENED_AT_ONCE,
    PAUSE_S,
    PacedListener,
    most_silent_here,
)
from portico_core.transport import RenewedTls, TlsFiles

CROWD = 48
SILENT_S = 0.4


class Noting(asyncio.Protocol):
    """Notes when each connection became a protocol, and answers what it hears."""

    def __init__(self, opened_s: list[float]) -> None:
        self._opened_s = opened_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._opened_s.append(asyncio.get_running_loop().time())
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write(data)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    bound = socket.create_server(("127.0.0.1", 0), backlog=CROWD)
    yield bound
    bound.close()


@pytest.fixture
def opened_s() -> list[float]:
    return []


def listener(listening: socket.socket, opened_s: list[float], *, most: int = CROWD) -> PacedListener:
    return PacedListener(listening, lambda _: Noting(opened_s), silent_s=SILENT_S, most_silent=most)


async def connect(bound: socket.socket, *, saying: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", bound.getsockname()[1])
    writer.write(saying)
    return reader, writer


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  neither a protocol nor a counter has an event for it
            await asyncio.sleep(0.001)


async def spread_s(bound: socket.socket, opened_s: list[float], start: Callable[[], object]) -> float:
    """Let a crowd come and speak before anybody listens; return the time between the first and the last opened."""
    writers = [(await connect(bound, saying=b"x"))[1] for _ in range(CROWD)]
    result = start()
    if asyncio.iscoroutine(result):
        await result
    await until(lambda: len(opened_s) == CROWD)
    for writer in writers:
        writer.transport.abort()
    return opened_s[-1] - opened_s[0]


async def test_a_crowd_is_opened_at_a_pace_and_all_of_it(listening: socket.socket, opened_s: list[float]) -> None:
    paced = listener(listening, opened_s)
    spread = await spread_s(listening, opened_s, paced.start)
    paced.close()
    assert spread >= (CROWD - 2 * OPENED_AT_ONCE) * OPEN_PAUSE_S


async def test_asyncio_takes_a_crowd_in_at_once(listening: socket.socket, opened_s: list[float]) -> None:
    """The control: all of them in one turn of the loop, so the clock hardly moves between two."""
    listening.setblocking(False)
    loop = asyncio.get_running_loop()
    turns = 0

    def count() -> None:
        nonlocal turns
        if len(opened_s) < CROWD:
            turns += bool(opened_s)
            loop.call_soon(count)

    async def start() -> None:
        server = await loop.create_server(lambda: Noting(opened_s), sock=listening, backlog=CROWD)
        loop.call_soon(count)
        assert server.is_serving()

    await spread_s(listening, opened_s, start)
    assert turns <= 2


async def test_the_silent_become_no_protocol_and_are_ended_in_time(
    listening: socket.socket, opened_s: list[float]
) -> None:
    paced = listener(listening, opened_s)
    paced.start()
    readers = [(await connect(listening))[0] for _ in range(CROWD)]
    async with asyncio.timeout(10):
        assert {await reader.read(1) for reader in readers} == {b""}
    assert opened_s == []
    paced.close()


async def test_asyncio_makes_a_protocol_of_every_silent_one(listening: socket.socket, opened_s: list[float]) -> None:
    """The control."""
    listening.setblocking(False)
    await asyncio.get_running_loop().create_server(lambda: Noting(opened_s), sock=listening)
    writers = [(await connect(listening))[1] for _ in range(CROWD)]
    await until(lambda: len(opened_s) == CROWD)
    for writer in writers:
        writer.transport.abort()


async def test_who_speaks_is_served_past_more_silent_ones_than_are_held(
    listening: socket.socket, opened_s: list[float]
) -> None:
    """The oldest of the silent make room, and the newcomer is not one of them."""
    paced = listener(listening, opened_s, most=CROWD // 2)
    paced.start()
    silent = [await connect(listening) for _ in range(CROWD)]
    reader, writer = await connect(listening, saying=b"hello")
    async with asyncio.timeout(10):
        assert await reader.readexactly(5) == b"hello"
        assert [await oldest.read(1) for oldest, _ in silent[: CROWD // 2]] == [b""] * (CROWD // 2)
    assert len(opened_s) == 1
    writer.transport.abort()
    paced.close()


async def test_who_speaks_late_is_served_and_told_since_when(listening: socket.socket) -> None:
    """The time that it was silent counts for its first request."""
    since_s: list[float] = []

    def make(since: float) -> asyncio.Protocol:
        since_s.append(since)
        return Noting([])

    paced = PacedListener(listening, make, silent_s=10)
    loop = asyncio.get_running_loop()
    paced.start()
    reader, writer = await connect(listening)
    await until(lambda: paced.silent == 1)
    held_s = loop.time()
    await asyncio.sleep(2 * PAUSE_S)
    writer.write(b"late")
    assert await reader.readexactly(4) == b"late"
    assert since_s[0] <= held_s
    writer.transport.abort()
    paced.close()


async def test_connections_that_end_without_a_word_are_cleared_away(
    listening: socket.socket, opened_s: list[float]
) -> None:
    paced = PacedListener(listening, lambda _: Noting(opened_s), silent_s=60)
    paced.start()
    for _ in range(CROWD):
        (await connect(listening))[1].transport.abort()
    reader, writer = await connect(listening, saying=b"hello")
    assert await reader.readexactly(5) == b"hello"
    await until(lambda: paced.silent == 0)
    assert len(opened_s) == 1
    writer.transport.abort()
    paced.close()


async def test_who_has_spoken_stays_connected_and_nobody_else_after_the_end(
    listening: socket.socket, opened_s: list[float]
) -> None:
    paced = listener(listening, opened_s)
    paced.start()
    reader, writer = await connect(listening, saying=b"hello")
    assert await reader.readexactly(5) == b"hello"
    silent, _ = await connect(listening)
    await until(lambda: paced.silent == 1)
    paced.close()
    assert await silent.read(1) == b""
    with pytest.raises(OSError):
        await connect(listening)
    writer.write(b"still")
    assert await reader.readexactly(5) == b"still"
    writer.transport.abort()


@pytest.mark.parametrize(("code", "waits"), [(errno.ECONNABORTED, False), (errno.EMFILE, True)])
async def test_only_a_lack_of_descriptors_keeps_others_waiting(
    listening: socket.socket, opened_s: list[float], monkeypatch: pytest.MonkeyPatch, code: int, waits: bool
) -> None:
    paused_s, sleep = list[float](), asyncio.sleep

    async def noted_sleep(delay_s: float) -> None:
        paused_s.append(delay_s)
        await sleep(min(delay_s, PAUSE_S))

    fail_to_accept(monkeypatch, [code])
    monkeypatch.setattr(accepting.asyncio, "sleep", noted_sleep)
    paced = listener(listening, opened_s)
    _, writer = await connect(listening, saying=b"x")
    paced.start()
    async with asyncio.timeout(10):
        while not opened_s:
            await sleep(0.001)
    assert (NO_DESCRIPTOR_S in paused_s) is waits
    writer.transport.abort()
    paced.close()


async def test_without_descriptors_the_oldest_silent_one_makes_room(
    listening: socket.socket, opened_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    paced = PacedListener(listening, lambda _: Noting(opened_s), silent_s=60)
    paced.start()
    oldest, _ = await connect(listening)
    await until(lambda: paced.silent == 1)
    fail_to_accept(monkeypatch, [errno.EMFILE])
    kept, _ = await connect(listening)  # The accept that waits already takes this one in; the next one fails.
    reader, writer = await connect(listening, saying=b"hello")
    async with asyncio.timeout(10):
        assert await reader.readexactly(5) == b"hello"
        assert await oldest.read(1) == b""
    assert paced.silent == 1 and not kept.at_eof()
    writer.transport.abort()
    paced.close()


@pytest.fixture
async def secured(
    listening: socket.socket, opened_s: list[float], tmp_path: Path
) -> AsyncIterator[tuple[PacedListener, Authority]]:
    """A listener that speaks TLS."""
    authority = Authority(tmp_path, "hospital")
    pair = authority.issue("gateway")
    tls = RenewedTls(TlsFiles("PORTICO_TLS", None, pair.certificate, pair.key), server=True)
    paced = PacedListener(listening, lambda _: Noting(opened_s), tls=tls, silent_s=SILENT_S)
    yield paced, authority
    paced.close()


async def test_with_tls_the_first_bytes_are_the_handshake(
    listening: socket.socket, opened_s: list[float], secured: tuple[PacedListener, Authority]
) -> None:
    paced, authority = secured
    paced.start()
    trusting = ssl.create_default_context(cafile=authority.file)
    port = listening.getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
    writer.write(b"hello")
    async with asyncio.timeout(10):
        assert await reader.readexactly(5) == b"hello"
    assert len(opened_s) == 1
    writer.transport.abort()


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x01\x02\x00"], ids=["nothing", "a byte", "half a record"])
async def test_with_tls_who_does_not_end_the_handshake_is_closed(
    listening: socket.socket, opened_s: list[float], secured: tuple[PacedListener, Authority], said: bytes
) -> None:
    paced, _ = secured
    paced.start()
    reader, writer = await connect(listening, saying=said)
    async with asyncio.timeout(10):
        assert await reader.read(1) == b""
    assert opened_s == []
    writer.transport.abort()


def fail_to_accept(monkeypatch: pytest.MonkeyPatch, codes: list[int]) -> None:
    """Let the next accepts of this loop fail with these codes."""
    loop, waiting = asyncio.get_running_loop(), list(codes)
    accept = loop.sock_accept

    async def fail_first(bound: socket.socket) -> tuple[socket.socket, object]:
        if waiting:
            raise OSError(waiting.pop(), "")
        return await accept(bound)

    monkeypatch.setattr(loop, "sock_accept", fail_first)


@pytest.mark.parametrize(
    ("allowed", "held"), [(1_024, 256), (20_000, MOST_SILENT), (resource.RLIM_INFINITY, MOST_SILENT)]
)
def test_the_silent_never_take_most_of_the_descriptors(
    monkeypatch: pytest.MonkeyPatch, allowed: int, held: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    assert most_silent_here() == held
