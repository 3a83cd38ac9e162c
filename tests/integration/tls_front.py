"""A TLS front before a plain port, which demands a client certificate: the Valkey of the tests is built without TLS.

It does what a managed store, or stunnel, does: handshake by OpenSSL, then bytes both ways, unchanged.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from authority import LOOPBACK, Pair


@contextlib.contextmanager
def tls_front(target: int, shown: Pair, trusted: Path) -> Iterator[int]:
    """Yield the port of a front that shows a certificate and lets in whoever shows one of the trusted authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted)
    context.load_cert_chain(shown.certificate, shown.key)
    context.verify_mode = ssl.CERT_REQUIRED
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        server = await asyncio.start_server(lambda *ends: _forward(target, *ends), LOOPBACK, 0, ssl=context)
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
