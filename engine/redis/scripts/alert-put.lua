--[[
Stores an alert unless it is there. What an update brought earlier than the alert itself stays.

KEYS  1  alert (hash)
ARGV  1 doc, 2 rule id, 3 level, 4 shadow (1 or 0), 5 status, 6 count, 7 first_seen, 8 last_seen
Gives { 1 if it was new, 1 if it has been queued, 1 if webhooks have been told, and the stored doc where it was not
new }: two workers on the same event may each have written the alert, at their own times, and it is found by the first.
]]
local key = KEYS[1]
local new = redis.call('HSETNX', key, 'doc', ARGV[1])
if new == 1 then
  redis.call('HSET', key, 'rule', ARGV[2], 'level', ARGV[3], 'shadow', ARGV[4], 'status', ARGV[5])
  if redis.call('HSETNX', key, 'version', '0') == 1 then
    redis.call('HSET', key, 'count', ARGV[6], 'first_seen', ARGV[7], 'last_seen', ARGV[8])
  else
    redis.call('PERSIST', key)
  end
end
return { new, redis.call('HEXISTS', key, 'queued'), redis.call('HEXISTS', key, 'told'), new == 0 and redis.call('HGET', key, 'doc') }
