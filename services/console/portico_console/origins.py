"""Posts come from the console's own pages: any other origin is refused before cookie, form or store is looked at.

Each of three locks holds alone: the strict cookie, the form's token, and this one. `Origin` must be the console's own
address. Our pages send no referrer, and a browser then writes `Origin: null` on a form's post (Fetch, "append a request
`Origin` header"): `null` counts only where `Sec-Fetch-Site`, which no page can set, says that the page was ours.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from portico_core.errors import ConfigurationError, Forbidden

_SAFE = {"GET", "HEAD"}
_OURS = {"same-origin", "none"}  # `none`: the person themselves, such as by loading a page again.
_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Return the origin of the console's address as a browser writes it; raise ConfigurationError where it has none."""
    try:
        parts = urlsplit(url)
        port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    except ValueError:
        raise ConfigurationError("PORTICO_CONSOLE_URL is no address such as https://console.example.org") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigurationError("PORTICO_CONSOLE_URL is no address such as https://console.example.org")
    return f"{parts.scheme}://{parts.hostname}{port}"


class OwnPages:
    """Refuse what changes something and was caused by a page of another origin.

    `own` is the console's origin; without one (at a demo) the address that the browser asked counts.
    """

    def __init__(self, app: ASGIApp, *, own: str) -> None:
        self._app = app
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["method"] not in _SAFE and not self._is_own(Headers(scope=scope)):
            await PlainTextResponse(Forbidden.public_message, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        """Say whether no foreign page caused this; programs send neither header, and have no cookie to ride on."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site is not None and site not in _OURS:
            return False
        if origin == "null":
            return site is not None
        own = {self._own} if self._own else {f"{scheme}://{headers.get('host', '')}" for scheme in _PORTS}
        return origin is None or origin in own
