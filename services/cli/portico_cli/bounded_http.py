"""HTTP/1.1 with an end to everything: no client holds a connection by being slow, silent or endless.

uvicorn sets no deadline on a request's head or body, takes any number of headers, reads on after an early refusal, and
waits for ever for a client that does not read (design/promises.md, row 13). The bounds stand below every application,
so that a route which reads no body has them, too.
"""

import asyncio
import socket
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 7.0
"""From the first byte, or from the connection, to the last byte of a request."""

LINGER_S = 1.0
LINGER_BYTES = 2_097_152
"""How much of a body is still taken in, and thrown away, after a refusal that came before its end: most clients read
the answer only when they have sent everything, and closed at once, they would see a broken connection instead."""

DEAD_PEER_MS = 30_000
"""How long sent bytes may stay unacknowledged: a client that vanished leaves no other trace."""

MAX_CONNECTIONS = 4_096
MAX_HEADERS = 64
MAX_HEAD_BYTES = 16_384

_RECEIVED = {h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR}


class BoundedConnection(h11.Connection):
    """A parser that refuses what is legal HTTP and no client of ours sends: a huge head, and a body in chunks.

    A chunk of one byte costs h11 some twenty microseconds: 256 KB of them, one read, held the event loop for seconds.
    A server may insist on a length (RFC 9110, 15.5.12); without chunks, two readers cannot disagree on it either.
    """

    def next_event(self) -> Any:
        """Return the next event; raise RemoteProtocolError, which ends the connection with 400."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = [name for name, _ in event.headers]
            size = len(event.target) + sum(len(name) + len(value) for name, value in event.headers)
            if len(names) > MAX_HEADERS or size > MAX_HEAD_BYTES or b"transfer-encoding" in names:
                raise h11.RemoteProtocolError("refused")
        return event


class BoundedProtocol(H11Protocol):
    """One connection, and the time it may take for its requests."""

    _request_timer: asyncio.TimerHandle | None = None
    _linger_timer: asyncio.TimerHandle | None = None
    _lingered_bytes = 0

    def __init__(self, *arguments: Any, since_s: float | None = None, **named: Any) -> None:
        """Take what uvicorn gives; `since_s` is when the connection was taken in, on the loop's clock, if not now."""
        super().__init__(*arguments, **named)
        self._since_s = since_s
        self.conn = BoundedConnection(h11.SERVER, MAX_HEAD_BYTES)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection; it is closed again unless a whole request follows in time."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
            return
        peer: Any = transport.get_extra_info("socket")
        if peer is not None and peer.family in {socket.AF_INET, socket.AF_INET6}:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
        self._expect_request(since_s=self._since_s)

    def data_received(self, data: bytes) -> None:
        """Read bytes; the clock stops when a request is whole and starts with the next one's first byte."""
        super().data_received(data)
        if self._linger_timer is not None:
            self._linger(len(data))
        if self.conn.their_state in _RECEIVED:
            self._stop_clock()
        elif self._request_timer is None and (self.conn.their_state is h11.SEND_BODY or self.conn.trailing_data[0]):
            self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clocks with the connection."""
        self._stop_clock()
        self._stop_lingering()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """After a refusal in the middle of a body: take in a bounded rest of it, so that it is seen."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self._lingered_bytes = 0
            self._linger_timer = self.loop.call_later(LINGER_S, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection; one whose client does not read would never have sent its last bytes."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _linger(self, count: int) -> None:
        """Count what comes after a refusal: with the body's end the connection lives on, past the bound it waits."""
        self._lingered_bytes += count
        if self.conn.their_state is not h11.SEND_BODY:
            self._stop_lingering()
        elif self._lingered_bytes > LINGER_BYTES:
            self.flow.pause_reading()

    def _stop_lingering(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

    def _expect_request(self, *, since_s: float | None = None) -> None:
        begun_s = self.loop.time() if since_s is None else since_s
        self._request_timer = self.loop.call_at(begun_s + REQUEST_S, self.transport.abort)

    def _stop_clock(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None
