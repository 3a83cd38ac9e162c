"""The bounds below every application, on a real socket, with a short clock; and uvicorn as it comes, as the control."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import uvicorn
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from portico_cli import bounded_http
from portico_cli.bounded_http import MAX_HEADERS, BoundedProtocol
from portico_core.errors import InvalidRequest
from portico_gateway.web.events import refuse_closed

refused: list[bool] = []
REQUEST_S = 0.6
WAIT_S = 3.0


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body of a POST to /read; answer everything else at once."""
    assert scope["type"] == "http"
    if scope["path"] == "/feed":
        try:
            await refuse_closed(Request(scope, receive))
            refused.append(False)
        except InvalidRequest:
            refused.append(True)
    more = scope["path"] == "/read"
    while more:
        message = await receive()
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What `refuse_closed` said of each request to /feed."""
    found: list[bool] = []
    monkeypatch.setattr(sys.modules[__name__], "refused", found)
    return found


async def serve(protocol: type[H11Protocol]) -> AsyncIterator[int]:
    config = uvicorn.Config(app, port=0, http=protocol, log_config=None, lifespan="off", timeout_keep_alive=5)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = server.force_exit = True
    await running


@pytest.fixture
async def bounded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(bounded_http, "REQUEST_S", REQUEST_S)
    monkeypatch.setattr(bounded_http, "LINGER_S", REQUEST_S)
    async for port in serve(BoundedProtocol):
        yield port


@pytest.fixture
async def plain() -> AsyncIterator[int]:
    async for port in serve(H11Protocol):
        yield port


async def said(port: int, *parts: bytes, pause_s: float = 0.0) -> bytes | None:
    """Send parts and return all that came until the server closed; None if it did not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        async with asyncio.timeout(WAIT_S):
            for part in parts:
                if writer.transport.is_closing():
                    break
                writer.write(part)
                await asyncio.sleep(pause_s)
            while got := await reader.read(4_096):
                answer += got
    except ConnectionError:
        pass
    except TimeoutError:
        return None
    finally:
        writer.transport.abort()
    return answer


SLOW = {
    "nothing": [],
    "half a head": [b"GET / HTTP/1.1\r\nHost: x\r\n"],
    "half a body": [b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"],
    "a second head after a whole request": [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n"],
}


@pytest.mark.parametrize("parts", SLOW.values(), ids=SLOW.keys())
async def test_who_does_not_finish_a_request_is_closed(bounded: int, parts: list[bytes]) -> None:
    assert await said(bounded, *parts, pause_s=0.05) is not None


@pytest.mark.parametrize("name", ["nothing", "half a head", "half a body"])
async def test_uvicorn_alone_would_wait(plain: int, name: str) -> None:
    """The negative control."""
    assert await said(plain, *SLOW[name]) is None


@pytest.mark.parametrize(("silent_s", "closed"), [(60.0, True), (0.0, False)], ids=["long silent", "not silent"])
async def test_the_time_before_the_first_byte_counts_for_the_first_request(
    monkeypatch: pytest.MonkeyPatch, silent_s: float, closed: bool
) -> None:
    """A connection is held before it becomes a protocol (`holding.py`); the second case is the control."""
    monkeypatch.setattr(bounded_http, "REQUEST_S", 59.0)

    def protocol(**given: Any) -> BoundedProtocol:
        return BoundedProtocol(**given, since_s=asyncio.get_running_loop().time() - silent_s)

    async for port in serve(cast(Any, protocol)):
        assert (await said(port, b"GET / HTTP/1.1\r\n") is not None) is closed


async def test_a_drip_is_closed_though_every_byte_comes_in_time(bounded: int) -> None:
    parts = [bytes([byte]) for byte in b"GET / HTTP/1.1\r\nX: " + b"a" * 40]
    assert await said(bounded, *parts, pause_s=0.05) == b""


@pytest.mark.parametrize(
    "head",
    [
        b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(MAX_HEADERS)) + b"\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
    ids=["chunks", "headers", "address", "header"],
)
async def test_a_head_beyond_the_bounds_is_refused(bounded: int, head: bytes) -> None:
    answer = await said(bounded, head)
    assert answer is not None and answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("closes", [True, False], ids=["half closed", "open"])
async def test_whose_client_has_closed_its_half_is_known_before_the_work_begins(
    bounded: int, closed: list[bool], closes: bool
) -> None:
    """`refuse_closed` counts on how many turns of the loop that takes, here on a real socket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bounded)
    writer.write(b"GET /feed HTTP/1.1\r\nHost: x\r\n\r\n")
    if closes:
        writer.write_eof()
    async with asyncio.timeout(10):
        await reader.read(1)
        while not closed:  # noqa: ASYNC110  the application has no event for it
            await asyncio.sleep(0.01)
    assert closed == [closes]
    writer.transport.abort()


async def test_a_refusal_before_the_end_of_a_body_is_readable_and_ends_the_connection(bounded: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
    answer = await said(bounded, head, b"a" * 100_000)
    assert answer is not None and answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"ok")


async def test_a_client_that_sends_all_before_it_reads_sees_the_refusal_and_goes_on(bounded: int) -> None:
    size = 1_000_000
    reader, writer = await asyncio.open_connection("127.0.0.1", bounded)
    for _ in range(2):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"a" * size)
        await writer.drain()
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_an_honest_connection_is_kept_and_used_again(bounded: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", bounded)
    for _ in range(3):
        writer.write(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(REQUEST_S * 1.2)  # Idle for longer than a request may take: that is another clock.
    writer.close()
