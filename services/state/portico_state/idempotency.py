"""One answer per Idempotency-Key: a patient's page may send a turn again and gets the first outcome.

The key is the patient's, so that nobody can read another's answer by guessing; it is hashed, because clients put
anything into it. A reservation is a lease: after a crash a retry takes the turn over under its first id, and the
audit's own dedupe keeps that turn at one outcome. A turn that was refused has ended: its retry is another turn.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from portico_core.errors import Conflict, InvalidRequest
from portico_state.client import Store

MAX_KEY_CHARACTERS = 200
RELEASE_S = 0.2

_RESERVE = """
local time = redis.call('TIME')
local now = tonumber(time[1])
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'body', ARGV[1], 'turn', ARGV[2], 'state', 'reserved', 'until', now + ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return {'new', ARGV[2], ''}
end
local body, turn, state, lease, sealed =
  unpack(redis.call('HMGET', KEYS[1], 'body', 'turn', 'state', 'until', 'sealed'))
if body ~= ARGV[1] then return {'mismatch', '', ''} end
if state == 'done' then return {'done', turn, sealed} end
if tonumber(lease) > now then return {'in_progress', turn, ''} end
redis.call('HSET', KEYS[1], 'until', now + ARGV[3])
return {'new', turn, ''}
"""

_RELEASE = """
if redis.call('HGET', KEYS[1], 'state') == 'reserved' and redis.call('HGET', KEYS[1], 'turn') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
"""


class ReservationState(StrEnum):
    """What to do with a request: go on, refuse it for now, or give the first answer again."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Reservation:
    """The place of a request: run it as `turn`. `sealed` is the first answer when the state is DONE."""

    state: ReservationState
    turn: str
    key: str
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The Idempotency-Keys of one tenant. `lease_s` is longer than any turn lasts."""

    store: Store
    lease_s: int = 20

    async def reserve(self, *, patient: str, key: str, body_sha256: str, turn: str) -> Reservation:
        """Claim a key for a turn; raise Conflict when the key came with another body before.

        `patient` is a keyed hash, `body_sha256` covers the conversation id too. Of two requests at once one gets NEW.
        """
        if not 0 < len(key) <= MAX_KEY_CHARACTERS:
            raise InvalidRequest(f"An Idempotency-Key has 1 to {MAX_KEY_CHARACTERS} characters.")
        name = self.store.keys.idempotency(patient, hashlib.sha256(key.encode()).hexdigest())
        arguments: list[str | int] = [body_sha256, turn, self.lease_s, self.store.limits.idempotency_ttl_s]
        state, first_turn, sealed = await self.store.script(_RESERVE, [name], arguments)
        if state == "mismatch":
            raise Conflict("This Idempotency-Key was used with another message.")
        return Reservation(ReservationState(state), first_turn, name, sealed or None)

    async def release(self, reservation: Reservation) -> None:
        """Let a retry in at once and as a turn of its own, because this one ended without an answer to give again.

        A patient waits for it, and its failure only delays a retry until the lease is over: it gets little time.
        """
        script = self.store.redis.eval(_RELEASE, 1, reservation.key, reservation.turn)
        await self.store.call(script, deadline_s=RELEASE_S)
