-- append: puts entries into the window logs of one partition and returns the logs that must be judged.
--
-- KEYS  1..n-1   window logs (keys.log), each once
--       n        hash that counts new logs of this minute (keys.newLogs)
-- ARGV  1  arrival clock, 8 bytes (ms u48, seq u16)
--       2  profiles, 36 bytes each (log-codec.ts encodeProfile)
--       3  runs: key u16, profile u16, entries u16, then the entries of that key in order of arrival
-- returns { late, refused, {key index of a muted log that needs a recount, …}, key index, log, key index, log, … }
--
-- A log is one string: a header of 52 bytes, then entries of one size, then room for the next ones. Room grows by a
-- quarter, so that an append writes in place (SETRANGE) and Redis's own doubling of strings never happens; the
-- capacity follows from the count alone (capacity below and in commit.lua).
--
--    1      tag: 'W', or 'C' when the cap has cut entries that a verdict might have needed
--    2-7    generation: changes whenever the log is rewritten by commit
--    8-13   cut: the log lacks entries before this event time; 0 none
--   14-16   wake: count from which on the log is returned; for rules with weight, the weight
--   17-19   tidy: count from which on it is returned even if its rule cannot be fulfilled
--   20-25   muted to: in-order entries before this event time only need a recount; 0 none
--   26-29   steps seen, a bit each; or weight    \
--   30-35   settled: newest event time among     |  what an append changes,
--           entries that came before the clock   |  written in one piece
--   36-41   newest event time                    |
--   42-49   arrival of the newest                |
--   50-52   count of entries                     /
--
-- Times are u48 with an offset (log-codec.ts), so that 0 means none.
-- The arithmetic is on big-endian strings where an order is all that is asked: they compare as the numbers do.

local HEADER = 52
local ZERO6 = '\0\0\0\0\0\0'
local clock = ARGV[1]
local profiles = ARGV[2]
local runs = ARGV[3]
local late, refused = 0, 0
local muted, answer = {}, { 0, 0, {} }

local function capacity(n)
  local c = 1
  while c < n do c = c + math.max(1, math.floor(c / 4)) end
  return c
end

local position = 1
while position <= #runs do
  local key_index, profile_index, entries = struct.unpack('>I2I2I2', runs, position)
  position = position + 6
  local key = KEYS[key_index + 1]
  local size, least, need, keep, life, new_max, may_mute, name, unit =
    struct.unpack('>I1I3I4I6I6I3I1I4d', profiles, profile_index * 36 + 1)
  local header = redis.call('GETRANGE', key, 0, HEADER - 1)
  local open = true
  local count, steps, settled, newest, newest_arrival = 0, 0, ZERO6, ZERO6, ''
  if header == '' then
    local opened = redis.call('HINCRBY', KEYS[#KEYS], name, 1)
    if opened == 1 then redis.call('PEXPIRE', KEYS[#KEYS], 180000) end
    if opened > new_max then
      open = false
      refused = refused + entries
    end
  else
    steps = struct.unpack('>I4', header, 26)
    settled = string.sub(header, 30, 35)
    newest = string.sub(header, 36, 41)
    newest_arrival = string.sub(header, 42, 49)
    count = struct.unpack('>I3', header, 50)
  end
  if open then
    local fresh, in_order = {}, true
    local arrival_before = newest_arrival
    for i = 1, entries do
      local at = position + (i - 1) * size
      local time = string.sub(runs, at, at + 5)
      if newest_arrival ~= '' and newest_arrival < clock and newest > settled then settled = newest end
      local too_late = false
      if time < settled and settled ~= ZERO6 then
        too_late = struct.unpack('>I6', time) < struct.unpack('>I6', settled) - keep
      end
      if too_late then
        late = late + 1
      else
        fresh[#fresh + 1] = string.sub(runs, at, at + size - 1)
        if unit > 0 then
          local value = struct.unpack('>d', runs, at + 27)
          if value > 0 then steps = math.min(steps + math.ceil(value / unit), 4294967295) end
        end
        if need ~= 0 then steps = bit.bor(steps, bit.lshift(1, math.floor(string.byte(runs, at + 14) / 8))) end
        if time < newest then
          in_order = false
        else
          newest = time
          newest_arrival = string.sub(runs, at + 17, at + 24)
        end
      end
    end
    local added = #fresh
    if added > 0 then
      if steps < 0 then steps = steps + 4294967296 end
      local total = count + added
      local changing = struct.pack('>I4', steps) .. settled .. newest .. newest_arrival .. struct.pack('>I3', total)
      local body = table.concat(fresh)
      if header == '' then
        header = 'W' .. string.sub(newest_arrival, 1, 6) .. ZERO6 .. struct.pack('>I3I3', least, unit > 0 and 64 or math.max(64, 2 * least)) .. ZERO6 .. changing
        local room = capacity(total) - total
        redis.call('SET', key, header .. body .. string.rep('\0', room * size), 'PX', life)
      else
        header = string.sub(header, 1, 25) .. changing
        if total > capacity(count) then
          local before = redis.call('GETRANGE', key, HEADER, HEADER + count * size - 1)
          local room = capacity(total) - total
          redis.call('SET', key, header .. before .. body .. string.rep('\0', room * size), 'PX', life)
        else
          redis.call('SETRANGE', key, HEADER + count * size, body)
          redis.call('SETRANGE', key, 25, changing)
          local eighth = life / 8
          if math.floor(struct.unpack('>I6', arrival_before) / eighth) ~= math.floor(struct.unpack('>I6', newest_arrival) / eighth) then
            redis.call('PEXPIRE', key, life)
          end
        end
      end
      local wake, tidy = struct.unpack('>I3I3', header, 14)
      local ready
      if unit > 0 then ready = steps >= wake else ready = total >= wake and bit.band(steps, need) == bit.tobit(need) end
      if ready and total < tidy and may_mute == 1 and in_order and newest < string.sub(header, 20, 25) then
        muted[#muted + 1] = key_index
      elseif ready or total >= tidy then
        answer[#answer + 1] = key_index
        answer[#answer + 1] = redis.call('GET', key)
      end
    end
  end
  position = position + entries * size
end

answer[1], answer[2], answer[3] = late, refused, muted
return answer
