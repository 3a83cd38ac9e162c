"""The outermost layer: security headers on every page, and an end to every exception.

Pure ASGI, because BaseHTTPMiddleware cancels background work on disconnect.
"""

import uuid
from collections.abc import Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico_core.errors import PorticoError

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class ConsoleEdge:
    """Give every response its headers; turn what nobody caught into a plain page without its text."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        transport = {"Strict-Transport-Security": "max-age=31536000"} if https else {}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in {**HEADERS, **transport}.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = (b"x-request-id", uuid.uuid4().hex.encode())
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", []), *self._headers, request_id]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            # The text of an unknown exception may hold what somebody wrote: it is neither shown nor logged here.
            if started:
                raise PorticoError from None
            await PlainTextResponse(PorticoError.public_message, 500)(scope, receive, send_with_headers)
