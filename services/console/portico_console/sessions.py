"""Sessions of staff: server-side, so that signing out ends one at once (ASVS 5, 7.4.1).

A session ends after fifteen idle minutes (automatic logoff, 45 CFR 164.312(a)(2)(iii)); the inbox's own polling does
not count as activity. Cookies hold a random id and nothing else; the store, which every console of a site shares,
keeps it under the id's hash. Before somebody signs in nothing is stored, so that a visitor cannot fill the store.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from portico_console.ports import Member
from portico_core.labels import Role
from portico_state.client import Store

IDLE_S = 15 * 60
LONGEST_S = 10 * 3600
_SEEN_EVERY_S = 5
_ID_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `member` is None until somebody has signed in."""

    id: str = field(repr=False)
    member: Member | None = None
    started_at: float = 0
    seen_at: float = 0
    notice: str = ""

    @property
    def csrf(self) -> str:
        """Return what goes into every form: it follows from the id, which only the cookie holds."""
        return hashlib.sha256(b"csrf\0" + self.id.encode()).hexdigest()

    def accepts(self, token: str) -> bool:
        """Say whether a form carries this session's token."""
        return hmac.compare_digest(self.csrf.encode(), token.encode())


class SessionStore(Protocol):
    """Keeps the sessions by the hash of their id."""

    async def read(self, key: str) -> str | None:
        """Return a session; None where there is none."""

    async def write(self, key: str, value: str, *, ttl_s: int, fresh: bool) -> None:
        """Keep a session for a time; one that is not fresh only if it is still there: signing out is final."""

    async def remove(self, key: str) -> None:
        """Forget a session; may be repeated."""


@dataclass(frozen=True, slots=True)
class RedisSessions:
    """The sessions of a site in Redis."""

    store: Store

    async def read(self, key: str) -> str | None:
        """Return a session; None where there is none. Raises StateUnavailable."""
        found = await self.store.call(self.store.redis.get(self.store.keys.session(key)))
        return None if found is None else str(found)

    async def write(self, key: str, value: str, *, ttl_s: int, fresh: bool) -> None:
        """Keep a session for a time; one that is not fresh only if it is still there."""
        await self.store.call(self.store.redis.set(self.store.keys.session(key), value, ex=ttl_s, xx=not fresh))

    async def remove(self, key: str) -> None:
        """Forget a session."""
        await self.store.call(self.store.redis.delete(self.store.keys.session(key)))


@dataclass(frozen=True, slots=True)
class Sessions:
    """Open sessions. Times are seconds of the wall clock, because several processes read them."""

    store: SessionStore
    clock: Callable[[], float] = time.time
    idle_s: float = IDLE_S
    longest_s: float = LONGEST_S

    def visit(self, session_id: str = "") -> Session:
        """Return the session of somebody who has not signed in; nothing of it is stored."""
        return Session(session_id if len(session_id) >= _ID_BYTES else secrets.token_urlsafe(_ID_BYTES))

    async def start(self, member: Member) -> Session:
        """Open a session under a fresh id, so that an id known before is worth nothing."""
        now = self.clock()
        return await self._keep(Session(secrets.token_urlsafe(_ID_BYTES), member, now, now), fresh=True)

    async def find(self, session_id: str, *, active: bool = True) -> Session | None:
        """Return an open session; `active` says that a person did something."""
        key, now = _hash(session_id), self.clock()
        stored = await self.store.read(key)
        if stored is None:
            return None
        session = _read(session_id, stored)
        if now - session.seen_at > self.idle_s or now - session.started_at > self.longest_s:
            await self.store.remove(key)
            return None
        if active and now - session.seen_at > _SEEN_EVERY_S:
            session = await self._keep(replace(session, seen_at=now))
        return session

    async def leave_notice(self, session: Session, notice: str) -> None:
        """Keep a notice for the next page that this session sees."""
        await self._keep(replace(session, notice=notice))

    async def take_notice(self, session: Session) -> str:
        """Return the notice and forget it."""
        if session.notice:
            await self._keep(replace(session, notice=""))
        return session.notice

    async def end(self, session_id: str) -> None:
        """Close a session; may be repeated."""
        await self.store.remove(_hash(session_id))

    async def _keep(self, session: Session, *, fresh: bool = False) -> Session:
        fields = {name: value for name, value in asdict(session).items() if name != "id"}
        ttl_s = int(self.idle_s) + _SEEN_EVERY_S
        await self.store.write(_hash(session.id), json.dumps(fields), ttl_s=ttl_s, fresh=fresh)
        return session


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


def _read(session_id: str, stored: str) -> Session:
    fields = json.loads(stored)
    member = fields["member"]
    return Session(session_id, **{**fields, "member": Member(**{**member, "role": Role(member["role"])})})
