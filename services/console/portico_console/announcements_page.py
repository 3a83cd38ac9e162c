"""What could not be announced to the hospital's other systems, and sending it again."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico_console.console import Console, acting_form
from portico_console.ports import Member
from portico_console.sessions import Session
from portico_core import errors


async def show_announcements(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /announcements."""
    notice = await console.sessions.take_notice(session)
    found = await console.desk.announcements()
    return console.page(request, "announcements.html", session, notice=notice, found=found, may_act=member.may_act())


async def announce_again(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /announcements/{id}/again."""
    await acting_form(request, session, member)
    notice = "announced_again"
    try:
        await console.desk.announce_again(request.path_params["id"], actor=member.actor)
    except errors.Conflict:
        notice = "announced_already"
    await console.sessions.leave_notice(session, notice)
    return RedirectResponse("/announcements", 303)
