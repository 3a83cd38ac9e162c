"""What every page of the console needs: the desk, the sessions, the templates, and who is asking."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from portico_console import wording
from portico_console.audit_desk import AuditDesk
from portico_console.canned import BUILT_IN, CannedReply
from portico_console.forms import read_form
from portico_console.ports import Authenticate, DemoToken, Member, TicketDesk
from portico_console.sessions import Session, SessionCookie, Sessions
from portico_console.staff_sign_in import PendingCookie, StaffSignIn
from portico_core import errors

HERE = Path(__file__).parent

Handler = Callable[["Console", Request, Session, Member], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ConsoleSite:
    """What one installation shows and how its cookies travel. `origin` is its own; posts of another are refused."""

    clinic_name: str = "Riverbend Clinic"
    https: bool = True
    demo: bool = False
    pools: tuple[str, ...] = ("nurses", "physicians", "pharmacists")
    canned: tuple[CannedReply, ...] = BUILT_IN
    origin: str = ""
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages need; one object a process."""

    desk: TicketDesk
    audit: AuditDesk
    authenticate: Authenticate | None
    site: ConsoleSite
    sessions: Sessions
    demo_token: DemoToken | None
    now: Callable[[], datetime]
    staff_sign_in: StaffSignIn | None = None
    templates: Jinja2Templates = field(init=False)

    def __post_init__(self) -> None:
        """Times of tickets are shown in the site's own zone; those of audit records stay UTC."""
        object.__setattr__(self, "templates", Jinja2Templates(env=page_environment(self.site.zone)))

    @property
    def cookie(self) -> SessionCookie:
        """Return how the session id travels."""
        return SessionCookie(secure=self.site.https)

    @property
    def pending_cookie(self) -> PendingCookie:
        """Return how a sign-in that has begun travels."""
        return PendingCookie(secure=self.site.https)

    def page(
        self, request: Request, name: str, session: Session | None, *, status: int = 200, **context: Any
    ) -> Response:
        """Render a template with what every page has."""
        shared = {"site": self.site, "session": session, "member": session.member if session else None, "w": wording}
        return self.templates.TemplateResponse(request, name, {**shared, **context}, status_code=status)

    async def member_of(self, request: Request, *, active: bool) -> tuple[Session, Member]:
        """Return who is signed in; raise Unauthenticated. `active` says that a person did something."""
        session = await self.sessions.find(self.cookie.read(request), active=active)
        if session is None or session.member is None:
            raise errors.Unauthenticated
        return session, session.member


async def checked_form(request: Request, session: Session) -> dict[str, str]:
    """Return a form that this session's own page posted; raise Forbidden for any other."""
    form = await read_form(request)
    if not session.accepts(form.get("csrf", "")):
        raise errors.Forbidden
    return form


async def acting_form(request: Request, session: Session, member: Member) -> dict[str, str]:
    """Return a form of somebody who may change a ticket; raise Forbidden for compliance staff."""
    form = await checked_form(request, session)
    if not member.may_act():
        raise errors.Forbidden
    return form


def page_environment(zone: tzinfo) -> Environment:
    """Return what renders the pages; times of tickets are in `zone`, those of audit records UTC."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = lambda time: time.astimezone(zone).strftime("%a %d %b, %H:%M %Z")
    environment.filters["stamp"] = _stamp
    return environment


def _stamp(time: str) -> str:
    """Show a record's time to the second; one that cannot be read is shown as it stands."""
    try:
        return datetime.fromisoformat(time).strftime("%d %b %Y, %H:%M:%S UTC")
    except ValueError:
        return time
