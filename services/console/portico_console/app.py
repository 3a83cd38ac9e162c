"""The clinicians' console: routes, error pages, edge. Server-rendered; two small scripts refresh what changes.

No patient text and no identifier stands in a URL or a page title, because both end up in histories and logs.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from portico_console import (
    announcements_page,
    compliance_page,
    inbox_page,
    signing_in,
    ticket_page,
    workload_page,
)
from portico_console.audit_desk import AuditDesk
from portico_console.console import HERE, Console, ConsoleSite, Handler
from portico_console.edge import ConsoleEdge
from portico_console.origins import OwnPages
from portico_console.ports import Authenticate, DemoToken, Member, TicketDesk
from portico_console.sessions import Sessions
from portico_console.staff_sign_in import StaffSignIn
from portico_core import errors

__all__ = ["ConsoleSite", "build_console"]

SWEEP_S = 30.0

logger = logging.getLogger(__name__)


def build_console(
    *,
    desk: TicketDesk,
    audit: AuditDesk,
    authenticate: Authenticate | None,
    site: ConsoleSite,
    sessions: Sessions,
    demo_token: DemoToken | None = None,
    staff_sign_in: StaffSignIn | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    close: Callable[[], Awaitable[None]] | None = None,
) -> Starlette:
    """Return the application. `demo_token` is used in demo mode only; `close` runs when the application ends.

    Staff sign in by `staff_sign_in`, or where there is none, with a token that `authenticate` knows (demo mode).
    """
    console = Console(desk, audit, authenticate, site, sessions, demo_token if site.demo else None, now, staff_sign_in)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep_forever(sessions))
        yield
        sweeper.cancel()
        if close is not None:
            await close()

    return Starlette(
        routes=[
            *_open_routes(console),
            *_signed_in_routes(console),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(ConsoleEdge, https=site.https), Middleware(OwnPages, own=site.origin)],
        exception_handlers=_error_pages(console),
        lifespan=lifespan,
    )


async def _sweep_forever(sessions: Sessions) -> None:
    """End sessions that nobody comes back to; while the store is down it waits."""
    while True:
        try:
            await sessions.sweep()
        except errors.PorticoError:
            pass
        except Exception as error:
            logger.error("session_sweep_failed", extra={"error": type(error).__name__})
        await asyncio.sleep(SWEEP_S)


def _open_routes(console: Console) -> list[Route]:
    """Return what anybody may ask for."""

    async def sign_in(request: Request) -> Response:
        return await signing_in.sign_in_page(console, request)

    async def sign_in_for_demo(request: Request) -> Response:
        return await signing_in.sign_in_for_demo(console, request)

    async def begin_sign_in(request: Request) -> Response:
        return await signing_in.begin_sign_in(console, request)

    async def finish_sign_in(request: Request) -> Response:
        return await signing_in.finish_sign_in(console, request)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def home(_: Request) -> Response:
        return RedirectResponse("/inbox", 303)

    return [
        Route("/", home, methods=["GET"]),
        Route("/healthz", healthz, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["GET", "POST"]),
        Route("/sign-in/demo", sign_in_for_demo, methods=["POST"]),
        Route("/sign-in/start", begin_sign_in, methods=["GET"]),
        Route("/sign-in/callback", finish_sign_in, methods=["GET"]),
    ]


def _signed_in_routes(console: Console) -> list[Route]:
    """Return what needs a session, each with who may use it. A page's own polling is no activity: it must lock."""

    def page(
        path: str,
        handler: Handler,
        *,
        post: bool = False,
        active: bool = True,
        may: Callable[[Member], bool],
    ) -> Route:
        async def endpoint(request: Request) -> Response:
            session, member = await console.member_of(request, active=active)
            if not may(member):
                raise errors.Forbidden
            return await handler(console, request, session, member)

        return Route(path, endpoint, methods=["POST"] if post else ["GET"])

    ticket, announcements, compliance = "/tickets/{id}", "/announcements", "/compliance"
    act, audit = Member.may_act, Member.may_audit
    return [
        page("/sign-out", signing_in.sign_out, post=True, may=_anybody),
        page("/inbox", inbox_page.show_inbox, may=_anybody),
        page("/inbox/rows", inbox_page.show_rows, active=False, may=_anybody),
        page(announcements, announcements_page.show_announcements, may=_anybody),
        page(announcements + "/{id}/again", announcements_page.announce_again, post=True, may=act),
        page("/workload", workload_page.show_workload, may=Member.may_supervise),
        page(compliance, compliance_page.show_compliance, may=audit),
        page(compliance + "/patient", compliance_page.search_patient, post=True, may=audit),
        page(compliance + "/searches/{search}", compliance_page.show_search, may=audit),
        page(compliance + "/turns/{turn}", compliance_page.show_trail, may=audit),
        page(compliance + "/access", compliance_page.show_access, may=audit),
        page(compliance + "/export", compliance_page.export, post=True, may=audit),
        page(ticket, ticket_page.show_ticket, may=_anybody),
        page(ticket + "/presence", ticket_page.show_presence, active=False, may=_anybody),
        page(ticket + "/writing", ticket_page.tell_writing, post=True, may=act),
        page(ticket + "/reveal", ticket_page.reveal, post=True, may=act),
        page(ticket + "/break-glass", ticket_page.break_glass, post=True, may=act),
        page(ticket + "/claim", ticket_page.claim, post=True, may=act),
        page(ticket + "/reply", ticket_page.reply, post=True, may=act),
        page(ticket + "/note", ticket_page.note, post=True, may=act),
        page(ticket + "/release", ticket_page.release, post=True, may=act),
        page(ticket + "/hand-over", ticket_page.hand_over, post=True, may=act),
        page(ticket + "/close", ticket_page.close, post=True, may=act),
        page(ticket + "/review", ticket_page.review, post=True, may=act),
    ]


def _anybody(_: Member) -> bool:
    """Let everybody in who is signed in."""
    return True


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
        return await _error_page(console, request, status, known.public_message)

    async def on_http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        known = errors.NotFound if status == 404 else errors.InvalidRequest
        return await _error_page(console, request, status, known.public_message)

    return {errors.PorticoError: on_portico_error, HTTPException: on_http_error}


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse("/sign-in", 303)


async def _error_page(console: Console, request: Request, status: int, message: str) -> Response:
    if "hx-request" in request.headers:
        return PlainTextResponse(message, status)
    session = None
    with contextlib.suppress(errors.PorticoError):  # The store that would know may be what is down.
        session = await console.sessions.find(console.cookie.read(request), active=False)
    return console.page(request, "error.html", session, status=status, code=status, message=message)
