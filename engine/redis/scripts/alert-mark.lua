--[[
Remembers that an alert has been handed on; the first time stays. A forgotten alert is not begun anew.

KEYS  1  alert (hash)
ARGV  1 to whom: queued (the SIEM queue) or told (webhooks), 2 epoch ms
Gives 1 if it was not marked before.
]]
if redis.call('HEXISTS', KEYS[1], 'doc') == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
