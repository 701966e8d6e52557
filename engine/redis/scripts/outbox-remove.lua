--[[
Removes fields from a partition's outbox. If a newer update has replaced an update since it was read, the newer is kept.

KEYS  1  outbox (hash)
ARGV  field, the value as it was read or '' for any, field, value, …
Returns the number of fields removed.
]]
local removed = 0
for i = 1, #ARGV, 2 do
  if ARGV[i + 1] == '' or redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    removed = removed + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return removed
