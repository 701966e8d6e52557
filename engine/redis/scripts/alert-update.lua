--[[
Applies an update if it is newer than the one applied. Before the alert itself has come, it is kept for a while.

KEYS  1  alert (hash)
ARGV  1 version, 2 count, 3 first_seen, 4 last_seen, 5 ms to keep it without an alert
Gives 1 if it was applied.
]]
local key = KEYS[1]
local applied = redis.call('HGET', key, 'version')
if applied and tonumber(applied) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', key, 'version', ARGV[1], 'count', ARGV[2], 'first_seen', ARGV[3], 'last_seen', ARGV[4])
if redis.call('HEXISTS', key, 'doc') == 0 then redis.call('PEXPIRE', key, ARGV[5]) end
return 1
