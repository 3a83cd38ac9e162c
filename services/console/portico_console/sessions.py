"""Sessions of staff: server-side, so that signing out ends one at once (ASVS 5, 7.4.1).

A session ends after fifteen idle minutes (automatic logoff, 45 CFR 164.312(a)(2)(iii)); the inbox's own polling does
not count as activity. Cookies hold a random id and nothing else; the store keeps its hash. Held in this process: run
one console, or send each browser to the same one.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response

from portico_console.ports import Member

IDLE_S = 15 * 60
LONGEST_S = 10 * 3600
MOST_SESSIONS = 10_000
_ID_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `member` is None until somebody has signed in; `csrf` goes into every form."""

    id: str = field(repr=False)
    csrf: str = field(repr=False)
    member: Member | None
    started_at: float
    seen_at: float
    notice: str = ""

    def accepts(self, token: str) -> bool:
        """Say whether a form carries this session's token."""
        return hmac.compare_digest(self.csrf.encode(), token.encode())


class Sessions:
    """Open sessions by the hash of their id. Times are seconds of a monotonic clock."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, idle_s: float = IDLE_S) -> None:
        self._clock = clock
        self._idle_s = idle_s
        self._open: OrderedDict[str, Session] = OrderedDict()

    def start(self, member: Member | None = None) -> Session:
        """Open a session under a fresh id; signing in always does, so that an id known before is worth nothing."""
        now = self._clock()
        session = Session(secrets.token_urlsafe(_ID_BYTES), secrets.token_urlsafe(_ID_BYTES), member, now, now)
        self._open[_hash(session.id)] = session
        while len(self._open) > MOST_SESSIONS:
            self._open.popitem(last=False)
        return session

    def find(self, session_id: str, *, active: bool = True) -> Session | None:
        """Return an open session; `active` says that a person did something."""
        key, now = _hash(session_id), self._clock()
        session = self._open.get(key)
        if session is None:
            return None
        if now - session.seen_at > self._idle_s or now - session.started_at > LONGEST_S:
            del self._open[key]
            return None
        if active:
            session = self._open[key] = replace(session, seen_at=now)
        return session

    def leave_notice(self, session: Session, notice: str) -> None:
        """Keep a notice for the next page that this session sees."""
        self._open[_hash(session.id)] = replace(session, notice=notice)

    def take_notice(self, session: Session) -> str:
        """Return the notice and forget it."""
        if session.notice:
            self._open[_hash(session.id)] = replace(session, notice="")
        return session.notice

    def end(self, session_id: str) -> None:
        """Close a session; may be repeated."""
        self._open.pop(_hash(session_id), None)


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """How the id travels. `__Host-` pins it to this host and to TLS; loopback without TLS gets a plain name."""

    secure: bool

    @property
    def name(self) -> str:
        """Return the cookie's name."""
        return "__Host-portico_session" if self.secure else "portico_session"

    def read(self, request: Request) -> str:
        """Return the id a browser sent, or an empty text."""
        return request.cookies.get(self.name, "")

    def write(self, response: Response, session: Session) -> None:
        """Send the id to the browser, for as long as it stays open."""
        response.set_cookie(self.name, session.id, secure=self.secure, httponly=True, samesite="strict", path="/")

    def clear(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="strict", path="/")


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
