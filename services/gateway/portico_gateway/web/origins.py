"""Which pages may use this API from a browser: those of the portal that the site names, and no other.

Tokens travel in the Authorization header, so no foreign page has one to send (there is no cookie to ride on). This
layer is the second lock: a request that a page of another origin caused changes nothing even with a token, and its
answer is readable to nobody. Origins are compared as a whole, never by prefix, suffix or pattern; `null` is foreign.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico_core.errors import ConfigurationError, Forbidden
from portico_gateway.web.errors import error_response

_ORIGIN = re.compile(r"(?:https://[a-z0-9.-]+|http://(?:localhost|127\.0\.0\.1))(?::[0-9]{1,5})?")
_SAFE = {"GET", "HEAD"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Idempotency-Key, Last-Event-ID",
    "Access-Control-Max-Age": "600",
}


def parse_origins(setting: str) -> frozenset[str]:
    """Return the origins of a setting, with commas; raise ConfigurationError for what is no `https` origin.

    Plain `http` is for loopback. There is no wildcard: a hospital knows its portals.
    """
    origins = [part.strip().lower() for part in setting.split(",") if part.strip()]
    if wrong := [origin for origin in origins if not _ORIGIN.fullmatch(origin)]:
        raise ConfigurationError(f"not an origin such as https://portal.example.org: {', '.join(wrong)}")
    return frozenset(origins)


class OriginPolicy:
    """Refuse what pages of foreign origins cause; let the named ones read the answers."""

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin, allowed = headers.get("origin"), self._is_allowed(headers)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers and allowed:
            await self._answer_preflight(str(origin))(scope, receive, send)
        elif scope["method"] not in _SAFE and not allowed:
            refusal = error_response(Forbidden(), request_id=scope["state"]["request_id"])
            await refusal(scope, receive, send)
        elif origin in self._allowed:
            await self._app(scope, receive, self._readable(send, origin))
        else:
            await self._app(scope, receive, send)

    def _is_allowed(self, headers: Headers) -> bool:
        """Say whether no page of another origin caused this: programs send no Origin, our own pages send our own."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
        return origin in self._allowed or _is_own(origin, headers.get("host", ""))

    @staticmethod
    def _answer_preflight(origin: str) -> Response:
        return Response(
            status_code=204, headers={**_PREFLIGHT, "Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        )

    @staticmethod
    def _readable(send: Send, origin: str) -> Send:
        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", [])))
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-ID"
                headers.add_vary_header("Origin")
                message = {**message, "headers": headers.raw}
            await send(message)

        return send_readable


def _is_own(origin: str, host: str) -> bool:
    """Say whether an origin is this very host; a proxy that ends TLS hides the scheme, so that is not compared."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and origin == f"{parts.scheme}://{host}"
