--[[
The ledger of one shard: its counters, and the number of unread and pending events, counted from the stream itself. One
step, so that the sum is right at any moment: accepted = processed + dead + unread + pending.

Entries carry n, their number of events, and c, the events accepted up to and including them; so the number of unread
events is a difference, whatever its size. Pending entries are checked one by one, at most ARGV[2] of them.

KEYS  1  stream   2  counters of the shard (hash), same slot
ARGV  1  consumer group   2  maximum pending entries to check
Returns { accepted, processed, dead, pending events, unread entries, pending entries, arrival ms of the oldest entry
that is unread or pending or Redis's time, ms at which the last heartbeat was sent, ms that it took }, as text.
]]
local function field(entry, name)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == name then return tonumber(entry[2][i + 1]) or 0 end
  end
  return 0
end
local function ms(id) return tonumber(string.match(id, '^%d+')) end

local stats = redis.call('HMGET', KEYS[2], 'accepted', 'processed', 'dead', 'heartbeat', 'heartbeat-took')
local delivered, taken, lag = '0-0', 0, nil
if redis.call('EXISTS', KEYS[1]) == 1 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local info = {}
    for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
    if info['name'] == ARGV[1] then
      delivered, taken, lag = info['last-delivered-id'], info['pending'], info['lag']
    end
  end
end

local events, unread, oldest = 0, 0, nil
local first = redis.call('XRANGE', KEYS[1], '(' .. delivered, '+', 'COUNT', 1)[1]
if first then
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  events = field(last, 'c') - field(first, 'c') + field(first, 'n')
  -- Redis before 7 does not report the lag: then this number includes acknowledged entries that are not trimmed yet.
  unread = lag or (redis.call('XLEN', KEYS[1]) - taken)
  oldest = ms(first[1])
end
if taken > 0 then
  for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', ARGV[2])) do
    local entry = redis.call('XRANGE', KEYS[1], pending[1], pending[1])[1]
    if entry then
      events = events + field(entry, 'n')
      oldest = math.min(oldest or math.huge, ms(pending[1]))
    end
  end
end
if not oldest then
  local now = redis.call('TIME')
  oldest = now[1] * 1000 + math.floor(now[2] / 1000)
end
local function text(number) return string.format('%.0f', number) end
return { stats[1] or '0', stats[2] or '0', stats[3] or '0', text(events), text(unread), text(taken), text(oldest),
  stats[4] or '0', stats[5] or '0' }
