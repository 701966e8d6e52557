-- settle: acknowledges entries of one shard. Counters and dead letters change only for entries that this very call
-- acknowledged, so that neither a repeat nor a second worker on the same entry counts anything twice.
--
-- KEYS  1 stream   2 counters   3 dead letters   4 attempts at entries that are processed one by one
-- ARGV  1 group   2 maximum dead letters kept
--       then for each entry: id, events processed, events given up, number d of dead letters, and d dead letters as JSON
--       (one letter may be for many events: those of an entry that cannot be read at all)
-- returns how many dead letters were deleted because there were too many
--
-- An entry without events is a heartbeat (runtime/ingest/heartbeat.ts): it is not counted, and shows until when events passed
-- through the stream.

local function beat(id)
  local sent = tonumber(string.match(id, '^%d+'))
  if sent <= tonumber(redis.call('HGET', KEYS[2], 'heartbeat') or 0) then return end
  local time = redis.call('TIME')
  local took = math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - sent)
  redis.call('HSET', KEYS[2], 'heartbeat', string.format('%.0f', sent), 'heartbeat-took', string.format('%.0f', took))
end

local written = 0
local i = 3
while i <= #ARGV do
  local id, processed, dead, letters = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
  if redis.call('XACK', KEYS[1], ARGV[1], id) == 1 then
    if processed == '0' and dead == '0' and letters == 0 then beat(id) end
    if processed ~= '0' then redis.call('HINCRBY', KEYS[2], 'processed', processed) end
    if dead ~= '0' then redis.call('HINCRBY', KEYS[2], 'dead', dead) end
    for d = 1, letters do
      local letter = ARGV[i + 3 + d]
      redis.call('XADD', KEYS[3], '*', 'letter', letter)
      redis.call('HDEL', KEYS[4], id .. ':' .. string.format('%d', cjson.decode(letter).ref.index))
    end
    written = written + letters
  end
  i = i + 4 + letters
end
if written == 0 then return 0 end
return redis.call('XTRIM', KEYS[3], 'MAXLEN', '~', ARGV[2])
