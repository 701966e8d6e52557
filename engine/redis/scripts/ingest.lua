-- Adds one pack of events to a shard, and counts them as accepted, in one step.
--
-- KEYS[1]  stream of packs of this shard
-- KEYS[2]  counters of this shard, same slot
-- ARGV[1]  the pack's text
-- ARGV[2]  events in it
--
-- Entry: p = the pack, n = events in it, c = events this shard accepted up to and with it.
-- Returns the entry's id. An error (OOM, wrong type) leaves nothing counted.

local accepted = redis.call('HINCRBY', KEYS[2], 'accepted', ARGV[2])
local added = redis.pcall('XADD', KEYS[1], '*', 'p', ARGV[1], 'n', ARGV[2], 'c', string.format('%.0f', accepted))
if type(added) == 'table' and added.err then
  redis.call('HINCRBY', KEYS[2], 'accepted', '-' .. ARGV[2])
end
return added
