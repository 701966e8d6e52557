--[[
Removes fields from a partition's outbox. An update that has been overwritten by a newer one since it was read stays.

KEYS  1  outbox (hash)
ARGV  field, the value as it was read or '' for any, field, value, …
Gives the number of fields that were removed.
]]
local removed = 0
for i = 1, #ARGV, 2 do
  if ARGV[i + 1] == '' or redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    removed = removed + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return removed
