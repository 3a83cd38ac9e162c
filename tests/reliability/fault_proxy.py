"""A TCP proxy that breaks a connection in every way a network does, on command or by seeded chance.

Faults act on what the server says: `latency_s` delays it, `stalled` holds it back, `slice_bytes` cuts it into small
pieces, and `drop_reply` (a probability) loses one whole Redis reply and the connection with it, the case in which a
library that repeats a write doubles it. `reset_all` breaks every open connection with a TCP reset.
"""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

CHUNK = 1 << 16


@dataclass(slots=True)
class Faults:
    """What is wrong with the line now; may be changed at any moment."""

    latency_s: float = 0.0
    stalled: bool = False
    refusing: bool = False
    slice_bytes: int = 0
    drop_reply: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(0))


@dataclass(slots=True)
class FaultProxy:
    """A proxy before one port; counts what it did."""

    target: int
    faults: Faults = field(default_factory=Faults)
    port: int = 0
    connections: int = 0
    dropped: int = 0
    replies: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def reset_all(self) -> int:
        """Break every open connection with a TCP reset; return how many."""
        broken = list(self._open)
        for writer in broken:
            _reset(writer)
        return len(broken)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until either side ends it; how it ends is nobody's error."""
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._forward(reader, writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.faults.refusing:
            _reset(writer)
            return
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        ways = [
            asyncio.create_task(self._requests(reader, server_writer)),
            asyncio.create_task(self._replies(server_reader, writer)),
        ]
        self._open |= {writer, server_writer}
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._open -= {writer, server_writer}
            for each in (writer, server_writer):
                each.close()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()

    async def _replies(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.faults.drop_reply:
            await self._count_replies(reader, writer)
            return
        while chunk := await reader.read(CHUNK):
            await self._say(writer, chunk)

    async def _count_replies(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while reply := await read_reply(reader):
            self.replies += 1
            if self.faults.rng.random() < self.faults.drop_reply:
                self.dropped += 1
                return
            await self._say(writer, reply)

    async def _say(self, writer: asyncio.StreamWriter, content: bytes) -> None:
        while self.faults.stalled:  # noqa: ASYNC110  anybody may switch it off
            await asyncio.sleep(0.01)
        if self.faults.latency_s:
            await asyncio.sleep(self.faults.latency_s)
        size = self.faults.slice_bytes or len(content)
        for start in range(0, len(content), size):
            writer.write(content[start : start + size])
            await writer.drain()
            if self.faults.slice_bytes:
                await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def fault_proxy(target: int, faults: Faults | None = None) -> AsyncIterator[FaultProxy]:
    """Open a proxy before a loopback port, on a free port of its own."""
    proxy = FaultProxy(target, faults or Faults())
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = int(server.sockets[0].getsockname()[1])
    try:
        yield proxy
    finally:
        server.close()
        proxy.reset_all()


async def read_reply(reader: asyncio.StreamReader) -> bytes:
    """Return the bytes of one whole RESP2 reply, arrays with all their members; nothing at the end of the stream."""
    try:
        head = await reader.readuntil(b"\r\n")
        kind, rest = head[:1], head[1:-2]
        if kind == b"$" and rest != b"-1":
            return head + await reader.readexactly(int(rest) + 2)
        if kind == b"*" and rest != b"-1":
            return head + b"".join([await read_reply(reader) for _ in range(int(rest))])
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    return head


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of an orderly end."""
    opened: socket.socket | None = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        if opened is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
