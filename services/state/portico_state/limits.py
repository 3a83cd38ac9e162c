"""Token buckets of a site: by patient, by tenant, by address, all taken from in one script or from none.

A script, because several gateways serve one site and a check followed by a write would let a burst through between
the two. The server's clock counts, so that gateways need not agree on the time. A refusal writes nothing: whoever
hammers at a closed door costs the store no fsync.
"""

import math
from dataclasses import dataclass

from portico_core.errors import ConfigurationError, RateLimited
from portico_core.labels import LimitScope
from portico_state.client import Store

# KEYS: a hash for each bucket. ARGV: for each bucket its tokens a second and the most it holds.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local left, wait, short = {}, 0, 0
for i, key in ipairs(KEYS) do
  local rate, most = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local tokens, at = unpack(redis.call('HMGET', key, 'tokens', 'at'))
  left[i] = most
  if tokens then left[i] = math.min(most, tonumber(tokens) + math.max(0, now - tonumber(at)) * rate) end
  if left[i] < 1 and (1 - left[i]) / rate > wait then wait, short = (1 - left[i]) / rate, i end
end
if short > 0 then return {short, tostring(wait)} end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'tokens', tostring(left[i] - 1), 'at', string.format('%.6f', now))
  redis.call('EXPIRE', key, math.ceil(tonumber(ARGV[2 * i]) / tonumber(ARGV[2 * i - 1])) + 1)
end
return {0, '0'}
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many tokens a second, and the most that can be saved up."""

    rate_per_s: float
    most: float

    def __post_init__(self) -> None:
        if not (0 < self.rate_per_s < math.inf and 1 <= self.most < math.inf):
            raise ConfigurationError("a limit needs a rate above 0 and room for at least one request")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one tenant. A scope without a bucket is not limited."""

    store: Store
    buckets: dict[LimitScope, Bucket]

    async def take(self, holders: dict[LimitScope, str]) -> None:
        """Take one token for each holder; raise RateLimited, or StateUnavailable where nobody can tell.

        `holders` are keyed hashes, never an address or an identifier as it came.
        """
        limited = [(scope, self.buckets[scope]) for scope in holders if scope in self.buckets]
        if not limited:
            return
        keys = [self.store.keys.limit(scope.value, holders[scope]) for scope, _ in limited]
        arguments = [str(number) for _, bucket in limited for number in (bucket.rate_per_s, bucket.most)]
        short, wait = await self.store.script(_TAKE, keys, list(arguments))
        if short:
            raise RateLimited(limited[short - 1][0], wait_s=float(wait))
