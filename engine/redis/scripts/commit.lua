-- commit: what one evaluation changes, in one step: record, log, review, outbox.
--
-- KEYS  1 window log   2 alert record   3 reviews   4 outbox   5 counters of the partition
-- ARGV  1 generation judged, 6 bytes       2 entries judged          3 record version judged, '' none
--       4 new record, '' unchanged         5 life of the record, ms
--       6 entry size                       7 slack (entries, units)  8 muted to, 6 bytes
--       9 tidied entries, '-' unchanged   10 their steps, 4 bytes   11 cut, 6 bytes   12 tag, 1 byte
--      13 life of the log, ms             14 review due, '' none    15 review member
--      16 alerts fired   17 windows muted   18 entries capped   19 1 for a rule with weight
--      20… field, value pairs for the outbox
-- returns 1; or 0 when the record has moved on: nothing was written, judge again
--
-- The record decides (compare and set on its version), because it is what mutes. The log may have grown meanwhile:
-- what was appended since stays behind the tidied entries. A log of another generation is left alone: whoever
-- rewrote it has judged at least as much. A review is only taken away when nothing came since.

local HEADER = 52

if ARGV[3] ~= '' then
  local record = redis.call('GET', KEYS[2])
  local version = 0
  if record then version = tonumber(string.match(record, '^%d+')) end
  if version ~= tonumber(ARGV[3]) then return 0 end
end
if ARGV[4] ~= '' then redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5]) end

local current = false
local header = redis.call('GETRANGE', KEYS[1], 0, HEADER - 1)
if header ~= '' and string.sub(header, 2, 7) == ARGV[1] then
  local size = tonumber(ARGV[6])
  local count = struct.unpack('>I3', header, 50)
  local judged = tonumber(ARGV[2])
  current = count == judged
  local generation, tag, cut, kept = string.sub(header, 2, 7), string.sub(header, 1, 1), string.sub(header, 8, 13), judged
  local steps, total = string.sub(header, 26, 29), count
  local entries
  if ARGV[9] ~= '-' then
    kept = #ARGV[9] / size
    local since = ''
    if count > judged then since = redis.call('GETRANGE', KEYS[1], HEADER + judged * size, HEADER + count * size - 1) end
    entries = ARGV[9] .. since
    total = kept + count - judged
    generation = struct.pack('>I6', struct.unpack('>I6', generation) + 1)
    if current and ARGV[19] == '0' then steps = ARGV[10] end
    cut, tag = ARGV[11], ARGV[12]
  end
  local wake = math.min(kept + tonumber(ARGV[7]), 16777215)
  if ARGV[19] == '1' then
    wake = math.min(tonumber(ARGV[7]), 16777215)
    if current then steps = '\0\0\0\0' end
  end
  local tidy = math.max(64, math.min(2 * total, total + 1024))
  header = tag .. generation .. cut .. struct.pack('>I3I3', wake, tidy) .. ARGV[8] .. steps .. string.sub(header, 30, 49)
    .. struct.pack('>I3', total)
  if entries then
    if total == 0 then
      redis.call('DEL', KEYS[1])
    else
      local c = total
      if total > 16 then
        c = 16
        while c < total do c = c + math.floor(c / 4) end
      end
      redis.call('SET', KEYS[1], header .. entries .. string.rep('\0', (c - total) * size), 'PX', ARGV[13])
    end
  else
    redis.call('SETRANGE', KEYS[1], 0, header)
  end
end

if ARGV[14] ~= '' then
  if current then
    redis.call('ZADD', KEYS[3], ARGV[14], ARGV[15])
  else
    redis.call('ZADD', KEYS[3], 'LT', ARGV[14], ARGV[15])
  end
elseif current or header == '' then
  redis.call('ZREM', KEYS[3], ARGV[15])
end

for i = 20, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1]) end
if ARGV[16] ~= '0' then redis.call('HINCRBY', KEYS[5], 'alerts', ARGV[16]) end
if ARGV[17] ~= '0' then redis.call('HINCRBY', KEYS[5], 'muted', ARGV[17]) end
if ARGV[18] ~= '0' then redis.call('HINCRBY', KEYS[5], 'capped', ARGV[18]) end
return 1
