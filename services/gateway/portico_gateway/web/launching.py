"""SMART App Launch 2.2: an EHR or a portal sends its patient's browser here, and a session with the widget comes of it.

    GET /smart/launch?iss&launch   an EHR's launch        GET /smart/standalone?iss   a link of the portal's own
    GET /smart/callback            back from the server   GET /smart/app              the page with the widget
    POST /smart/token              a widget token         POST /smart/sign-out        the end of the session

No token is ever in an address: the page asks for one with its cookie, and gets one of five minutes. A session ends
after its time; whoever wants another one launches again (there is no refresh token to lose). ADR 43.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from portico_core.audit import AuditEntry
from portico_core.errors import AuditUnavailable, IssuerUnavailable, PorticoError, RateLimited, Unauthenticated
from portico_core.labels import AccessPurpose, AuditPhase, LimitScope
from portico_core.language import Language, language_of_header
from portico_gateway.logs import log
from portico_gateway.web.launch_faults import LaunchFault, LaunchRefused
from portico_gateway.web.launch_pages import ASSETS, LaunchPages
from portico_gateway.web.launch_servers import LaunchKind, LaunchServer, one_of_each, session_claims
from portico_gateway.web.launch_sessions import PENDING_S, HostCookie, LaunchSessions, PendingLaunch
from portico_gateway.web.widget_tokens import LIFE_S, WidgetTokens
from portico_identity.code_flow import Client, ClientKey, begin, discover_smart, finish
from portico_identity.discovered import Discovered
from portico_state.keyring import Keyring
from portico_state.limits import Limits
from portico_state.redis_audit import RedisAudit

CALLBACK = "/smart/callback"
APP = "/smart/app"
MAX_HANDLE_CHARACTERS = 2_048

Page = Callable[[Any, Request], Awaitable[Response]]


def as_page(show: Page) -> Page:
    """Show the one page of faults for whatever a step raises; only the fault's name is logged."""

    @wraps(show)
    async def shown(self: "Launching", request: Request) -> Response:
        try:
            return await show(self, request)
        except PorticoError as error:
            fault = fault_of(error)
            log("launch_refused", level=30, fault=fault.value)
            response = self.pages.refused(fault, language_of(request))
            self.launch_cookie.clear(response)
            return response

    return shown


def language_of(request: Request) -> Language:
    """Return the language of the page for this browser."""
    return language_of_header(request.headers.get("accept-language", ""))


def fault_of(error: PorticoError) -> LaunchFault:
    """Return the fault that an error is."""
    match error:
        case LaunchRefused():
            return error.fault
        case IssuerUnavailable():
            return LaunchFault.SERVER_DOWN
        case Unauthenticated():
            return LaunchFault.REFUSED
        case RateLimited():
            return LaunchFault.TOO_MANY
        case _:
            return LaunchFault.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class LaunchClient:
    """How the launch servers know us: a client id, one redirect address, and a key where they ask for one."""

    id: str
    public_url: str
    key: ClientKey | None = field(default=None, repr=False)

    def at(self, kind: LaunchKind) -> Client:
        """Return the client with the scopes of this kind of launch."""
        return Client(self.id, f"{self.public_url}{CALLBACK}", kind.scope, self.key)


class Launching:
    """What the routes need; one object a process."""

    def __init__(
        self,
        servers: Mapping[str, LaunchServer],
        client: LaunchClient,
        sessions: LaunchSessions,
        *,
        tokens: WidgetTokens,
        audit: RedisAudit,
        keyring: Keyring,
        limits: Limits,
        pages: LaunchPages,
    ) -> None:
        self.servers, self.client, self.sessions, self.pages = servers, client, sessions, pages
        self._tokens, self._audit, self._keyring, self._limits = tokens, audit, keyring, limits
        self._described = {base: Discovered(partial(discover_smart, base)) for base in servers}
        self.launch_cookie = HostCookie("__Host-portico_launch", PENDING_S)
        self.session_cookie = HostCookie("__Host-portico_smart", sessions.session_s)

    def routes(self) -> list[Route]:
        """Return the routes; without a launch server there is none."""
        if not self.servers:
            return []
        pages = {
            "/smart/launch": self.launch,
            "/smart/standalone": self.launch_standalone,
            CALLBACK: self.come_back,
            APP: self.show,
        }
        return [
            *(Route(path, page, methods=["GET"]) for path, page in pages.items()),
            *(Route(f"/smart/{name}", self._asset(name), methods=["GET"]) for name in ASSETS),
            Route("/smart/token", self.mint, methods=["POST"]),
            Route("/smart/sign-out", self.sign_out, methods=["POST"]),
        ]

    @as_page
    async def launch(self, request: Request) -> Response:
        """GET /smart/launch: from inside an EHR or a portal."""
        asked = one_of_each(request.query_params.multi_items())
        handle = asked.get("launch", "")
        if not 0 < len(handle) <= MAX_HANDLE_CHARACTERS:
            raise LaunchRefused(LaunchFault.REFUSED)
        return await self._send_away(self._server(asked.get("iss", "")), LaunchKind.EHR, handle=handle)

    @as_page
    async def launch_standalone(self, request: Request) -> Response:
        """GET /smart/standalone: by a link; where one server alone is known, it need not be named."""
        asked = one_of_each(request.query_params.multi_items())
        only = next(iter(self.servers)) if len(self.servers) == 1 else ""
        return await self._send_away(self._server(asked.get("iss", only)), LaunchKind.STANDALONE)

    @as_page
    async def come_back(self, request: Request) -> Response:
        """GET /smart/callback: the launch that this browser began is used up, whatever comes of it."""
        launch = await self.sessions.take(self.launch_cookie.read(request))
        query = one_of_each(request.query_params.multi_items())
        server = self._server(launch.base)
        provider = await self._described[server.base].provider()
        signed_in = await finish(provider, self.client.at(launch.kind), launch.pending, query=query)
        claims = session_claims(signed_in, server, launch.kind)
        await self._end_session(request)
        response = RedirectResponse(APP, 303)
        self.session_cookie.write(response, await self.sessions.start(claims))
        self.launch_cookie.clear(response)
        return response

    @as_page
    async def show(self, request: Request) -> Response:
        """GET /smart/app: the page with the widget."""
        await self.sessions.find(self.session_cookie.read(request))
        return self.pages.assistant(language_of(request))

    async def mint(self, request: Request) -> Response:
        """POST /smart/token: a widget token for the session of this browser, on record before it is handed out."""
        session = self.session_cookie.read(request)
        sign_in = await self.sessions.sign_in(session)
        try:
            claims = await self.sessions.find(session)
        except LaunchRefused:
            raise Unauthenticated from None
        hashed = self._hash(claims["patient"])
        await self._limits.take({LimitScope.PATIENT: hashed, LimitScope.TENANT: "all"})
        await self._record(AccessPurpose.MINT, hashed)
        token = self._tokens.mint({**claims, "sign_in": sign_in.to_claim()})
        return JSONResponse({"token": token, "expires_in": LIFE_S})

    @as_page
    async def sign_out(self, request: Request) -> Response:
        """POST /smart/sign-out: the session ends at once, and every token that its page was given."""
        await self._end_session(request)
        response = self.pages.signed_out(language_of(request))
        self.session_cookie.clear(response)
        return response

    async def _end_session(self, request: Request) -> None:
        """End this browser's session, if it has one, then record it; it ends also where that cannot be recorded."""
        claims = await self.sessions.end(self.session_cookie.read(request))
        if claims is None:
            return
        try:
            await self._record(AccessPurpose.REVOKE, self._hash(claims["patient"]) if claims else "")
        except AuditUnavailable as error:
            log("sign_out_unrecorded", level=40, error=type(error).__name__)

    def _hash(self, patient: str) -> str:
        return self._keyring.patient_hash(patient, tenant=self.sessions.store.keys.tenant)

    async def _record(self, purpose: AccessPurpose, hashed: str) -> None:
        entry = AuditEntry(
            phase=AuditPhase.ACCESS, tenant=self.sessions.store.keys.tenant, patient=hashed, conversation="", turn="",
            actor=f"launch:{self.client.id}", source=purpose.value,
        )  # fmt: skip
        await self._audit.append(entry)

    async def _send_away(self, server: LaunchServer, kind: LaunchKind, *, handle: str = "") -> Response:
        provider = await self._described[server.base].provider()
        url, pending = begin(provider, self.client.at(kind), audience=server.base, launch=handle)
        response = RedirectResponse(url, 303)
        self.launch_cookie.write(response, await self.sessions.begin(PendingLaunch(server.base, kind, pending)))
        return response

    def _server(self, base: str) -> LaunchServer:
        if base not in self.servers:
            raise LaunchRefused(LaunchFault.UNKNOWN_SERVER)
        return self.servers[base]

    def _asset(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        async def show(_: Request) -> Response:
            return self.pages.asset(name)

        return show
