--[[
Takes what a key spent out of the bucket that all processes share, after refilling it by the clock of Redis.

KEYS  1  the bucket (hash: t tokens, at in ms)
ARGV  1 quota, 2 window in ms, 3 spent
Returns the tokens left as text, below 0 when overdrawn. A bucket expires when it would be full again.
]]
local quota, window, spent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 't', 'at')
local tokens = quota
if bucket[1] then
  tokens = math.min(quota, tonumber(bucket[1]) + math.max(0, now - tonumber(bucket[2])) * quota / window)
end
tokens = tokens - spent
redis.call('HSET', KEYS[1], 't', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((quota - tokens) * window / quota) + 1000)
return string.format('%.6f', tokens)
