"""What must still be told to the hospital's own systems: an outbox beside the tickets, at least once and by id.

The stream of escalations is read by a consumer group; an entry is acknowledged in the same script that puts its
notification into the outbox, so neither a crash nor a second reader loses or doubles one. An entry that a dead reader
left is taken over after `STALLED_MS`.

Sending is a lease with a fencing token: taking a notification moves it `lease_s` into the future, which is also when
another worker gets it if this one dies. Who settles it later must bring the fence of the last attempt; a worker that
was thought dead changes nothing any more. A message that joined another ticket is not announced by itself
(`append.lua`, fold).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portico_core.audit import AuditEntry
from portico_core.errors import NotFound
from portico_core.labels import AuditPhase, Urgency
from portico_state.client import DAY_S, Store
from portico_state.effects import Operation
from portico_state.redis_audit import RedisAudit

GROUP = "notifier"
STALLED_MS = 5_000
KEPT_S = 35 * DAY_S
_AT_ONCE = 100
_MOST_LISTED = 500

_GROUP = "redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')"

_INTAKE = """
local time = redis.call('TIME')
local now_ms = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local urgency, opened_at, reply_by, head, closed =
  unpack(redis.call('HMGET', KEYS[3], 'urgency', 'opened_at', 'reply_by', 'folded_into', 'closed_at'))
local new = 0
if urgency and not head and not closed and redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('HSET', KEYS[2], 'ticket', ARGV[3], 'urgency', urgency, 'opened_at', opened_at, 'reply_by', reply_by,
    'state', 'waiting', 'attempts', 0, 'fence', 0)
  redis.call('ZADD', ARGV[4] .. urgency, now_ms, ARGV[5])
  new = 1
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return new
"""

_TAKE = """
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = {}
for _, due in ipairs(KEYS) do
  for _, delivery in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now_ms, 'LIMIT', 0, ARGV[1] - #taken)) do
    local key = ARGV[3] .. delivery
    local fence = redis.call('HINCRBY', key, 'fence', 1)
    redis.call('ZADD', due, string.format('%.0f', now_ms + ARGV[2]), delivery)
    local fields = redis.call('HMGET', key, 'ticket', 'urgency', 'opened_at', 'reply_by', 'attempts')
    local folded = redis.call('HGET', ARGV[4] .. fields[1], 'folded') or '0'
    taken[#taken + 1] = {delivery, tostring(fence), folded, unpack(fields)}
  end
end
return taken
"""

_SETTLE = """
local fence, urgency = unpack(redis.call('HMGET', KEYS[1], 'fence', 'urgency'))
if fence ~= ARGV[1] or redis.call('HGET', KEYS[1], 'state') ~= 'waiting' then return 0 end
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local due = ARGV[5] .. urgency
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HSET', KEYS[1], 'said', ARGV[4])
if ARGV[2] == 'waiting' then
  redis.call('ZADD', due, string.format('%.0f', now_ms + ARGV[3]), ARGV[6])
  return 1
end
redis.call('HSET', KEYS[1], 'state', ARGV[2])
redis.call('ZREM', due, ARGV[6])
if ARGV[2] == 'dead' then redis.call('ZADD', KEYS[2], string.format('%.0f', now_ms), ARGV[6])
else redis.call('EXPIRE', KEYS[1], ARGV[7]) end
return 1
"""


class DeliveryState(StrEnum):
    """The life of a notification."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification that is ours for a lease. `id` is the same at every attempt; `attempts` counts the settled ones.

    It holds ids, times and counts: nothing that anybody wrote, and nothing that stands for a patient.
    """

    id: str
    ticket: str
    urgency: Urgency
    opened_at: str
    reply_by: str
    joined: int
    attempts: int
    fence: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A notification that was given up; `said` is the last outcome, of a closed set."""

    id: str
    ticket: str
    urgency: Urgency
    opened_at: str
    attempts: int
    said: str


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The outbox of one tenant. Every method raises StateUnavailable while the store is down."""

    store: Store

    async def prepare(self) -> None:
        """Make the consumer group, from the first escalation on. May be repeated."""
        await self.store.script(_GROUP, [self.store.keys.ticket_stream], [GROUP])

    async def take_in(self, *, consumer: str, block_ms: int = 1_000) -> int:
        """Put escalations that nobody has read into the outbox, waiting for some; return how many notifications came.

        What another reader took and did not finish is taken over.
        """
        stream, redis = self.store.keys.ticket_stream, self.store.redis
        stalled = await self.store.call(
            redis.xautoclaim(stream, GROUP, consumer, STALLED_MS, start_id="0-0", count=_AT_ONCE)
        )
        entries = [entry for entry in stalled[1] if entry[1]]
        if not entries:
            found = await self.store.call(
                self.store.listening.xreadgroup(GROUP, consumer, {stream: ">"}, count=_AT_ONCE, block=block_ms),
                deadline_s=block_ms / 1000 + self.store.limits.command_s,
            )
            entries = [entry for _, read in found or () for entry in read]
        return sum([await self._take_in_one(name, fields["ticket"]) for name, fields in entries])

    async def take(self, *, most: int, lease_s: float) -> tuple[Delivery, ...]:
        """Lease notifications that are due, the most urgent first."""
        keys = self.store.keys
        due = [keys.deliveries_due(urgency.value) for urgency in Urgency]
        arguments: list[str | int] = [most, int(lease_s * 1000), self._prefix, keys.ticket_names["ticket"]]
        return tuple(_delivery(row) for row in await self.store.script(_TAKE, due, arguments))

    async def settle(self, delivery: Delivery, state: DeliveryState, *, said: str, wait_s: float = 0) -> bool:
        """Say what became of an attempt; False when the lease was lost meanwhile, and nothing changed.

        WAITING sends it again after `wait_s`. `said` is of a closed set.
        """
        keys = [self.store.keys.delivery(delivery.id), self.store.keys.deliveries_dead]
        arguments: list[str | int] = [
            str(delivery.fence), state.value, int(wait_s * 1000), said, self._due_prefix, delivery.id, KEPT_S,
        ]  # fmt: skip
        return bool(await self.store.script(_SETTLE, keys, arguments))

    async def dead(self) -> tuple[DeadLetter, ...]:
        """Return what was given up, the latest first; 500 at most."""
        ids = await self.store.call(self.store.redis.zrevrange(self.store.keys.deliveries_dead, 0, _MOST_LISTED - 1))
        if not ids:
            return ()
        pipeline = self.store.redis.pipeline(transaction=False)
        for name in ids:
            pipeline.hgetall(self.store.keys.delivery(name))
        stored = zip(ids, await self.store.call(pipeline.execute()), strict=True)
        return tuple(_dead_letter(name, fields) for name, fields in stored if fields)

    async def counts(self) -> dict[DeliveryState, int]:
        """Count what waits and what was given up."""
        pipeline = self.store.redis.pipeline(transaction=False)
        for urgency in Urgency:
            pipeline.zcard(self.store.keys.deliveries_due(urgency.value))
        pipeline.zcard(self.store.keys.deliveries_dead)
        *waiting, dead = await self.store.call(pipeline.execute())
        return {DeliveryState.WAITING: sum(waiting), DeliveryState.DEAD: dead}

    async def resend(self, delivery: str, *, actor: str, audit: RedisAudit) -> None:
        """Send a dead letter again, with an `access` record; raise NotFound, or Conflict where it is not dead."""
        keys, redis = self.store.keys, self.store.redis
        ticket = await self.store.call(redis.hget(keys.delivery(delivery), "ticket"))
        if ticket is None:
            raise NotFound
        fields = await self.store.call(redis.hgetall(keys.ticket(ticket)))
        operation: Operation = {
            "act": "resend", "key": keys.delivery(delivery), "delivery": delivery, "dead": keys.deliveries_dead,
            "due": keys.deliveries_due(fields["urgency"]),
        }  # fmt: skip
        entry = AuditEntry(
            phase=AuditPhase.ACCESS, tenant=keys.tenant, patient=fields["patient"],
            conversation=fields["conversation"], turn=fields["turn"], actor=actor, source="delivery.resend",
        )  # fmt: skip
        await audit.append_operations(entry, [operation])

    async def _take_in_one(self, entry: str, ticket: str) -> int:
        keys, delivery = self.store.keys, delivery_id(ticket)
        names = [keys.ticket_stream, keys.delivery(delivery), keys.ticket(ticket)]
        return int(await self.store.script(_INTAKE, names, [GROUP, entry, ticket, self._due_prefix, delivery]))

    @property
    def _prefix(self) -> str:
        return self.store.keys.delivery("x").removesuffix("x")

    @property
    def _due_prefix(self) -> str:
        return self.store.keys.deliveries_due("x").removesuffix("x")


def delivery_id(ticket: str) -> str:
    """Return the id of a ticket's notification: the same at every attempt, so that a receiver knows it again."""
    return f"dlv-{ticket}"


def _delivery(row: list[Any]) -> Delivery:
    name, fence, joined, ticket, urgency, opened_at, reply_by, attempts = row
    return Delivery(
        id=name, ticket=ticket, urgency=Urgency(urgency), opened_at=opened_at, reply_by=reply_by,
        joined=int(joined), attempts=int(attempts), fence=int(fence),
    )  # fmt: skip


def _dead_letter(name: str, fields: dict[str, str]) -> DeadLetter:
    return DeadLetter(
        name, fields["ticket"], Urgency(fields["urgency"]), fields["opened_at"], int(fields["attempts"]),
        fields.get("said", ""),
    )  # fmt: skip
