"""For supervisors: who has how much to do, what is late, and how first replies went."""

from starlette.requests import Request
from starlette.responses import Response

from portico_console.console import Console
from portico_console.ports import Member
from portico_console.sessions import Session
from portico_console.workload import DAYS


async def show_workload(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /workload."""
    now = console.now()
    work = await console.audit.workload(now=now, actor=member.actor)
    said = await console.audit.reviews()
    return console.page(request, "workload.html", session, work=work, said=said, now=now, days=DAYS, actor=member.actor)
