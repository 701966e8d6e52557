--[[
Asks Redis for a write that changes nothing. Whatever makes it refuse Weir's scripts makes it refuse this one.

KEYS  1  a key that never exists
Gives 0.
]]
return redis.call('SETRANGE', KEYS[1], 0, '')
