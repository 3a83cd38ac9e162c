"""The inbox: what is at risk first, a page at a time. htmx asks for the rows again every few seconds."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from portico_console import wording
from portico_console.console import Console
from portico_console.ports import Choice, Member
from portico_console.sessions import Session

POLL_S = 5


async def show_inbox(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /inbox?page=&pool=&mine=."""
    notice = await console.sessions.take_notice(session)
    rows = await _rows(console, request, member)
    return console.page(request, "inbox.html", session, notice=notice, poll_s=POLL_S, **rows)


async def show_rows(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /inbox/rows: the part of the page that changes."""
    return console.page(request, "_rows.html", session, **await _rows(console, request, member))


async def _rows(console: Console, request: Request, member: Member) -> dict[str, Any]:
    pool = request.query_params.get("pool", "")
    choice = Choice(pool if pool in console.site.pools else "", request.query_params.get("mine") == "yes")
    wanted = request.query_params.get("page", "1")
    page = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
    view = await console.desk.inbox(page, only=choice, actor=member.actor)
    return {
        "pinned": [row for row in view.rows if row.urgency in wording.PINNED],
        "routine": [row for row in view.rows if row.urgency not in wording.PINNED],
        "view": view,
        "choice": choice,
        "link": lambda **change: _link(choice, view.page, change),
        "now": console.now(),
        "actor": member.actor,
    }


def _link(choice: Choice, page: int, change: dict[str, Any]) -> str:
    """Return the query of this inbox with something changed; what is as usual is left out."""
    fields = {"pool": choice.pool, "mine": "yes" if choice.mine else "", "page": page} | change
    said = {name: value for name, value in fields.items() if value not in ("", 1)}
    return f"?{urlencode(said)}" if said else ""
