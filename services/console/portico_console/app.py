"""The clinicians' console: sign-in, inbox, ticket. Server-rendered; htmx only refreshes the inbox.

No patient text and no identifier stands in a URL or a page title, because both end up in histories and logs.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from portico_console import wording
from portico_console.edge import ConsoleEdge
from portico_console.forms import read_form, refuse_foreign_origin
from portico_console.ports import Authenticate, DemoToken, Disposition, Member, TicketDesk, TicketView
from portico_console.sessions import Session, SessionCookie, Sessions
from portico_core import errors
from portico_core.labels import Label, TicketState

HERE = Path(__file__).parent
LONGEST_REPLY = 4_000
POLL_S = 5

Handler = Callable[["Console", Request, Session, Member], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ConsoleSite:
    """What one installation shows and how its cookies travel."""

    clinic_name: str = "Riverbend Clinic"
    https: bool = True
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages need; one object a process."""

    desk: TicketDesk
    authenticate: Authenticate
    site: ConsoleSite
    sessions: Sessions
    demo_token: DemoToken | None
    now: Callable[[], datetime]
    templates: Jinja2Templates = field(default_factory=lambda: Jinja2Templates(env=_environment()))

    @property
    def cookie(self) -> SessionCookie:
        """Return how the session id travels."""
        return SessionCookie(secure=self.site.https)

    def page(
        self, request: Request, name: str, session: Session | None, *, status: int = 200, **context: Any
    ) -> Response:
        """Render a template with what every page has."""
        shared = {"site": self.site, "session": session, "member": session.member if session else None, "w": wording}
        return self.templates.TemplateResponse(request, name, {**shared, **context}, status_code=status)


def build_console(
    *,
    desk: TicketDesk,
    authenticate: Authenticate,
    site: ConsoleSite,
    demo_token: DemoToken | None = None,
    sessions: Sessions | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    close: Callable[[], Awaitable[None]] | None = None,
) -> Starlette:
    """Return the application. `demo_token` is used in demo mode only; `close` runs when the application ends."""
    console = Console(desk, authenticate, site, sessions or Sessions(), demo_token if site.demo else None, now)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        if close is not None:
            await close()

    return Starlette(
        routes=_routes(console),
        middleware=[Middleware(ConsoleEdge, https=site.https)],
        exception_handlers=_error_pages(console),
        lifespan=lifespan,
    )


def _routes(console: Console) -> list[Route | Mount]:
    def signed_in(path: str, handler: Handler, *, post: bool = False, active: bool = True) -> Route:
        async def endpoint(request: Request) -> Response:
            session, member = _member_of(console, request, active=active)
            return await handler(console, request, session, member)

        return Route(path, endpoint, methods=["POST"] if post else ["GET"])

    async def sign_in(request: Request) -> Response:
        return await (_sign_in(console, request) if request.method == "POST" else _show_sign_in(console, request))

    async def sign_in_for_demo(request: Request) -> Response:
        return await _sign_in_for_demo(console, request)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def home(_: Request) -> Response:
        return RedirectResponse("/inbox", 303)

    return [
        Route("/", home, methods=["GET"]),
        Route("/healthz", healthz, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["GET", "POST"]),
        Route("/sign-in/demo", sign_in_for_demo, methods=["POST"]),
        signed_in("/sign-out", _sign_out, post=True),
        signed_in("/inbox", _show_inbox),
        signed_in("/inbox/rows", _show_rows, active=False),
        signed_in("/tickets/{id}", _show_ticket),
        signed_in("/tickets/{id}/claim", _claim, post=True),
        signed_in("/tickets/{id}/reply", _reply, post=True),
        signed_in("/tickets/{id}/close", _close, post=True),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


def _member_of(console: Console, request: Request, *, active: bool) -> tuple[Session, Member]:
    session = console.sessions.find(console.cookie.read(request), active=active)
    if session is None or session.member is None:
        raise errors.Unauthenticated
    return session, session.member


async def _checked_form(request: Request, session: Session) -> dict[str, str]:
    """Return a form that this session's own page posted; raise Forbidden for any other."""
    refuse_foreign_origin(request)
    form = await read_form(request)
    if not session.accepts(form.get("csrf", "")):
        raise errors.Forbidden
    return form


# Sign-in.


async def _show_sign_in(console: Console, request: Request, *, status: int = 200, refused: bool = False) -> Response:
    session = console.sessions.find(console.cookie.read(request)) or console.sessions.start()
    if session.member is not None:
        return RedirectResponse("/inbox", 303)
    page = console.page(
        request, "sign_in.html", session, status=status, refused=refused, demo=console.demo_token is not None
    )
    console.cookie.write(page, session)
    return page


async def _sign_in(console: Console, request: Request) -> Response:
    form = await _checked_form(request, _any_session(console, request))
    return await _sign_in_with(console, request, form.get("token", "").strip())


async def _sign_in_for_demo(console: Console, request: Request) -> Response:
    if console.demo_token is None:
        raise errors.NotFound
    await _checked_form(request, _any_session(console, request))
    return await _sign_in_with(console, request, await console.demo_token())


async def _sign_in_with(console: Console, request: Request, token: str) -> Response:
    try:
        member = await console.authenticate(token)
    except (errors.Unauthenticated, errors.Forbidden):
        return await _show_sign_in(console, request, status=401, refused=True)
    console.sessions.end(console.cookie.read(request))
    response = RedirectResponse("/inbox", 303)
    console.cookie.write(response, console.sessions.start(member))
    return response


def _any_session(console: Console, request: Request) -> Session:
    session = console.sessions.find(console.cookie.read(request))
    if session is None:
        raise errors.Unauthenticated
    return session


async def _sign_out(console: Console, request: Request, session: Session, _: Member) -> Response:
    await _checked_form(request, session)
    console.sessions.end(session.id)
    response = RedirectResponse("/sign-in", 303)
    console.cookie.clear(response)
    return response


# Inbox.


async def _show_inbox(console: Console, request: Request, session: Session, member: Member) -> Response:
    notice = console.sessions.take_notice(session)
    return console.page(request, "inbox.html", session, notice=notice, poll_s=POLL_S, **await _rows(console, member))


async def _show_rows(console: Console, request: Request, session: Session, member: Member) -> Response:
    return console.page(request, "_rows.html", session, **await _rows(console, member))


async def _rows(console: Console, member: Member) -> dict[str, Any]:
    rows = wording.order_rows(await console.desk.list_open())
    pinned = [row for row in rows if row.urgency in wording.PINNED]
    routine = [row for row in rows if row.urgency not in wording.PINNED]
    return {"pinned": pinned, "routine": routine, "now": console.now(), "actor": member.actor}


# Ticket.


async def _show_ticket(console: Console, request: Request, session: Session, member: Member) -> Response:
    view = await console.desk.get(request.path_params["id"], actor=member.actor)
    return _ticket_page(console, request, session, view, notice=console.sessions.take_notice(session))


def _ticket_page(  # One page for reading, and for a step that could not be done.
    console: Console,
    request: Request,
    session: Session,
    view: TicketView,
    *,
    notice: str = "",
    draft: str = "",
    status: int = 200,
) -> Response:
    member = session.member
    mine = member is not None and view.row.state is TicketState.CLAIMED and view.row.holder == member.actor
    may_act = member is not None and member.may_act() and view.row.state is not TicketState.CLOSED
    return console.page(
        request,
        "ticket.html",
        session,
        status=status,
        view=view,
        row=view.row,
        mine=mine and may_act,
        may_act=may_act,
        labels=list(Label),
        notice=notice,
        wrong=status != 200,
        draft=draft,
        longest_reply=LONGEST_REPLY,
        now=console.now(),
        actor=member.actor if member else "",
    )


async def _claim(console: Console, request: Request, session: Session, member: Member) -> Response:
    form = await _acting_form(request, session, member)
    try:
        await console.desk.claim(request.path_params["id"], actor=member.actor)
    except errors.Conflict:
        return await _not_done(console, request, session, notice="taken", draft=form.get("text", ""))
    return _done(console, request, session, "claimed")


async def _reply(console: Console, request: Request, session: Session, member: Member) -> Response:
    form = await _acting_form(request, session, member)
    text = form.get("text", "").replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_REPLY:
        return await _not_done(console, request, session, notice="empty_reply", draft=text, status=422)
    try:
        await console.desk.reply(
            request.path_params["id"],
            actor=member.actor,
            fence=_fence(form),
            text=text,
            profession=member.profession,
        )
    except errors.Conflict:
        return await _not_done(console, request, session, notice="claim_lost", draft=text)
    return _done(console, request, session, "sent")


async def _close(console: Console, request: Request, session: Session, member: Member) -> Response:
    form = await _acting_form(request, session, member)
    disposition, guard = form.get("disposition", ""), form.get("guard_right", "")
    if disposition not in set(Disposition) or guard not in {"yes", "no"}:
        return await _not_done(console, request, session, notice="incomplete_close", status=422)
    try:
        await console.desk.close(
            request.path_params["id"],
            actor=member.actor,
            fence=_fence(form),
            disposition=Disposition(disposition),
            guard_right=guard == "yes",
        )
    except errors.Conflict:
        return await _not_done(console, request, session, notice="claim_lost")
    console.sessions.leave_notice(session, "closed")
    return RedirectResponse("/inbox", 303)


async def _acting_form(request: Request, session: Session, member: Member) -> dict[str, str]:
    form = await _checked_form(request, session)
    if not member.may_act():
        raise errors.Forbidden
    return form


def _fence(form: dict[str, str]) -> int:
    fence = form.get("fence", "")
    if not (fence.isascii() and fence.isdigit() and len(fence) < 16):
        raise errors.InvalidRequest
    return int(fence)


def _done(console: Console, request: Request, session: Session, notice: str) -> Response:
    console.sessions.leave_notice(session, notice)
    return RedirectResponse(f"/tickets/{request.path_params['id']}", 303)


async def _not_done(
    console: Console, request: Request, session: Session, *, notice: str, draft: str = "", status: int = 409
) -> Response:
    actor = session.member.actor if session.member else ""
    view = await console.desk.get(request.path_params["id"], actor=actor)
    return _ticket_page(console, request, session, view, notice=notice, draft=draft, status=status)


# Errors.

_STATUS: dict[type[errors.PorticoError], int] = {
    errors.InvalidRequest: 400,
    errors.BodyTooLarge: 413,
    errors.WrongContentType: 415,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.DependencyUnavailable: 503,
    errors.PorticoError: 500,
}


def _error_pages(console: Console) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    async def on_portico_error(request: Request, error: Exception) -> Response:
        known = error if isinstance(error, errors.PorticoError) else errors.PorticoError()
        if isinstance(known, errors.Unauthenticated):
            return _to_sign_in(request)
        status = next(_STATUS[kind] for kind in type(known).__mro__ if kind in _STATUS)
        return _error_page(console, request, status, known.public_message)

    async def on_http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        known = errors.NotFound if status == 404 else errors.InvalidRequest
        return _error_page(console, request, status, known.public_message)

    return {errors.PorticoError: on_portico_error, HTTPException: on_http_error}


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse("/sign-in", 303)


def _error_page(console: Console, request: Request, status: int, message: str) -> Response:
    session = console.sessions.find(console.cookie.read(request), active=False)
    if "hx-request" in request.headers:
        return PlainTextResponse(message, status)
    return console.page(request, "error.html", session, status=status, code=status, message=message)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = lambda time: time.strftime("%a %d %b, %H:%M UTC")
    return environment
