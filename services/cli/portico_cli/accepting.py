"""Taking connections in at a measured pace, so that a thousand that come at once do not hold up whoever is served.

asyncio accepts as many connections as wait, 2,048 with uvicorn, before anything else of the loop runs: some third of a
millisecond each, which a turn in flight waited for (ADR 21, `make hostile-bytes`). Here a few are let in, and then
others have their turn. Whoever waits longer stands in the kernel's queue, which costs nobody processor time.
"""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable

from portico_core.transport import RenewedTls

AT_ONCE = 8
PAUSE_S = 0.01
"""Eight in ten milliseconds: 800 new connections a second at most, and a third of a core for the sockets alone."""

WAITING = 2_048
NO_DESCRIPTOR_S = 1.0
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
HANDSHAKE_S = 8.0

MakeProtocol = Callable[[], asyncio.Protocol]


class PacedListener:
    """A bound socket whose connections become protocols, `AT_ONCE` of them in any `PAUSE_S`."""

    def __init__(self, listening: socket.socket, make: MakeProtocol, *, tls: RenewedTls | None = None) -> None:
        self._socket, self._make, self._tls = listening, make, tls
        self._opening: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen, and take connections in until `close`."""
        self._socket.setblocking(False)
        self._socket.listen(WAITING)
        self._accepting = asyncio.create_task(self._accept_forever())

    def close(self) -> None:
        """Take in no more; what was taken in stays open."""
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting.add_done_callback(lambda _: self._socket.close())

    async def _accept_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            for _ in range(AT_ONCE):
                try:
                    connection, _ = await loop.sock_accept(self._socket)
                except OSError as error:
                    # A peer that is gone already must not keep the others waiting; without descriptors, all wait.
                    if error.errno in _EXHAUSTED:
                        await asyncio.sleep(NO_DESCRIPTOR_S)
                    continue
                task = asyncio.create_task(self._open(connection))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)
            await asyncio.sleep(max(0.0, begun + PAUSE_S - loop.time()))

    async def _open(self, connection: socket.socket) -> None:
        """Hand a connection over; one whose TLS handshake fails, or takes too long, is closed and forgotten."""
        loop = asyncio.get_running_loop()
        limit_s = HANDSHAKE_S if self._tls is not None else None
        with contextlib.suppress(OSError):
            context = self._tls.context() if self._tls is not None else None
            await loop.connect_accepted_socket(self._make, connection, ssl=context, ssl_handshake_timeout=limit_s)
