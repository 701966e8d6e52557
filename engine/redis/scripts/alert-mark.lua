--[[
Remembers that an alert is in the SIEM queue; the first time stays. A forgotten alert is not begun anew.

KEYS  1  alert (hash)
ARGV  1 epoch ms
Gives 1 if it was not marked before.
]]
if redis.call('HEXISTS', KEYS[1], 'doc') == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'queued', ARGV[1])
