"""Sign-outs: which short tokens are over before their time, because the sign-in that they hang on has ended.

A token names its sign-in by a hash and carries the moment at which it was made; a sign-out is an entry of a stream
under that name. Both moments are the store's own, so that no gateway's clock counts: whatever was made before a
sign-out, or in the same millisecond, is over, and who signs in again has tokens that are not. An open feed listens to
the stream and ends with it. The entry ends by itself when no token is left that it could be about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portico_core.errors import Unauthenticated
from portico_state.client import Store

_LAST_OF_A_MS = 2**64 - 1
_END = """
for _, key in ipairs(KEYS) do
  redis.call('XADD', key, 'MAXLEN', '1', '*', 'signed', 'out')
  redis.call('EXPIRE', key, ARGV[1])
end
"""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a token hangs on: a hash that names the sign-in, and when the token was made, in milliseconds."""

    name: str
    made_ms: int

    def to_claim(self) -> list[str | int]:
        """Return the form that stands in a token."""
        return [self.name, self.made_ms]

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> "SignIn | None":
        """Read a token that this site sealed; None for one of a release that knew no sign-outs."""
        return cls(*claims["sign_in"]) if "sign_in" in claims else None


@dataclass(frozen=True, slots=True)
class SignOuts:
    """The sign-outs of one tenant."""

    store: Store

    async def sign_in(self, name: str) -> SignIn:
        """Return what a token that is made now hangs on. Raises StateUnavailable."""
        seconds, microseconds = await self.store.call(self.store.redis.time())
        return SignIn(name, int(seconds) * 1_000 + int(microseconds) // 1_000)

    async def end(self, names: Iterable[str], *, kept_s: int) -> None:
        """End every token that hangs on these; the longest life of a token is `kept_s` at most."""
        await self.store.script(_END, [self.store.keys.sign_out(name) for name in names], [kept_s])

    async def refuse_ended(self, sign_in: SignIn | None) -> None:
        """Raise Unauthenticated where a token's sign-in has ended, StateUnavailable where nobody can tell."""
        if sign_in is None:
            return
        key = self.store.keys.sign_out(sign_in.name)
        if await self.store.call(self.store.redis.xrange(key, min=str(sign_in.made_ms), count=1)):
            raise Unauthenticated

    def listen_for(self, sign_in: SignIn | None) -> dict[str, str]:
        """Return the stream that says that a sign-in has ended, and after which entry."""
        if sign_in is None:
            return {}
        return {self.store.keys.sign_out(sign_in.name): f"{sign_in.made_ms - 1}-{_LAST_OF_A_MS}"}
