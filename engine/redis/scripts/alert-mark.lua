--[[
Records that an alert has been passed on; the time of the first mark is kept. It does not create a deleted alert again.

KEYS  1  alert (hash)
ARGV  1 the mark: queued (in the SIEM queue) or told (webhooks notified), 2 epoch ms
Returns 1 if it was not marked before.
]]
if redis.call('HEXISTS', KEYS[1], 'doc') == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
