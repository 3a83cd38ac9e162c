"""Since when somebody waits to be told of an escalation: from the ticket on, not from the outbox on.

A gateway asks, because a notifier that is dead reports nothing. So what no notifier has read yet counts as well, by the
rule of `deliveries._INTAKE`. Where no notifier ever ran, nobody is to be told, and nothing waits.
"""

from portico_core.labels import Urgency
from portico_state.client import Store
from portico_state.deliveries import GROUP, delivery_id

# More than so many wait for hours; those that are looked at are then old enough for any alert.
MOST_READ = 1_000

_OLDEST = """
local oldest = {}
local function note(urgency, opened_at)
  if urgency and opened_at and (not oldest[urgency] or opened_at < oldest[urgency]) then oldest[urgency] = opened_at end
end
for _, due in ipairs({unpack(KEYS, 2)}) do
  for _, delivery in ipairs(redis.call('ZRANGE', due, 0, ARGV[2] - 1)) do
    note(unpack(redis.call('HMGET', ARGV[3] .. delivery, 'urgency', 'opened_at')))
  end
end
local groups, start = redis.pcall('XINFO', 'GROUPS', KEYS[1]), nil
for _, group in ipairs(groups.err and {} or groups) do
  local fields = {}
  for at = 1, #group, 2 do fields[group[at]] = group[at + 1] end
  if fields['name'] == ARGV[1] then start = '(' .. fields['last-delivered-id'] end
end
if start then
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
  if pending[1] > 0 then start = pending[2] end
  for _, entry in ipairs(redis.call('XRANGE', KEYS[1], start, '+', 'COUNT', ARGV[2])) do
    local ticket = entry[2][2]
    local urgency, opened_at, head, closed =
      unpack(redis.call('HMGET', ARGV[4] .. ticket, 'urgency', 'opened_at', 'folded_into', 'closed_at'))
    if not head and not closed and redis.call('EXISTS', ARGV[5] .. ticket) == 0 then
      note(urgency, opened_at)
    end
  end
end
local found = {}
for urgency, opened_at in pairs(oldest) do found[#found + 1] = urgency; found[#found + 1] = opened_at end
return found
"""


async def oldest_undelivered(store: Store) -> dict[Urgency, str]:
    """Return when the oldest ticket was opened that still is to be announced, by urgency; raise StateUnavailable.

    Looks at 1,000 of each urgency, those that are due first, and at 1,000 entries that no notifier has read.
    """
    keys = store.keys
    names = [keys.ticket_stream, *(keys.deliveries_due(urgency.value) for urgency in Urgency)]
    prefixes = [_prefix(keys.delivery("x")), keys.ticket_names["ticket"], _prefix(keys.delivery(delivery_id("x")))]
    found = await store.script(_OLDEST, names, [GROUP, MOST_READ, *prefixes])
    return {Urgency(name): opened_at for name, opened_at in zip(found[::2], found[1::2], strict=True)}


def _prefix(name: str) -> str:
    return name.removesuffix("x")
