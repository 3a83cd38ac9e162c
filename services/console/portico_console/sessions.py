"""Sessions of staff: server-side, so that signing out ends one at once (ASVS 5, 7.4.1).

A session ends after fifteen idle minutes (automatic logoff, 45 CFR 164.312(a)(2)(iii)); the inbox's own polling does
not count as activity. Cookies hold a random id and nothing else; the store, which every console of a site shares,
keeps it under the id's hash. Before somebody signs in nothing is stored, so that a visitor cannot fill the store.

Every session that is opened or ends is on record, with who and why (164.312(b)): no record, no session. A session that
nobody comes back to is ended by `sweep`, by one console of the site.
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

from portico_console.ports import Member, Refused
from portico_core.labels import Role, SessionEvent
from portico_state.client import DAY_S, Store

IDLE_S = 15 * 60
LONGEST_S = 10 * 3600
_SEEN_EVERY_S = 5
_AT_ONCE = 100
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

    def name_of(self, id: str) -> str:
        """Return the name under which this session, and no other, finds what it kept as `id`."""
        return hashlib.sha256(f"kept\0{self.id}\0{id}".encode()).hexdigest()


class SessionStore(Protocol):
    """Keeps the sessions by the hash of their id. Times are seconds of the wall clock."""

    async def read(self, key: str) -> str | None:
        """Return a session; None where there is none."""

    async def write(self, key: str, value: str, *, ends_at: float, fresh: bool) -> None:
        """Keep a session; one that is not fresh only if it is still there: signing out is final."""

    async def remove(self, key: str) -> bool:
        """Forget a session; say whether it was there."""

    async def over(self, now: float) -> list[str]:
        """Return sessions that have ended since nobody did anything in them, some at a time."""


_WRITE = """
if ARGV[1] == '' and redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('SET', KEYS[1], ARGV[2], 'EXAT', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[5])
"""
_REMOVE = """
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
"""


@dataclass(frozen=True, slots=True)
class RedisSessions:
    """The sessions of a site in Redis. One that is over stays readable for a day, so that its end can be recorded."""

    store: Store

    async def read(self, key: str) -> str | None:
        """Return a session; None where there is none. Raises StateUnavailable."""
        found: str | None = await self.store.call(self.store.redis.get(self.store.keys.session(key)))
        return found

    async def write(self, key: str, value: str, *, ends_at: float, fresh: bool) -> None:
        """Keep a session and when it ends."""
        arguments: list[str | int] = ["1" if fresh else "", value, str(ends_at), int(ends_at) + DAY_S, key]
        await self.store.script(_WRITE, self._names(key), arguments)

    async def remove(self, key: str) -> bool:
        """Forget a session; of two consoles that do, one is told that it was there."""
        return bool(await self.store.script(_REMOVE, self._names(key), [key]))

    async def over(self, now: float) -> list[str]:
        """Return sessions whose time has come."""
        found = self.store.redis.zrangebyscore(self.store.keys.sessions, "-inf", f"({now}", start=0, num=_AT_ONCE)
        return list(await self.store.call(found))

    def _names(self, key: str) -> list[str]:
        return [self.store.keys.session(key), self.store.keys.sessions]


class SessionJournal(Protocol):
    """Puts on record what happens to sessions."""

    async def opened(self, member: Member) -> None:
        """Record a sign-in; raise AuditUnavailable where that cannot be done."""

    async def ended(self, member: Member, event: SessionEvent) -> None:
        """Record an end. It never raises: a session ends also where that cannot be recorded."""

    async def refused(self, why: Refused, subject: str = "") -> None:
        """Record a refused sign-in, with whose it is where the identity server has said so."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Open sessions. Times are seconds of the wall clock, because several processes read them."""

    store: SessionStore
    journal: SessionJournal
    clock: Callable[[], float] = time.time
    idle_s: float = IDLE_S
    longest_s: float = LONGEST_S

    def visit(self, session_id: str = "") -> Session:
        """Return the session of somebody who has not signed in; nothing of it is stored."""
        return Session(session_id if len(session_id) >= _ID_BYTES else secrets.token_urlsafe(_ID_BYTES))

    async def start(self, member: Member) -> Session:
        """Open a session, on record, under a fresh id, so that an id known before is worth nothing."""
        await self.journal.opened(member)
        now = self.clock()
        return await self._keep(Session(secrets.token_urlsafe(_ID_BYTES), member, now, now), fresh=True)

    async def find(self, session_id: str, *, active: bool = True) -> Session | None:
        """Return an open session; `active` says that a person did something."""
        key, now = _hash(session_id), self.clock()
        stored = await self.store.read(key)
        if stored is None:
            return None
        session = _read(session_id, stored)
        if now > self._ends_at(session):
            await self._finish(key, session)
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
        """Close a session because its person says so; may be repeated."""
        key = _hash(session_id)
        stored = await self.store.read(key)
        if stored is not None:
            await self._finish(key, _read(session_id, stored), SessionEvent.SIGNED_OUT)

    async def sweep(self) -> None:
        """Close every session whose person did not come back."""
        for key in await self.store.over(self.clock()):
            stored = await self.store.read(key)
            if stored is None:
                await self.store.remove(key)
            elif self.clock() > self._ends_at(session := _read("", stored)):  # Else its person has just come back.
                await self._finish(key, session)

    async def _finish(self, key: str, session: Session, event: SessionEvent | None = None) -> None:
        """Forget a session first, then record its end: of two consoles at once only one does."""
        if not await self.store.remove(key) or session.member is None:
            return
        idle = session.seen_at + self.idle_s <= session.started_at + self.longest_s
        await self.journal.ended(session.member, event or (SessionEvent.IDLE if idle else SessionEvent.LONGEST))

    async def _keep(self, session: Session, *, fresh: bool = False) -> Session:
        fields = {name: value for name, value in asdict(session).items() if name != "id"}
        await self.store.write(_hash(session.id), json.dumps(fields), ends_at=self._ends_at(session), fresh=fresh)
        return session

    def _ends_at(self, session: Session) -> float:
        return min(session.seen_at + self.idle_s, session.started_at + self.longest_s)


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
