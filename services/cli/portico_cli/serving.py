"""How every service is served: uvicorn with deadlines of ours, and an end that cuts nobody off.

uvicorn stops listening at the first SIGTERM, and sse-starlette cuts every open event stream half a second later
(its own exit listener, which also replaces `uvicorn.Server.handle_exit`). Here a signal first begins a drain: the
socket stays open, new turns are refused with 503, and the server is told to stop when the last response has ended.
"""

import asyncio
import contextlib
import socket
from types import FrameType

import uvicorn
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp

from portico_cli.accepting import PacedListener
from portico_cli.bounded_http import BoundedProtocol
from portico_core.draining import Drain, OwedResponses
from portico_core.transport import RenewedTls, TlsFiles

KEEP_ALIVE_S = 20
DRAIN_S = 25.0
GRACE_S = 5


class DrainingServer(uvicorn.Server):
    """A server that drains at the first SIGTERM or SIGINT and stops at the second."""

    def __init__(
        self, config: uvicorn.Config, drain: Drain, *, drain_s: float = DRAIN_S, tls: RenewedTls | None = None
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._drain_s = drain_s
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._ending: asyncio.Task[None] | None = None
        self._listener: PacedListener | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then listen; uvicorn itself gets no socket to listen on."""
        listening = self.config.bind_socket()
        await super().startup(sockets=[])
        self._listener = PacedListener(listening, self._protocol, tls=self._tls)
        self._listener.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, then let uvicorn close what is open."""
        if self._listener is not None:
            self._listener.close()
        await super().shutdown(sockets)

    def _protocol(self, since_s: float) -> BoundedProtocol:
        state = self.lifespan.state
        return BoundedProtocol(config=self.config, server_state=self.server_state, app_state=state, since_s=since_s)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain; runs inside the signal handler, so the loop is only told."""
        self._loop.call_soon_threadsafe(self._end, sig)

    def _end(self, sig: int) -> None:
        if self._ending is None:
            self._ending = asyncio.create_task(self._drain_and_exit(sig))
        else:
            self._exit(sig)

    async def _drain_and_exit(self, sig: int) -> None:
        """Refuse new work, finish what is owed, then let uvicorn close; no client may hold this for ever."""
        self._drain.begin()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._drain_s):
                await self._drain.wait_idle()
        self._exit(sig)

    def _exit(self, sig: int) -> None:
        super().handle_exit(sig, None)


async def serve_app(
    app: ASGIApp, *, host: str, port: int, drain: Drain, trusted_proxies: str = "", tls: TlsFiles | None = None
) -> None:
    """Run uvicorn quietly: no access log, no server header, no look-ups of the environment.

    `drain` is the one that the application asks before it starts what would hold up the end. `trusted_proxies`
    are the addresses whose `X-Forwarded-For` is believed; without any, a client's address is its connection's.
    `tls` are the files of a service that serves HTTPS itself; raises ConfigurationError where they cannot be used.
    """
    secured = RenewedTls(tls, server=True) if tls is not None and tls.given else None
    AppStatus.enable_automatic_graceful_drain = False  # Our streams end by themselves when a drain begins.
    config = uvicorn.Config(
        OwedResponses(app, drain),
        http=BoundedProtocol,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
    )
    await DrainingServer(config, drain, tls=secured).serve()
