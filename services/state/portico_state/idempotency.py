"""One answer per Idempotency-Key: a patient's page may send a turn again and gets the first outcome.

The key is the patient's, so that nobody can read another's answer by guessing; it is hashed, because clients put
anything into it. A reservation is a lease: after a crash a retry takes the turn over under its first id, and the
audit's own dedupe keeps that turn at one outcome. A turn that was refused has ended: its retry is another turn.

A patient's hash changes with the key that is active, and gateways of one site change over one after the other. So a
key is looked for in one step under every hash the patient has, and is taken under the active one where it is new.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portico_core.errors import Conflict, InvalidRequest
from portico_state.client import Store

MAX_KEY_CHARACTERS = 200
RELEASE_S = 0.2

# KEYS: one Idempotency-Key under each hash of its patient, the active one first.
# ARGV: turn, seconds of the lease, seconds to keep it; then the body's digest under the key of each hash.
_RESERVE = """
local now = tonumber(redis.call('TIME')[1])
for place, name in ipairs(KEYS) do
  local body, turn, state, lease, sealed = unpack(redis.call('HMGET', name, 'body', 'turn', 'state', 'until', 'sealed'))
  if body then
    if body ~= ARGV[3 + place] then return {'mismatch', '', '', place} end
    if state == 'done' then return {'done', turn, sealed, place} end
    if tonumber(lease) > now then return {'in_progress', turn, '', place} end
    redis.call('HSET', name, 'until', now + ARGV[2])
    return {'new', turn, '', place}
  end
end
redis.call('HSET', KEYS[1], 'body', ARGV[4], 'turn', ARGV[1], 'state', 'reserved', 'until', now + ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {'new', ARGV[1], '', 1}
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
class Asked:
    """Who asks what, as keyed hashes under one key of the keyring; `body` covers the conversation id too."""

    patient: str
    body: str


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

    async def reserve(self, asked: Sequence[Asked], *, key: str, turn: str) -> Reservation:
        """Claim a key for a turn; raise Conflict when the key came with another body before.

        `asked` has the same request under every key that is still read with, the active one first. Of two requests at
        once one gets NEW, also of two gateways whose active keys differ.
        """
        if not 0 < len(key) <= MAX_KEY_CHARACTERS:
            raise InvalidRequest(f"An Idempotency-Key has 1 to {MAX_KEY_CHARACTERS} characters.")
        hashed = hashlib.sha256(key.encode()).hexdigest()
        names = [self.store.keys.idempotency(each.patient, hashed) for each in asked]
        arguments: list[str | int] = [
            turn,
            self.lease_s,
            self.store.limits.idempotency_ttl_s,
            *(each.body for each in asked),
        ]
        state, first_turn, sealed, place = await self.store.script(_RESERVE, names, arguments)
        if state == "mismatch":
            raise Conflict("This Idempotency-Key was used with another message.")
        return Reservation(ReservationState(state), first_turn, names[int(place) - 1], sealed or None)

    async def release(self, reservation: Reservation) -> None:
        """Let a retry in at once and as a turn of its own, because this one ended without an answer to give again.

        A patient waits for it, and its failure only delays a retry until the lease is over: it gets little time.
        """
        script = self.store.redis.eval(_RELEASE, 1, reservation.key, reservation.turn)
        await self.store.call(script, deadline_s=RELEASE_S)
