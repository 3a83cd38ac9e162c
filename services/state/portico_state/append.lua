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
  if state == effect.ended then return 'conflict' end
  local held = state == effect.claimed and holder ~= effect.actor and tonumber(lease) > now_ms
  if held and not effect.take_over then return 'conflict' end
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

function guards.resend(effect)
  local state = redis.call('HGET', effect.key, 'state')
  if not state then return 'missing' end
  if state ~= 'dead' then return 'conflict' end
end

local function apply_fields(key, fields)
  for name, value in pairs(fields) do redis.call('HSET', key, name, value) end
end

-- The inbox lists each ticket where people look for it: everybody's list, its pool's, its holder's. The names are made
-- here, because only here it is known which ticket a message joins; the tenant's hash tag keeps them in one slot.
local function unplace(names, ticket)
  local pool, holder = unpack(redis.call('HMGET', names.ticket .. ticket, 'pool', 'holder_key'))
  redis.call('ZREM', names.inbox, ticket)
  if pool and pool ~= '' then redis.call('ZREM', names.pool .. pool, ticket) end
  if holder and holder ~= '' then redis.call('ZREM', names.holder .. holder, ticket) end
end

local function place(names, ticket)
  local score, pool, holder, head, closed =
    unpack(redis.call('HMGET', names.ticket .. ticket, 'score', 'pool', 'holder_key', 'folded_into', 'closed_at'))
  if closed or not score then return end
  if holder and holder ~= '' then redis.call('ZADD', names.holder .. holder, score, ticket) end
  if head then return end
  redis.call('ZADD', names.inbox, score, ticket)
  if pool and pool ~= '' then redis.call('ZADD', names.pool .. pool, score, ticket) end
end

-- Put a routine ticket under the one that already waits for this patient. A patient who writes again after a reply
-- starts that ticket's next-reply clock. False where nothing waits: the ticket stands for itself.
local function fold(effect)
  local names, fields = effect.names, effect.fields
  local head = redis.call('GET', names.head .. fields.patient)
  local state, conversation, replied, waiting
  if head then
    state, conversation, replied, waiting =
      unpack(redis.call('HMGET', names.ticket .. head, 'closed_at', 'conversation', 'replied_at', 'next_reply_by'))
  end
  if not head or state or not conversation then
    redis.call('SET', names.head .. fields.patient, effect.ticket)
    return false
  end
  redis.call('HSET', effect.key, 'folded_into', head)
  redis.call('ZADD', names.folded .. head, effect.score, effect.ticket)
  redis.call('HINCRBY', names.ticket .. head, 'folded', 1)
  if conversation == fields.conversation and replied and (waiting or '') == '' then
    redis.call('HSET', names.ticket .. head, 'next_reply_by', fields.reply_by, 'score', effect.score)
    place(names, head)
  end
  return true
end

local apply = {}
local fence = ''

function apply.present() end

function apply.push(effect)
  redis.call('RPUSH', effect.key, effect.value)
  if effect.keep then redis.call('LTRIM', effect.key, -effect.keep, -1) end
  if effect.ttl_s then redis.call('EXPIRE', effect.key, effect.ttl_s) end
end

function apply.touch(effect)
  redis.call('EXPIRE', effect.key, effect.ttl_s)
end

function apply.event(effect)
  redis.call('XADD', effect.key, 'MAXLEN', '~', effect.keep, '*', 'type', effect.type, 'data', effect.data)
  redis.call('EXPIRE', effect.key, effect.ttl_s)
end

function apply.answer(effect)
  -- A record that lands late must not overwrite the answer of the turn that took its place.
  if redis.call('HGET', effect.key, 'turn') ~= request.turn then return end
  redis.call('HSET', effect.key, 'state', 'done', 'sealed', effect.sealed)
end

function apply.ticket(effect)
  if redis.call('EXISTS', effect.key) == 1 then return end
  apply_fields(effect.key, effect.fields)
  redis.call('ZADD', effect.open, effect.score, effect.ticket)
  redis.call('XADD', effect.stream, '*', 'ticket', effect.ticket, 'turn', request.turn)
  if effect.names and not (effect.fold and fold(effect)) then place(effect.names, effect.ticket) end
end

function apply.claim(effect)
  unplace(effect.names, effect.ticket)
  fence = number(redis.call('HINCRBY', effect.key, 'fence', 1))
  redis.call('HSET', effect.key, 'state', effect.claimed, 'holder', effect.actor, 'holder_key', effect.holder_key,
    'lease_until_ms', number(now_ms + effect.lease_ms))
  place(effect.names, effect.ticket)
end

function apply.change(effect)
  fence = effect.fence
  unplace(effect.names, effect.ticket)
  apply_fields(effect.key, effect.fields)
  place(effect.names, effect.ticket)
end

-- Tell the patient's page of every message that joined this ticket in the same conversation.
function apply.tell(effect)
  local conversation = redis.call('HGET', effect.names.ticket .. effect.ticket, 'conversation')
  for _, ticket in ipairs(redis.call('ZRANGE', effect.names.folded .. effect.ticket, 0, -1)) do
    if redis.call('HGET', effect.names.ticket .. ticket, 'conversation') == conversation then
      local data = cjson.encode({escalation_id = ticket, state = effect.state})
      redis.call('XADD', effect.key, 'MAXLEN', '~', effect.keep, '*', 'type', 'escalation', 'data', data)
    end
  end
end

local function shelve_one(effect, ticket)
  redis.call('ZREM', effect.open, ticket)
  redis.call('ZADD', effect.closed, number(now_ms), ticket)
end

-- Close what joined this ticket in the same conversation. Of other conversations of the patient the first takes its
-- place in the inbox, is announced again, and the others join that one: nobody has answered them.
function apply.shelve(effect)
  local names, fields = effect.names, effect.fields
  shelve_one(effect, effect.ticket)
  local patient, conversation, head = unpack(
    redis.call('HMGET', names.ticket .. effect.ticket, 'patient', 'conversation', 'folded_into'))
  if head then
    redis.call('ZREM', names.folded .. head, effect.ticket)
    redis.call('HINCRBY', names.ticket .. head, 'folded', -1)
  end
  local heir, left = nil, 0
  for _, ticket in ipairs(redis.call('ZRANGE', names.folded .. effect.ticket, 0, -1)) do
    local key = names.ticket .. ticket
    unplace(names, ticket)
    if redis.call('HGET', key, 'conversation') == conversation then
      apply_fields(key, fields)
      shelve_one(effect, ticket)
    elseif not heir then
      heir = ticket
      redis.call('HDEL', key, 'folded_into')
      redis.call('XADD', effect.stream, '*', 'ticket', ticket, 'turn', redis.call('HGET', key, 'turn'))
    else
      left = left + 1
      redis.call('HSET', key, 'folded_into', heir)
      redis.call('ZADD', names.folded .. heir, redis.call('HGET', key, 'score'), ticket)
    end
    place(names, ticket)
  end
  redis.call('DEL', names.folded .. effect.ticket)
  if heir then
    redis.call('HSET', names.ticket .. heir, 'folded', left)
    redis.call('SET', names.head .. patient, heir)
  elseif redis.call('GET', names.head .. patient) == effect.ticket then
    redis.call('DEL', names.head .. patient)
  end
end

function apply.resend(effect)
  redis.call('HSET', effect.key, 'state', 'waiting', 'attempts', 0)
  redis.call('ZREM', effect.dead, effect.delivery)
  redis.call('ZADD', effect.due, number(now_ms), effect.delivery)
end

function apply.set(effect)
  if effect.value == '' then redis.call('HDEL', effect.key, effect.field)
  else redis.call('HSET', effect.key, effect.field, effect.value) end
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
