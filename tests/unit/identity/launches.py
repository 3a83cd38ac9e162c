"""A browser on its way through a SMART launch: the gateway over its ASGI application, the server over real HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from starlette.types import ASGIApp

GATEWAY = "https://gateway.test"
BACK = f"{GATEWAY}/smart/callback"
SESSION = "__Host-portico_smart"
PENDING = "__Host-portico_launch"

Query = list[tuple[str, str]]


def as_it_came(query: Query) -> Query:
    return query


@dataclass
class LaunchBrowser:
    """One browser with its cookies."""

    app: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    async def get(self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> httpx2.Response:
        """Ask the gateway with the cookies that a browser would send, and keep those that it sets."""
        cookie = (
            {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        )
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url=GATEWAY, trust_env=False) as http:
            answer = await http.request(method, path, headers={**cookie, **(headers or {})})
        self.seen.append(str(answer.request.url))
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            assert name.startswith("__Host-") and "Path=/" in line and "Domain" not in line
            assert "HttpOnly" in line and "Secure" in line
            if "Max-Age=0" in line or value in {"", '""'}:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    async def launch(self, iss: str, *, launch: str | None = "handle-1") -> httpx2.Response:
        """Begin: an EHR's launch with a handle, or a standalone one."""
        path = "/smart/standalone" if launch is None else "/smart/launch"
        return await self.get(f"{path}?{urlencode({'iss': iss, **({'launch': launch} if launch else {})})}")

    async def visit(self, url: str) -> Query:
        """Go to the server that the gateway names, and return what comes back with the browser."""
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.get(url)
        location = answer.headers.get("location", "")
        if not location.startswith(BACK + "?"):
            return []
        return parse_qsl(urlsplit(location).query)

    async def come_back(self, query: Query) -> httpx2.Response:
        return await self.get(f"/smart/callback?{urlencode(query)}")

    async def whole(
        self,
        iss: str,
        *,
        launch: str | None = "handle-1",
        out: Callable[[str], str] = str,
        back: Callable[[Query], Query] = as_it_came,
    ) -> httpx2.Response:
        """Take the whole way; `out` and `back` are what an attacker changes on it."""
        begun = await self.launch(iss, launch=launch)
        if begun.status_code != 303:
            return begun
        return await self.come_back(back(await self.visit(out(begun.headers["location"]))))

    async def token(self) -> httpx2.Response:
        return await self.get("/smart/token", method="POST", headers={"origin": GATEWAY})
