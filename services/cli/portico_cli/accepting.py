"""Taking connections in at a measured pace, so that a thousand that come at once do not hold up whoever is served.

asyncio accepts as many connections as wait, 2,048 with uvicorn, before anything else of the loop runs, and makes each
a protocol. Here a connection is first only held (`holding.py`); with its first byte it becomes a protocol, a few at a
time, and then others have their turn (ADR 21 and 44, `make hostile-bytes`).
"""

import asyncio
import contextlib
import errno
import functools
import resource
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from portico_cli.bounded_http import REQUEST_S
from portico_cli.holding import Held, SilentConnections
from portico_core.transport import RenewedTls

PAUSE_S = 0.01
TAKEN_AT_ONCE = 32
"""Silent connections taken in, or ended, in any pause: some thirty microseconds each."""

OPEN_PAUSE_S = 0.0025
"""Between two connections with a first byte: each is a protocol and mostly a request, a millisecond or two. One by
one, because what comes together is one wait for every turn in flight."""

OPENED_AT_ONCE = 4
"""How many are opened on end after a slow turn of the loop: at one in each, an overload would starve newcomers."""

MOST_SILENT = 2_048
WAITING = 2_048
NO_DESCRIPTOR_S = 1.0
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
GOODBYE_S = 1.0
"""How long the end of a TLS connection waits for the client's own goodbye; asyncio alone would wait for 30 s."""

MakeProtocol = Callable[[float], asyncio.Protocol]
"""Makes the protocol of a connection that was taken in at a moment of the loop's clock."""


class PacedListener:
    """A bound socket whose connections become protocols with their first byte, one in any `OPEN_PAUSE_S`.

    Who is silent, or has not ended its TLS handshake, `silent_s` after it was taken in is closed.
    """

    def __init__(
        self,
        listening: socket.socket,
        make: MakeProtocol,
        *,
        tls: RenewedTls | None = None,
        silent_s: float = REQUEST_S,
        most_silent: int | None = None,
    ) -> None:
        self._socket, self._make, self._tls, self._silent_s = listening, make, tls, silent_s
        self._silent = SilentConnections(most_silent or most_silent_here())
        self._opening: set[asyncio.Task[None]] = set()
        self._working: list[asyncio.Task[None]] = []

    @property
    def silent(self) -> int:
        """Return how many connections are held that have not said anything."""
        return len(self._silent)

    def start(self) -> None:
        """Listen, and take connections in until `close`."""
        self._socket.setblocking(False)
        self._socket.listen(WAITING)
        works = (
            _paced(self._accept_one, at_once=TAKEN_AT_ONCE, pause_s=PAUSE_S),
            self._open_forever(),
            _paced(self._end_one, at_once=TAKEN_AT_ONCE, pause_s=PAUSE_S),
        )
        self._working = [asyncio.create_task(work) for work in works]

    def close(self) -> None:
        """Take in no more and let the silent go; who has spoken stays connected."""
        for task in self._working:
            task.cancel()
        ended = asyncio.gather(*self._working, return_exceptions=True)
        ended.add_done_callback(lambda _: self._close_sockets())

    def _close_sockets(self) -> None:
        self._socket.close()
        self._silent.close()

    async def _accept_one(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection, _ = await loop.sock_accept(self._socket)
        except OSError as error:
            # A peer that is gone already must not keep the others waiting; without descriptors, the silent make room.
            if error.errno in _EXHAUSTED:
                await self._free_descriptor()
        else:
            self._silent.add(connection, now_s=loop.time())

    async def _free_descriptor(self) -> None:
        if len(self._silent):
            self._silent.end_oldest()
        else:
            await asyncio.sleep(NO_DESCRIPTOR_S)

    async def _open_forever(self) -> None:
        loop, due_s = asyncio.get_running_loop(), 0.0
        while True:
            task = asyncio.create_task(self._open(await self._silent.next_speaking()))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
            due_s = max(due_s, loop.time() - (OPENED_AT_ONCE - 1) * OPEN_PAUSE_S) + OPEN_PAUSE_S
            if (wait_s := due_s - loop.time()) > 0:
                await asyncio.sleep(wait_s)

    async def _end_one(self) -> None:
        now_s = asyncio.get_running_loop().time
        wait_s = self._silent.oldest_since_s(or_else=now_s()) + self._silent_s - now_s()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        else:
            self._silent.end_oldest()

    async def _open(self, held: Held) -> None:
        """Hand a connection over; one whose TLS handshake fails, or takes too long, is closed and forgotten."""
        loop = asyncio.get_running_loop()
        secured: dict[str, Any] = {}
        if self._tls is not None:
            left_s = max(OPEN_PAUSE_S, held.since_s + self._silent_s - loop.time())
            secured = {"ssl_handshake_timeout": left_s, "ssl_shutdown_timeout": GOODBYE_S}
        with contextlib.suppress(OSError):
            context = self._tls.context() if self._tls is not None else None
            make = functools.partial(self._make, held.since_s)
            await loop.connect_accepted_socket(make, held.socket, ssl=context, **secured)


def most_silent_here() -> int:
    """Return how many silent connections are held at most: three quarters of the descriptors are for other things."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_SILENT if allowed == resource.RLIM_INFINITY else min(MOST_SILENT, allowed // 4)


async def _paced(work: Callable[[], Awaitable[None]], *, at_once: int, pause_s: float) -> None:
    """Repeat a work without end, `at_once` times in any `pause_s`."""
    loop = asyncio.get_running_loop()
    while True:
        begun_s = loop.time()
        for _ in range(at_once):
            await work()
        await asyncio.sleep(max(0.0, begun_s + pause_s - loop.time()))
