--[[
Gives alerts a place in the budget of their rule and minute while places are left; counts the alerts that get none.

KEYS  1  ids within the budget (set), 2  ids over it (HyperLogLog)
ARGV  1 places, 2 ms to keep both keys, 3… ids
Returns { number of ids over the budget, how many of them this call added, then for each id: 1 if within, else 0 }.
]]
local places = tonumber(ARGV[1])
local taken = redis.call('SCARD', KEYS[1])
local before = redis.call('PFCOUNT', KEYS[2])
local reply = { before, 0 }
local over = false
for i = 3, #ARGV do
  local within = redis.call('SISMEMBER', KEYS[1], ARGV[i])
  if within == 0 then
    if taken < places then
      redis.call('SADD', KEYS[1], ARGV[i])
      taken = taken + 1
      within = 1
    else
      redis.call('PFADD', KEYS[2], ARGV[i])
      over = true
    end
  end
  reply[i] = within
end
if over then
  reply[1] = redis.call('PFCOUNT', KEYS[2])
  reply[2] = reply[1] - before
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return reply
