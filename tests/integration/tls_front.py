"""A TLS front before a plain port, which demands a client certificate: the tests' stores are built without TLS.

It does what a managed store, or stunnel, does: handshake by OpenSSL, then bytes both ways, unchanged.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from authority import LOOPBACK, Pair

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""PostgreSQL's frontend/backend protocol, 54.7: length 8, code 80877103."""


@contextlib.contextmanager
def tls_front(target: int, shown: Pair, trusted: Path, *, postgres: bool = False) -> Iterator[int]:
    """Yield the port of a front that shows a certificate and lets in whoever shows one of the trusted authority.

    With `postgres` TLS begins as PostgreSQL's does, after a plain request of eight bytes and a plain `S`.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted)
    context.load_cert_chain(shown.certificate, shown.key)
    context.verify_mode = ssl.CERT_REQUIRED
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if postgres:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    if await reader.readexactly(8) != SSL_REQUEST:
                        writer.close()
                        return
                    writer.write(b"S")
                    await writer.start_tls(context)
                    await _forward(target, reader, writer)
                return
            await _forward(target, reader, writer)

        server = await asyncio.start_server(enter, LOOPBACK, 0, ssl=None if postgres else context)
        ports.append(int(server.sockets[0].getsockname()[1]))
        ready.set()
        await asyncio.Event().wait()

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)

    serving = loop.create_task(serve())
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(5)


async def _forward(target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    to_reader, to_writer = await asyncio.open_connection(LOOPBACK, target)
    with contextlib.suppress(OSError):
        await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(1 << 16):
            sink.write(chunk)
            await sink.drain()
    with contextlib.suppress(OSError):
        sink.close()
