"""Connections that have not said anything yet: a descriptor and a moment each, and no object of HTTP or TLS.

A thousand idle sockets that each got a protocol, a parser and a timer took 0.4 s of the processor, which the turns in
flight waited for (ADR 44). Here the kernel watches the silent ones, all behind one descriptor of the event loop;
whoever sends a byte is given out in the order in which bytes came, past any number of silent ones. Linux only (epoll),
as TCP_USER_TIMEOUT is.
"""

import asyncio
import select
import socket
from collections import OrderedDict
from dataclasses import dataclass

ENDED_AT_ONCE = 64
"""How many connections that ended without a word are cleared away before others of the loop have their turn."""


@dataclass(frozen=True, slots=True)
class Held:
    """A connection, and when it was taken in on the clock of the event loop."""

    socket: socket.socket
    since_s: float


class SilentConnections:
    """The connections without a first byte, `most` of them at once: the oldest makes room for a newcomer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._epoll = select.epoll()
        self._held: OrderedDict[int, Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def add(self, connection: socket.socket, *, now_s: float) -> None:
        """Hold a connection until it speaks or is ended; close it where the kernel watches no more of them."""
        if len(self._held) >= self._most:
            self.end_oldest()
        try:
            self._epoll.register(connection.fileno(), select.EPOLLIN)
        except OSError:
            connection.close()
        else:
            self._held[connection.fileno()] = Held(connection, now_s)

    async def next_speaking(self) -> Held:
        """Give out the connection that has waited longest with a byte; one that ended without any is closed."""
        while True:
            for _ in range(ENDED_AT_ONCE):
                ready = self._epoll.poll(0, 1)
                if not ready:
                    break
                held = self._let_go(ready[0][0])
                if _has_said(held.socket):
                    return held
                held.socket.close()
            await self._until_ready()

    def oldest_since_s(self, *, or_else: float) -> float:
        """Return when the oldest connection was taken in; `or_else` where none is held."""
        return next(iter(self._held.values())).since_s if self._held else or_else

    def end_oldest(self) -> None:
        """Close the oldest connection."""
        self._let_go(next(iter(self._held))).socket.close()

    def close(self) -> None:
        """Close all of them."""
        while self._held:
            self.end_oldest()
        self._epoll.close()

    def _let_go(self, descriptor: int) -> Held:
        self._epoll.unregister(descriptor)
        return self._held.pop(descriptor)

    async def _until_ready(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._epoll.fileno(), ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._epoll.fileno())


def _has_said(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except OSError:
        return False
