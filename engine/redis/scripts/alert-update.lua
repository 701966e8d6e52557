--[[
Applies an update if it is newer than the last one applied. An update that comes before the alert itself is kept for a
while. In the stream of changes, an alert's newest update replaces the one before.

KEYS  1 alert (hash)   2 changes (stream)
ARGV  1 version   2 count   3 first_seen   4 last_seen   5 ms to keep it without an alert   6 id   7 maximum changes kept
Returns 1 if it was applied.
]]
local call = redis.call
local key = KEYS[1]
local was = call('HMGET', key, 'version', 'count', 'first_seen', 'last_seen', 'counted', 'rule')
if was[1] and tonumber(was[1]) >= tonumber(ARGV[1]) then return 0 end
call('HSET', key, 'version', ARGV[1], 'count', ARGV[2], 'first_seen', ARGV[3], 'last_seen', ARGV[4])
if not was[6] then
  call('PEXPIRE', key, ARGV[5])
elseif was[2] ~= ARGV[2] or was[3] ~= ARGV[3] or was[4] ~= ARGV[4] then
  if was[5] then call('XDEL', KEYS[2], was[5]) end
  local entry = call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], '*', 'kind', 'counted', 'alert', ARGV[6])
  call('HSET', key, 'counted', entry)
end
return 1
