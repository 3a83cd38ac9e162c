-- Append one audit record and apply what belongs to it, in one step.
-- KEYS: 1 stream, 2 chain heads, 3 receipt of this step, 4 open turns, 5 receipt of the turn's end; the rest: effects
-- ARGV: 1 record, as it is stored; 2 request {chain, follows, head, turn, phase, keep_s, receipt, effects}
-- Answers {'written' | 'duplicate', receipt} or {'stale' | 'missing' | 'conflict'} with nothing changed.

local stored = redis.call('GET', KEYS[3])
if stored then return {'duplicate', stored} end

local request = cjson.decode(ARGV[2])
if (redis.call('HGET', KEYS[2], request.chain) or '') ~= request.follows then return {'stale'} end

local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local function number(milliseconds) return string.format('%.0f', milliseconds) end

-- Guards look and never change anything; one that fails stops the whole append.
local guards = {}

function guards.claim(effect)
  local state, holder, lease = unpack(redis.call('HMGET', effect.key, 'state', 'holder', 'lease_until_ms'))
  if not state then return 'missing' end
  if state == effect.closed then return 'conflict' end
  if state == effect.claimed and holder ~= effect.actor and tonumber(lease) > now_ms then return 'conflict' end
end

function guards.change(effect)
  local state, holder, fence, lease =
    unpack(redis.call('HMGET', effect.key, 'state', 'holder', 'fence', 'lease_until_ms'))
  if not state then return 'missing' end
  if state ~= effect.claimed or holder ~= effect.actor or fence ~= effect.fence or tonumber(lease) <= now_ms then
    return 'conflict'
  end
end

function guards.present(effect)
  if redis.call('EXISTS', effect.key) == 0 then return 'missing' end
end

local function apply_fields(key, fields)
  for name, value in pairs(fields) do redis.call('HSET', key, name, value) end
end

local apply = {}
local fence = ''

function apply.present() end

function apply.push(effect)
  redis.call('RPUSH', effect.key, effect.value)
  if effect.keep then redis.call('LTRIM', effect.key, -effect.keep, -1) end
  redis.call('EXPIRE', effect.key, effect.ttl_s)
end

function apply.touch(effect)
  redis.call('EXPIRE', effect.key, effect.ttl_s)
end

function apply.event(effect)
  redis.call('XADD', effect.key, 'MAXLEN', '~', effect.keep, '*', 'type', effect.type, 'data', effect.data)
  redis.call('EXPIRE', effect.key, effect.ttl_s)
end

function apply.answer(effect)
  if redis.call('EXISTS', effect.key) == 0 then return end
  redis.call('HSET', effect.key, 'state', 'done', 'sealed', effect.sealed)
end

function apply.ticket(effect)
  if redis.call('EXISTS', effect.key) == 1 then return end
  apply_fields(effect.key, effect.fields)
  redis.call('ZADD', effect.open, effect.score, effect.ticket)
  redis.call('XADD', effect.stream, '*', 'ticket', effect.ticket, 'turn', request.turn)
end

function apply.claim(effect)
  fence = number(redis.call('HINCRBY', effect.key, 'fence', 1))
  redis.call('HSET', effect.key, 'state', effect.claimed, 'holder', effect.actor,
    'lease_until_ms', number(now_ms + effect.lease_ms))
end

function apply.change(effect)
  fence = effect.fence
  apply_fields(effect.key, effect.fields)
end

function apply.shelve(effect)
  redis.call('ZREM', effect.open, effect.ticket)
  redis.call('ZADD', effect.closed, number(now_ms), effect.ticket)
end

for _, effect in ipairs(request.effects) do
  local refusal = guards[effect.act] and guards[effect.act](effect)
  if refusal then return {refusal} end
end

local receipt = request.receipt
receipt.stream_id = redis.call('XADD', KEYS[1], '*', 'record', ARGV[1])
redis.call('HSET', KEYS[2], request.chain, request.head)
for _, effect in ipairs(request.effects) do apply[effect.act](effect) end
receipt.ticket_fence = fence
local encoded = cjson.encode(receipt)
redis.call('SET', KEYS[3], encoded, 'EX', request.keep_s)

if request.phase == 'accepted' and redis.call('EXISTS', KEYS[5]) == 0 then
  redis.call('ZADD', KEYS[4], number(now_ms), request.turn)
elseif KEYS[3] == KEYS[5] then
  redis.call('ZREM', KEYS[4], request.turn)
end
return {'written', encoded}
