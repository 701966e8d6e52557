--[[
Stores an alert unless it exists: the alert, its places in the indexes, the counts of its rule and the entry in the
stream of changes, in one step. The values of an update that came before the alert itself are kept. A repeat changes
nothing.

KEYS  1 alert (hash)   2 counts of its rule (hash)   3 changes (stream)   4… indexes (sorted sets)
ARGV  1 doc   2 events   3 rule id   4 level   5 shadow (1 or 0)   6 status   7 count   8 first_seen   9 last_seen
      10 id   11 place   12 most changes kept
Returns { 1 if it was new, 1 if it has been queued, 1 if webhooks have been notified }.
]]
local call = redis.call
local key = KEYS[1]
local new = call('HSETNX', key, 'doc', ARGV[1])
if new == 1 then
  call('HSET', key, 'events', ARGV[2], 'rule', ARGV[3], 'level', ARGV[4], 'shadow', ARGV[5], 'status', ARGV[6])
  if call('HSETNX', key, 'version', '0') == 1 then
    call('HSET', key, 'count', ARGV[7], 'first_seen', ARGV[8], 'last_seen', ARGV[9])
  else
    call('PERSIST', key)
  end
  for i = 4, #KEYS do call('ZADD', KEYS[i], 0, ARGV[11]) end
  call('HINCRBY', KEYS[2], ARGV[6], 1)
  call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[12], '*', 'kind', 'created', 'alert', ARGV[10])
end
return { new, call('HEXISTS', key, 'queued'), call('HEXISTS', key, 'told') }
