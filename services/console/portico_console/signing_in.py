"""Signing in and out. A fresh session for every sign-in; before it nothing is stored."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico_console.console import Console, checked_form
from portico_console.ports import Member, NotLetIn, Refused
from portico_console.sessions import Session
from portico_console.tokens import STAFF
from portico_core import errors
from portico_core.labels import Role


async def sign_in_page(console: Console, request: Request) -> Response:
    """GET shows the form, POST takes a token."""
    if request.method != "POST":
        return await _show(console, request)
    form = await checked_form(request, console.sessions.visit(console.cookie.read(request)))
    return await _sign_in_with(console, request, form.get("token", "").strip())


async def sign_in_for_demo(console: Console, request: Request) -> Response:
    """POST signs a made-up member of staff in; there is no such page outside the demo."""
    if console.demo_token is None:
        raise errors.NotFound
    form = await checked_form(request, console.sessions.visit(console.cookie.read(request)))
    role = next((role for role in STAFF if role == form.get("role", Role.CLINICIAN)), None)
    if role is None:
        raise errors.InvalidRequest
    return await _sign_in_with(console, request, await console.demo_token(role))


async def begin_sign_in(console: Console, request: Request) -> Response:
    """GET sends the browser to the hospital's identity server. It is a link: a form's policy would bind its target."""
    if console.staff_sign_in is None:
        raise errors.NotFound
    url, sealed = await console.staff_sign_in.begin()
    response = RedirectResponse(url, 303)
    console.pending_cookie.write(response, sealed)
    return response


async def finish_sign_in(console: Console, request: Request) -> Response:
    """GET takes the browser back. A page, not a redirect: the strict cookie would not follow one from another site."""
    if console.staff_sign_in is None:
        raise errors.NotFound
    try:
        member = await console.staff_sign_in.finish(console.pending_cookie.read(request), request.query_params)
    except (errors.Unauthenticated, errors.Forbidden) as refusal:
        await _record_refusal(console, refusal)
        response = await _show(console, request, status=401, refused=True)
    else:
        await console.sessions.end(console.cookie.read(request))
        response = console.page(request, "signed_in.html", None)
        console.cookie.write(response, await console.sessions.start(member))
    console.pending_cookie.clear(response)
    return response


async def sign_out(console: Console, request: Request, session: Session, _: Member) -> Response:
    """POST ends the session at once."""
    await checked_form(request, session)
    await console.sessions.end(session.id)
    response = RedirectResponse("/sign-in", 303)
    console.cookie.clear(response)
    return response


async def _record_refusal(console: Console, refusal: errors.PorticoError) -> None:
    why, subject = (refusal.why, refusal.subject) if isinstance(refusal, NotLetIn) else (Refused.NOT_PROVEN, "")
    await console.sessions.journal.refused(why, subject)


async def _show(console: Console, request: Request, *, status: int = 200, refused: bool = False) -> Response:
    sent = console.cookie.read(request)
    if await console.sessions.find(sent) is not None:
        return RedirectResponse("/inbox", 303)
    visit = console.sessions.visit(sent)
    page = console.page(
        request,
        "sign_in.html",
        visit,
        status=status,
        refused=refused,
        demo=console.demo_token is not None,
        by_token=console.authenticate is not None,
        by_server=console.staff_sign_in is not None,
    )
    console.cookie.write(page, visit)
    return page


async def _sign_in_with(console: Console, request: Request, token: str) -> Response:
    if console.authenticate is None:
        raise errors.NotFound
    try:
        member = await console.authenticate(token)
    except (errors.Unauthenticated, errors.Forbidden) as refusal:
        await _record_refusal(console, refusal)
        return await _show(console, request, status=401, refused=True)
    await console.sessions.end(console.cookie.read(request))
    response = RedirectResponse("/inbox", 303)
    console.cookie.write(response, await console.sessions.start(member))
    return response
