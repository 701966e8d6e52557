-- trim: deletes entries that every group has read and acknowledged and that are old enough.
--
-- KEYS  1 stream   ARGV  1 id before which entries are old enough   2 the workers' group
-- returns the number of entries deleted; an error NOGROUP when the workers' group does not exist: then nothing was read
--
-- Never deletes an unread or pending entry of any group: the bound is the lowest of the given id, of each group's oldest
-- pending entry, and of the first entry that a group has not read.

local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local function lower(a, b)
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  if ams < bms or (ams == bms and aseq < bseq) then return a end
  return b
end

local bound, known = ARGV[1], false
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local name, delivered
  for i = 1, #group, 2 do
    if group[i] == 'name' then name = group[i + 1] end
    if group[i] == 'last-delivered-id' then delivered = group[i + 1] end
  end
  known = known or name == ARGV[2]
  local pending = redis.call('XPENDING', KEYS[1], name)
  if pending[1] > 0 then bound = lower(bound, pending[2]) end
  local unread = redis.call('XRANGE', KEYS[1], '(' .. delivered, '+', 'COUNT', 1)
  if #unread > 0 then bound = lower(bound, unread[1][1]) end
end
if not known then return redis.error_reply('NOGROUP the workers have no group on this stream') end
return redis.call('XTRIM', KEYS[1], 'MINID', '~', bound)
