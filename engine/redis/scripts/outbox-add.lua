--[[
Adds alerts to a partition's outbox. An alert that is still there is kept: forwarding has not finished with it yet.

KEYS  1  outbox (hash)
ARGV  id, JSON, id, JSON, …
Returns the number of alerts that were new.
]]
local new = 0
for i = 1, #ARGV, 2 do
  new = new + redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
end
return new
