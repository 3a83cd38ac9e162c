"""The end of a server: a stream that is open at SIGTERM is finished, a new one is told where the door is."""

import asyncio
import signal
import socket
import subprocess
import sys

# One event stream that lasts 1.5 s, served as our services are, or as uvicorn and sse-starlette would by themselves.
PROGRAM = """
import asyncio, sys
import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from portico_core.draining import Drain
from portico_cli import serving

drain = Drain()

async def stream(request):
    async def events():
        for number in range(15):
            yield str(number)
            await asyncio.sleep(0.1)
        yield "last"
    return EventSourceResponse(events())

async def state(request):
    return PlainTextResponse("draining" if drain.begun else "serving")

async def serve(port):
    app = Starlette(routes=[Route("/stream", stream), Route("/state", state)])
    if sys.argv[1] == "ours":
        await serving.serve_app(app, host="127.0.0.1", port=port, drain=drain)
    else:
        serving.AppStatus.enable_automatic_graceful_drain = True
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=10)
        await uvicorn.Server(config).serve()

asyncio.run(serve(int(sys.argv[2])))
"""


async def ask(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    try:
        return await asyncio.wait_for(reader.read(-1), 20)
    finally:
        writer.close()


async def signal_in_the_middle(process: "subprocess.Popen[bytes]", port: int) -> tuple[bytes, bytes]:
    """Return the stream that was open at SIGTERM, and what a request after it got."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None
        await asyncio.sleep(0.05)
    streaming = asyncio.create_task(ask(port, "/stream"))
    await asyncio.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.3)
    try:
        later = await ask(port, "/state")
    except ConnectionError:
        later = b""
    return await streaming, later


def run(kind: str) -> tuple[bytes, bytes]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, kind, str(port)], stderr=subprocess.DEVNULL)
    try:
        stream, later = asyncio.run(signal_in_the_middle(process, port))
        process.wait(20)
        return stream, later
    finally:
        process.kill()
        process.wait()


def test_a_stream_open_at_sigterm_is_finished_and_the_socket_still_answers() -> None:
    stream, later = run("ours")
    assert b"data: last" in stream
    assert later.endswith(b"draining") and b"connection: close" in later.lower()


def test_without_the_drain_the_stream_would_be_cut() -> None:
    """The negative control: uvicorn and sse-starlette as they come."""
    stream, later = run("plain")
    assert b"data: 1" in stream and b"data: last" not in stream
    assert later == b""
