"""What a SMART launch leaves with us and not with the browser: state, nonce and verifier, and then the session.

The browser has an opaque id of 256 bits in a `__Host-` cookie that no script reads. The store has the rest, sealed and
under the hash of the id: neither a dump of the store nor a log of cookies alone opens anything. A launch under way is
taken out when it comes back, so that it is good once; both end by themselves. SameSite is Lax, because the browser
comes back from another site; nothing changes by a GET but the launch itself, which state and cookie bind together.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portico_core.errors import ConfigurationError, StateUnavailable
from portico_gateway.web.launch_faults import LaunchFault, LaunchRefused
from portico_gateway.web.launch_servers import LaunchKind
from portico_gateway.web.widget_tokens import SIGN_OUT_KEPT_S
from portico_identity.code_flow import Pending
from portico_state.client import Store
from portico_state.keyring import KeySet
from portico_state.sealing import seal, unseal
from portico_state.sign_outs import SignIn, SignOuts

PENDING_S = 600
BEGUN_A_MINUTE = 600
"""Launches of one site a minute: what a visitor begins is stored, and must not fill the store."""
_PENDING, _SESSION = "pending", "session"
_COUNT = """
local begun = redis.call('INCR', KEYS[1])
if begun == 1 then redis.call('EXPIRE', KEYS[1], 60) end
return begun
"""


@dataclass(frozen=True, slots=True)
class PendingLaunch:
    """A browser that was sent to its server: to which, how, and what must come back."""

    base: str
    kind: LaunchKind
    pending: Pending


@dataclass(frozen=True, slots=True)
class LaunchSessions:
    """Launches and sessions of one tenant."""

    store: Store
    keys: KeySet
    session_s: int

    async def begin(self, launch: PendingLaunch) -> str:
        """Keep a launch for ten minutes and return the id for its browser; raise LaunchRefused for too many."""
        counted = int(await self.store.script(_COUNT, [self.store.keys.launch("begun", "minute")], []))
        if counted > BEGUN_A_MINUTE:
            raise LaunchRefused(LaunchFault.TOO_MANY)
        kept = {"base": launch.base, "kind": launch.kind.value, **asdict(launch.pending)}
        return await self._put(_PENDING, kept, seconds=PENDING_S)

    async def take(self, id: str) -> PendingLaunch:
        """Return a launch and forget it; raise LaunchRefused where there is none."""
        sealed = await self.store.call(self.store.redis.getdel(self._key(_PENDING, id)))
        kept = self._opened(_PENDING, id, sealed)
        if kept is None:
            raise LaunchRefused(LaunchFault.EXPIRED)
        return PendingLaunch(
            kept["base"], LaunchKind(kept["kind"]), Pending(kept["state"], kept["nonce"], kept["verifier"])
        )

    async def start(self, claims: Mapping[str, Any]) -> str:
        """Begin a session and return its id."""
        return await self._put(_SESSION, claims, seconds=self.session_s)

    async def find(self, id: str) -> Mapping[str, Any]:
        """Return what a session's tokens say; raise LaunchRefused where there is none, or no longer."""
        sealed = await self.store.call(self.store.redis.get(self._key(_SESSION, id)))
        claims = self._opened(_SESSION, id, sealed)
        if claims is None:
            raise LaunchRefused(LaunchFault.SESSION_ENDED)
        return claims

    async def sign_in(self, id: str) -> SignIn:
        """Return what a token of this session hangs on; ask before `find`, or a sign-out between the two is missed."""
        return await SignOuts(self.store).sign_in(_hash(id))

    async def end(self, id: str) -> Mapping[str, Any] | None:
        """End a session and its tokens at once. Return what they said, None where there was no such session."""
        key = self._key(_SESSION, id)
        sealed = await self.store.call(self.store.redis.get(key))
        if sealed is None:
            return None
        await SignOuts(self.store).end([_hash(id)], kept_s=SIGN_OUT_KEPT_S)
        await self.store.call(self.store.redis.delete(key))
        return self._opened(_SESSION, id, sealed) or {}

    async def _put(self, step: str, kept: Mapping[str, Any], *, seconds: int) -> str:
        id = secrets.token_urlsafe(32)
        sealed = seal(json.dumps(kept).encode(), keys=self.keys, place=self._place(step, id))
        await self.store.call(self.store.redis.set(self._key(step, id), sealed, ex=seconds, nx=True))
        return id

    def _key(self, step: str, id: str) -> str:
        return self.store.keys.launch(step, _hash(id))

    def _opened(self, step: str, id: str, sealed: Any) -> dict[str, Any] | None:
        """Return what was kept; nothing where it was changed, or sealed with a key that is gone."""
        if sealed is None:
            return None
        text = sealed.decode() if isinstance(sealed, bytes) else str(sealed)
        try:
            opened: dict[str, Any] = json.loads(unseal(text, keys=self.keys, place=self._place(step, id)))
        except (StateUnavailable, ConfigurationError):
            return None
        return opened

    def _place(self, step: str, id: str) -> tuple[str, ...]:
        return (self.store.keys.tenant, f"launch-{step}", _hash(id))


@dataclass(frozen=True, slots=True)
class HostCookie:
    """A cookie of this host alone, over TLS, out of every script's reach."""

    name: str
    seconds: int

    def read(self, request: Request) -> str:
        """Return what the browser brought, or an empty text."""
        return request.cookies.get(self.name, "")

    def write(self, response: Response, id: str) -> None:
        """Give an id to the browser."""
        response.set_cookie(self.name, id, max_age=self.seconds, secure=True, httponly=True, samesite="lax", path="/")

    def clear(self, response: Response) -> None:
        """Take it back."""
        response.delete_cookie(self.name, secure=True, httponly=True, samesite="lax", path="/")


def _hash(id: str) -> str:
    return hashlib.sha256(id.encode()).hexdigest()
