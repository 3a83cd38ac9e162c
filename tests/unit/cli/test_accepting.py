"""Connections that come at once are taken in at a pace; asyncio's own server, which has none, is the control."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator

import pytest

from portico_cli import accepting
from portico_cli.accepting import AT_ONCE, NO_DESCRIPTOR_S, PAUSE_S, PacedListener

CROWD = 6 * AT_ONCE


class Noting(asyncio.Protocol):
    """Notes when each connection was taken in."""

    def __init__(self, taken_s: list[float]) -> None:
        self._taken_s = taken_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._taken_s.append(asyncio.get_running_loop().time())
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write(data)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    bound = socket.create_server(("127.0.0.1", 0), backlog=CROWD)
    yield bound
    bound.close()


async def crowd(port: int) -> list[asyncio.StreamWriter]:
    """Open connections, each of which waits in the kernel until it is taken in."""
    return [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(CROWD)]


async def spread_s(taken_s: list[float], start: Callable[[], object], port: int) -> float:
    """Let a crowd come before anybody listens; return the time between the first and the last taken in."""
    writers = await crowd(port)
    result = start()
    if asyncio.iscoroutine(result):
        await result
    async with asyncio.timeout(10):
        while len(taken_s) < CROWD:  # noqa: ASYNC110  a protocol has no event for it
            await asyncio.sleep(0.001)
    for writer in writers:
        writer.transport.abort()
    return taken_s[-1] - taken_s[0]


async def test_a_crowd_is_taken_in_at_a_pace_and_all_of_it(listening: socket.socket) -> None:
    taken_s: list[float] = []
    listener = PacedListener(listening, lambda: Noting(taken_s))
    spread = await spread_s(taken_s, listener.start, listening.getsockname()[1])
    listener.close()
    assert spread >= (CROWD / AT_ONCE - 2) * PAUSE_S


async def test_asyncio_takes_a_crowd_in_at_once(listening: socket.socket) -> None:
    """The control: all of them in one turn of the loop, so the clock hardly moves between two."""
    taken_s: list[float] = []
    listening.setblocking(False)
    loop = asyncio.get_running_loop()
    turns = 0

    def count() -> None:
        nonlocal turns
        if len(taken_s) < CROWD:
            turns += bool(taken_s)
            loop.call_soon(count)

    async def start() -> None:
        server = await loop.create_server(lambda: Noting(taken_s), sock=listening, backlog=CROWD)
        loop.call_soon(count)
        assert server.is_serving()

    await spread_s(taken_s, start, listening.getsockname()[1])
    assert turns <= 2


async def test_who_was_taken_in_is_served_and_nobody_after_the_end(listening: socket.socket) -> None:
    taken_s: list[float] = []
    listener = PacedListener(listening, lambda: Noting(taken_s))
    listener.start()
    port = listening.getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    listener.close()
    await asyncio.sleep(0.05)
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"still")
    assert await reader.readexactly(5) == b"still"  # What was taken in stays open.
    writer.transport.abort()


@pytest.mark.parametrize(("code", "waits"), [(errno.ECONNABORTED, False), (errno.EMFILE, True)])
async def test_only_a_lack_of_descriptors_keeps_others_waiting(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch, code: int, waits: bool
) -> None:
    loop, taken_s, failures = asyncio.get_running_loop(), list[float](), [OSError(code, "")]
    accept, paused_s = loop.sock_accept, list[float]()
    sleep = asyncio.sleep

    async def fail_once(bound: socket.socket) -> tuple[socket.socket, object]:
        if failures:
            raise failures.pop()
        return await accept(bound)

    async def noted_sleep(delay_s: float) -> None:
        paused_s.append(delay_s)
        await sleep(min(delay_s, PAUSE_S))

    monkeypatch.setattr(loop, "sock_accept", fail_once)
    monkeypatch.setattr(accepting.asyncio, "sleep", noted_sleep)
    listener = PacedListener(listening, lambda: Noting(taken_s))
    _, writer = await asyncio.open_connection("127.0.0.1", listening.getsockname()[1])
    listener.start()
    async with asyncio.timeout(10):
        while not taken_s:
            await sleep(0.001)
    assert (NO_DESCRIPTOR_S in paused_s) is waits
    writer.transport.abort()
    listener.close()
