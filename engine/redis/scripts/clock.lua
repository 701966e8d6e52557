-- clock: how far a shard has been processed.
--
-- KEYS  1 stream   ARGV  1 group
-- returns the id of the oldest entry that is unread or pending; if there is none, '<now in ms>-0', or the id after the
-- last entry if the machine's clock was set back before it.
-- The caller handles the error NOGROUP.

local oldest
local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
if pending[1] > 0 then oldest = pending[2] end
local last = '0-0'
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local name, delivered
  for i = 1, #group, 2 do
    if group[i] == 'name' then name = group[i + 1] end
    if group[i] == 'last-delivered-id' then delivered = group[i + 1] end
  end
  if name == ARGV[1] then last = delivered end
end
if not oldest then
  local unread = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', 1)
  if #unread > 0 then oldest = unread[1][1] end
end
if oldest then return oldest end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ms, seq = string.match(last, '^(%d+)-(%d+)$')
if tonumber(ms) >= now then return ms .. '-' .. string.format('%.0f', seq + 1) end
return string.format('%.0f-0', now)
