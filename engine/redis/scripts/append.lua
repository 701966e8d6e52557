-- append: puts entries into the window logs of one partition and returns the logs that must be judged.
--
-- KEYS  1..n-1   window logs (keys.log)
--       n        hash that counts new logs of this minute (keys.newLogs)
-- ARGV  1  arrival clock, 8 bytes (ms u48, seq u16)
--       2  profiles, 36 bytes each (log-codec.ts writeProfile)
--       3  runs: 36 bytes each (append-calls.ts), then the entries of that log in order of arrival
-- returns { late, refused, {key index of a muted log that needs a recount, …}, key index, log, key index, log, … }
--
-- A log is one string: a header of 52 bytes, then entries of one size, then perhaps room for the next ones.
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
-- Times are u48 with an offset (log-codec.ts), so that 0 means none. Numbers are compared as numbers: Lua compares
-- strings by the locale that Redis was started in.
--
-- Most logs are small: up to SMALL entries the whole log is read and written by one command each. Larger ones have
-- room for a quarter more than they hold and are written in place (SETRANGE); Redis's own doubling of strings never
-- happens. The room follows from the count alone, here and in commit.lua. What an entry needs judged by itself (too
-- late or not) is told from the run's earliest time first: only then does the script go through the entries.
--
-- Measured per run of one entry, Redis 7.0: GETRANGE 0.7 us (1.1 with numbers instead of text for its bounds: each is
-- printed with %.17g), SET 0.6 us, unpacking and joining 1 us.

local HEADER, SMALL = 52, 16
local ZERO6 = '\0\0\0\0\0\0'
local call, sub, byte, unpack, pack = redis.call, string.sub, string.byte, struct.unpack, struct.pack
local floor, max, min = math.floor, math.max, math.min
local profiles, runs = ARGV[2], ARGV[3]
local clock_ms, clock_seq = unpack('>I6I2', ARGV[1])
local late, refused = 0, 0
local muted, answer = {}, { 0, 0, {} }
local known, opened, opened_before = {}, {}, {}

local function capacity(n)
  if n <= SMALL then return n end
  local c = SMALL
  while c < n do c = c + floor(c / 4) end
  return c
end

local function profile_at(index)
  local p = {}
  p.size, p.least, p.need, p.keep, p.life, p.new_max, p.may_mute, p.name, p.unit = unpack('>I1I3I4I6I6I3I1I4d', profiles, index * 36 + 1)
  p.gates = pack('>I3I3', p.least, p.unit > 0 and 64 or max(64, 2 * p.least)) .. ZERO6
  p.need_bits = bit.tobit(p.need)
  p.counts_only = p.need == 0 and p.unit == 0
  p.life = string.format('%.0f', p.life)
  p.small_end = tostring(HEADER + SMALL * p.size - 1)
  known[index] = p
  return p
end

-- True when the rule may open one more log this minute.
local function may_open(p)
  local before = opened_before[p.name]
  if not before then
    before = tonumber(call('HGET', KEYS[#KEYS], p.name) or 0)
    opened_before[p.name] = before
  end
  local n = (opened[p.name] or 0) + 1
  if before + n > p.new_max then return false end
  opened[p.name] = n
  return true
end

-- The entries of a run that are not too late, and what they change: text, number, in order, steps, weight, newest, its text.
local function sift(p, at, n, settled, newest, newest_text)
  local fresh, in_order, steps, weight = {}, true, 0, 0
  for i = 0, n - 1 do
    local from = at + i * p.size
    local time = unpack('>I6', runs, from)
    if time < settled - p.keep then
      late = late + 1
    else
      fresh[#fresh + 1] = sub(runs, from, from + p.size - 1)
      steps = bit.bor(steps, bit.lshift(1, floor(byte(runs, from + 14) / 8)))
      if p.unit > 0 then weight = weight + max(0, math.ceil(unpack('>d', runs, from + 27) / p.unit)) end
      if time < newest then
        in_order = false
      else
        newest, newest_text = time, sub(runs, from, from + 5) .. sub(runs, from + 17, from + 24)
      end
    end
  end
  return table.concat(fresh), #fresh, in_order, steps, weight, newest, newest_text
end

local position = 1
while position <= #runs do
  local key_index, profile_index, n, run_in_order, run_steps, run_weight, _, earliest, latest =
    unpack('>I2I2I2I1I4I4I1I6I6', runs, position)
  local latest_text = sub(runs, position + 22, position + 35)
  local body_at = position + 36
  local p = known[profile_index] or profile_at(profile_index)
  local size = p.size
  position = body_at + n * size
  local key = KEYS[key_index + 1]
  local log = call('GETRANGE', key, '0', p.small_end)
  local wake, tidy, total, steps, in_order, newest
  if log == '' then
    if may_open(p) then
      total, steps, in_order, newest = n, run_steps, run_in_order == 1, latest
      if p.unit > 0 then steps = run_weight end
      local header = 'W' .. sub(latest_text, 7, 12) .. ZERO6 .. p.gates .. pack('>I4', steps) .. ZERO6 .. latest_text .. pack('>I3', n)
      local room = capacity(n) - n
      call('SET', key, header .. sub(runs, body_at, position - 1) .. string.rep('\0', room * size), 'PX', p.life)
      wake, tidy = unpack('>I3I3', p.gates)
    else
      refused = refused + n
    end
  else
    local settled, arrival_ms, arrival_seq, count, before
    wake, tidy = unpack('>I3I3', log, 14)
    before, settled, newest, arrival_ms, arrival_seq, count = unpack('>I4I6I6I6I2I3', log, 26)
    local settled_text, newest_text = sub(log, 30, 35), sub(log, 36, 49)
    if newest > settled and (arrival_ms < clock_ms or (arrival_ms == clock_ms and arrival_seq < clock_seq)) then
      settled, settled_text = newest, sub(log, 36, 41)
    end
    local body, added, gained, weight
    if earliest < settled - p.keep then
      body, added, in_order, gained, weight, newest, newest_text = sift(p, body_at, n, settled, newest, newest_text)
    else
      body, added, in_order, gained, weight = sub(runs, body_at, position - 1), n, run_in_order == 1 and earliest >= newest, run_steps, run_weight
      if latest >= newest then newest, newest_text = latest, latest_text end
    end
    if added > 0 then
      total = count + added
      local steps_text
      if p.counts_only then
        steps, steps_text = before, sub(log, 26, 29)
      else
        if p.unit > 0 then steps = min(before + weight, 4294967295) else steps = bit.bor(before, gained) end
        if steps < 0 then steps = steps + 4294967296 end
        steps_text = pack('>I4', steps)
      end
      local changing = steps_text .. settled_text .. newest_text .. pack('>I3', total)
      -- Once a minute of arrival, the log's life begins anew: the upper 32 of the 48 bits are 65 s each.
      local fresh_life = sub(newest_text, 7, 10) ~= sub(log, 42, 45)
      if total <= SMALL then
        local all = sub(log, 1, 25) .. changing .. sub(log, HEADER + 1, HEADER + count * size) .. body
        if fresh_life then call('SET', key, all, 'PX', p.life) else call('SET', key, all, 'KEEPTTL') end
      elseif total > capacity(count) then
        local old = call('GETRANGE', key, HEADER, HEADER + count * size - 1)
        local room = capacity(total) - total
        call('SET', key, sub(log, 1, 25) .. changing .. old .. body .. string.rep('\0', room * size), 'PX', p.life)
      else
        call('SETRANGE', key, HEADER + count * size, body)
        call('SETRANGE', key, '25', changing)
        if fresh_life then call('PEXPIRE', key, p.life) end
      end
    end
  end
  if total then
    local ready
    if p.unit > 0 then ready = steps >= wake else ready = total >= wake and bit.band(steps, p.need) == p.need_bits end
    if ready and total < tidy and p.may_mute == 1 and in_order and log ~= '' and newest < unpack('>I6', log, 20) then
      muted[#muted + 1] = key_index
    elseif ready or total >= tidy then
      answer[#answer + 1] = key_index
      answer[#answer + 1] = call('GET', key)
    end
  end
end

for name, n in pairs(opened) do
  if call('HINCRBY', KEYS[#KEYS], name, n) == n then call('PEXPIRE', KEYS[#KEYS], 180000) end
end
answer[1], answer[2], answer[3] = late, refused, muted
return answer
