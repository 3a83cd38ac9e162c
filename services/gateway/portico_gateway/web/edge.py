"""The outermost layer: request ids, security headers, and an end to every exception.

Pure ASGI, because BaseHTTPMiddleware cancels background work on disconnect. It stands outside Starlette's own error
middleware, which re-raises: an exception's text may hold patient words, so only its type and place are logged.
"""

import re
import uuid
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico_core.errors import PorticoError
from portico_gateway.logs import describe_error, log
from portico_gateway.texts import SiteTexts
from portico_gateway.web.errors import error_response

# A UUID or a W3C trace id. Free words would let a client write a name or a number into our log.
_REQUEST_ID = re.compile(r"(?i:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
WHOM_TO_CALL = SiteTexts("", "").after_error("en")
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Edge:
    """Give every response its request id and headers; turn what nobody caught into the one error shape."""

    def __init__(self, app: ASGIApp, *, frame_ancestors: Iterable[str] = (), whom_to_call: str = WHOM_TO_CALL) -> None:
        self._app = app
        self._whom_to_call = whom_to_call
        headers = security_headers(frame_ancestors)
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {}).update(request_id=request_id, whom_to_call=self._whom_to_call)
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": self._with_headers(message.get("headers", []), request_id)}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            log("request_failed", level=40, request_id=request_id, error=describe_error(error))
            if not started:
                await error_response(PorticoError(), request_id=request_id)(scope, receive, send_with_headers)

    def _with_headers(self, headers: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        own = (pair for pair in self._headers if pair[0] not in present)
        return [*headers, *own, (b"x-request-id", request_id.encode())]


def security_headers(frame_ancestors: Iterable[str]) -> Mapping[str, str]:
    """Return the headers of every response; pages may stand in a frame of the named origins only."""
    ancestors = " ".join(sorted(frame_ancestors))
    if not ancestors:
        return HEADERS
    policy = HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")
    kept = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}  # It can name no origin.
    return {**kept, "Content-Security-Policy": policy}


def _request_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
