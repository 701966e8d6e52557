--[[
Deletes an alert with its history, its places and its share of the counts of its rule. An alert that has yet to enter
the SIEM queue is kept.

KEYS  1 alert (hash)   2 its history (list)   3 counts of its rule (hash)   4 closings and reopenings whose webhooks wait   5… indexes (sorted sets)
ARGV  1 place   2 id
Returns its status; nothing when it is kept or does not exist.
]]
local call = redis.call
local was = call('HMGET', KEYS[1], 'status', 'verdict', 'queued', 'shadow', 'turns')
if was[1] and not was[3] and was[4] ~= '1' then return false end
call('ZREM', KEYS[4], ARGV[2])
-- Its turns among the oldest; a worker drops what is left, as soon as it looks for the alert.
for _, turn in ipairs(was[5] and call('ZRANGE', KEYS[4], 0, 99) or {}) do
  if string.sub(turn, 1, #ARGV[2] + 1) == ARGV[2] .. ' ' then call('ZREM', KEYS[4], turn) end
end
for i = 5, #KEYS do call('ZREM', KEYS[i], ARGV[1]) end
if not was[1] then return false end
call('UNLINK', KEYS[1], KEYS[2])
call('HINCRBY', KEYS[3], was[1], -1)
if was[2] then call('HINCRBY', KEYS[3], was[2], -1) end
local left = 0
for _, count in ipairs(call('HMGET', KEYS[3], 'open', 'acknowledged', 'closed')) do left = left + tonumber(count or '0') end
if left == 0 then call('DEL', KEYS[3]) end
return was[1]
