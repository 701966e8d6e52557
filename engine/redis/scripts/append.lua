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
-- Times are u48 with an offset (log-codec.ts), so that 0 means none; they are compared as big-endian strings.
--
-- Most logs are small: up to SMALL entries the whole log is read and written by one command each. Larger ones have
-- room for a quarter more than they hold and are written in place (SETRANGE); Redis's own doubling of strings never
-- happens. The room follows from the count alone, here and in commit.lua. What an entry needs judged by itself (too
-- late or not) is told from the run's earliest time first: only then does the script go through the entries.

local HEADER, SMALL = 52, 16
local ZERO6 = '\0\0\0\0\0\0'
local call, sub, unpack, pack = redis.call, string.sub, struct.unpack, struct.pack
local clock, profiles, runs = ARGV[1], ARGV[2], ARGV[3]
local late, refused = 0, 0
local muted, answer = {}, { 0, 0, {} }
local known, opened, opened_before = {}, {}, {}

local function capacity(n)
  if n <= SMALL then return n end
  local c = SMALL
  while c < n do c = c + math.floor(c / 4) end
  return c
end

local function profile_at(index)
  local p = known[index]
  if not p then
    p = {}
    p.size, p.least, p.need, p.keep, p.life, p.new_max, p.may_mute, p.name, p.unit = unpack('>I1I3I4I6I6I3I1I4d', profiles, index * 36 + 1)
    p.gates = pack('>I3I3', p.least, p.unit > 0 and 64 or math.max(64, 2 * p.least)) .. ZERO6
    p.eighth = p.life / 8
    p.need_bits = bit.tobit(p.need)
    known[index] = p
  end
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

-- Entries of a run that are not too late, and what they say of the log.
local function sift(p, at, n, settled, newest, arrival)
  local fresh, in_order, steps, weight = {}, true, 0, 0
  for i = 0, n - 1 do
    local from = at + i * p.size
    local time = sub(runs, from, from + 5)
    if time < settled and unpack('>I6', time) < unpack('>I6', settled) - p.keep then
      late = late + 1
    else
      fresh[#fresh + 1] = sub(runs, from, from + p.size - 1)
      steps = bit.bor(steps, bit.lshift(1, math.floor(string.byte(runs, from + 14) / 8)))
      if p.unit > 0 then weight = weight + math.max(0, math.ceil(unpack('>d', runs, from + 27) / p.unit)) end
      if time < newest then
        in_order = false
      else
        newest, arrival = time, sub(runs, from + 17, from + 24)
      end
    end
  end
  return table.concat(fresh), #fresh, in_order, steps, weight, newest, arrival
end

local position = 1
while position <= #runs do
  local key_index, profile_index, n, run_in_order, run_steps, run_weight = unpack('>I2I2I2I1I4I4', runs, position)
  local earliest, latest, latest_arrival = sub(runs, position + 16, position + 21), sub(runs, position + 22, position + 27), sub(runs, position + 28, position + 35)
  local body_at = position + 36
  local p = profile_at(profile_index)
  local size = p.size
  position = body_at + n * size
  local key = KEYS[key_index + 1]
  local log = call('GETRANGE', key, 0, HEADER + SMALL * size - 1)
  local header, total, steps, in_order, newest
  if log == '' then
    if may_open(p) then
      total, steps, in_order, newest = n, run_steps, run_in_order == 1, latest
      if p.unit > 0 then steps = run_weight end
      header = 'W' .. sub(latest_arrival, 1, 6) .. ZERO6 .. p.gates .. pack('>I4', steps) .. ZERO6 .. latest .. latest_arrival .. pack('>I3', n)
      call('SET', key, header .. sub(runs, body_at, position - 1) .. string.rep('\0', (capacity(n) - n) * size), 'PX', p.life)
    else
      refused = refused + n
    end
  else
    local settled, arrival = sub(log, 30, 35), sub(log, 42, 49)
    newest = sub(log, 36, 41)
    if arrival < clock and newest > settled then settled = newest end
    local before, arrival_before = unpack('>I4', log, 26), arrival
    local count = unpack('>I3', log, 50)
    local body, added, gained, weight
    if earliest < settled then
      body, added, in_order, gained, weight, newest, arrival = sift(p, body_at, n, settled, newest, arrival)
    else
      body, added, in_order, gained, weight = sub(runs, body_at, position - 1), n, run_in_order == 1 and earliest >= newest, run_steps, run_weight
      if latest >= newest then newest, arrival = latest, latest_arrival end
    end
    if added > 0 then
      if p.unit > 0 then
        steps = math.min(before + weight, 4294967295)
      else
        steps = bit.bor(before, gained)
        if steps < 0 then steps = steps + 4294967296 end
      end
      total = count + added
      local changing = pack('>I4', steps) .. settled .. newest .. arrival .. pack('>I3', total)
      header = sub(log, 1, 25) .. changing
      local fresh_life = math.floor(unpack('>I6', arrival_before) / p.eighth) ~= math.floor(unpack('>I6', arrival) / p.eighth)
      if total <= SMALL then
        local all = header .. sub(log, HEADER + 1, HEADER + count * size) .. body
        if fresh_life then call('SET', key, all, 'PX', p.life) else call('SET', key, all, 'KEEPTTL') end
      elseif total > capacity(count) then
        local old = call('GETRANGE', key, HEADER, HEADER + count * size - 1)
        call('SET', key, header .. old .. body .. string.rep('\0', (capacity(total) - total) * size), 'PX', p.life)
      else
        call('SETRANGE', key, HEADER + count * size, body)
        call('SETRANGE', key, 25, changing)
        if fresh_life then call('PEXPIRE', key, p.life) end
      end
    end
  end
  if header then
    local wake, tidy = unpack('>I3I3', header, 14)
    local ready
    if p.unit > 0 then ready = steps >= wake else ready = total >= wake and bit.band(steps, p.need) == p.need_bits end
    if ready and total < tidy and p.may_mute == 1 and in_order and newest < sub(header, 20, 25) then
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
