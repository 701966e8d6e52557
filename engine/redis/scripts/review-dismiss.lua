--[[
Removes a review, unless it has another due time by now: then a process that knows its rule has set it again.

KEYS  1 reviews (sorted set)
ARGV  1 review member   2 its due time when it was read
Gives 1 when it was removed, else 0.
]]
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) ~= tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
