"""Let the store remember the last line of each checkpoint file, so that the file cannot be rolled back alone."""

import contextlib

from portico_core.errors import StateUnavailable
from portico_state.checkpoints import Checkpoint
from portico_state.client import Store

_KEEP_NEWEST = """
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or tonumber(string.match(known, '^%d+')) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3])
end
"""


async def witness_checkpoint(store: Store, checkpoint: Checkpoint) -> None:
    """Note a line in the store; while the store is down the file stands alone, and the next line makes up for it."""
    with contextlib.suppress(StateUnavailable):
        arguments: list[str | int] = [checkpoint.log, checkpoint.number, checkpoint.mac]
        await store.script(_KEEP_NEWEST, [store.keys.witness], arguments)


async def read_witness(store: Store) -> dict[str, str]:
    """Return log id → `number:mac` of the newest line the store has seen."""
    return dict(await store.call(store.redis.hgetall(store.keys.witness)))
