-- append: adds entries to the window logs of one partition and returns the logs that must be evaluated.
--
-- KEYS  1..n-1   window logs (keys.log)
--       n        hash that counts new logs of this minute (keys.newLogs)
-- ARGV  1  profiles, concatenated (log-codec.ts writeProfile)
--       2  runs, one for each log in the order of KEYS: a header (append-encoder.ts), then its entries in order of arrival
-- returns { refused, {key index of a suppressed log that needs a recount, its count, …}, key index, log, key index, log, … }
--
-- A log is one string: a header, written when the log is created and after each evaluation, then the entries, all of the
-- same size, in order of arrival.
--
--    1      tag: 'W', or 'C' when the cap has cut entries that a verdict might have needed
--    2-7    generation: changes whenever the log is rewritten by commit
--    8-13   cut: the log lacks entries before this event time; 0 none
--   14-16   wake: minimum count at which the log is returned; for rules with weight, the minimum weight
--   17-19   tidy: minimum count at which it is returned even if its rule cannot be fulfilled
--   20-25   muted to:   entries between these event times are suppressed and
--   26-31   muted from: only need a recount; 0 none
--   32-35   steps that have not occurred, a bit each: the log is not returned while a bit is set;
--           for rules with weight, the weight gained since the last evaluation
--
-- Times are u48 with an offset (log-codec.ts), so that 0 means none. Numbers are never compared as strings, because Lua
-- compares strings by the locale in which Redis was started.
--
-- A log with few entries costs one command: the answer of APPEND gives the count, and below `least` nothing can be
-- fulfilled. Tried: reading and writing header and log as a whole (GETRANGE + SET, 5 us an entry), and writing in place
-- with spare room of our own (GETRANGE + 2 SETRANGE, 7 us). Which entries are newest, settled or too late is read from
-- the entries at evaluation, so that the header need not change here.
--
-- Redis doubles the memory of a string that is appended to. Most logs never exceed EXACT entries; up to that, a log is
-- rewritten in its exact size: 666 -> 614 bytes a log on average (bench memory), for 1.5 us in its first entries.

local HEADER = {{headerBytes}}
local PROFILE = {{profileBytes}}
local RUN_HEADER = {{runHeaderBytes}}
local TIDY_MIN = {{tidyEntriesMin}}
local NEW_LOGS_KEPT = '{{newLogsKeptMs}}'
-- The offsets of the header's last byte and of its last field, from 0, as text.
local HEADER_LAST, REST = string.format('%d', HEADER - 1), string.format('%d', HEADER - 4)
local EXACT = 8
local ZERO6 = '\0\0\0\0\0\0'
local call, sub, unpack, pack = redis.call, string.sub, struct.unpack, struct.pack
local profiles, runs = ARGV[1], ARGV[2]
local refused, muted, answer = 0, {}, { 0, {} }
local known, opened, opened_before = {}, {}, {}

local function profile_at(index)
  local p = {}
  p.size, p.least, p.need, p.life, p.new_max, p.may_mute, p.name, p.weighs = unpack('>I1I3I4I6I3I1I4I1', profiles, index * PROFILE + 1)
  p.gates = pack('>I3I3', p.least, p.weighs == 1 and TIDY_MIN or math.max(TIDY_MIN, 2 * p.least)) .. ZERO6 .. ZERO6
  p.look = HEADER + (p.need == 0 and p.weighs == 0 and p.least or 1) * p.size
  p.life = string.format('%.0f', p.life)
  p.exact = HEADER + EXACT * p.size
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

local function unsigned(bits)
  if bits < 0 then return bits + 4294967296 end
  return bits
end

local position, key_index, last = 1, 0, #runs
while position < last do
  local profile_index, n, refresh = unpack('>I2I2I1', runs, position)
  local p = known[profile_index] or profile_at(profile_index)
  local added = n * p.size
  local next_at = position + RUN_HEADER + added
  local body = sub(runs, position + RUN_HEADER, next_at - 1)
  local key = KEYS[key_index + 1]
  local length = call('APPEND', key, body)
  local header
  if length == added then
    if may_open(p) then
      local steps, weight = unpack('>I4I4', runs, position + 5)
      local rest = weight
      if p.weighs == 0 then rest = unsigned(bit.band(p.need, bit.bnot(steps))) end
      header = 'W' .. sub(runs, position + 25, position + 30) .. ZERO6 .. p.gates .. pack('>I4', rest)
      call('SET', key, header .. body, 'PX', p.life)
      length = length + HEADER
    else
      call('DEL', key)
      refused = refused + n
      length = 0
    end
  elseif length <= p.exact then
    if refresh == 1 then call('SET', key, call('GET', key), 'PX', p.life) else call('SET', key, call('GET', key), 'KEEPTTL') end
  elseif refresh == 1 then
    call('PEXPIRE', key, p.life)
  end
  if length >= p.look then
    local count = (length - HEADER) / p.size
    local steps, weight, earliest, latest = unpack('>I4I4I6I6', runs, position + 5)
    local begun = header ~= nil
    header = header or call('GETRANGE', key, '0', HEADER_LAST)
    local wake, tidy, muted_to, muted_from, rest = unpack('>I3I3I6I6I4', header, 14)
    local ready
    if p.weighs == 1 then
      if not begun then
        rest = math.min(rest + weight, 4294967295)
        call('SETRANGE', key, REST, pack('>I4', rest))
      end
      ready = rest >= wake
    else
      if not begun and rest ~= 0 then
        local left = unsigned(bit.band(rest, bit.bnot(steps)))
        if left ~= rest then call('SETRANGE', key, REST, pack('>I4', left)) end
        rest = left
      end
      ready = rest == 0 and count >= wake and count >= p.least
    end
    if ready and count < tidy and p.may_mute == 1 and earliest >= muted_from and latest < muted_to then
      muted[#muted + 1] = key_index
      muted[#muted + 1] = count
    elseif ready or count >= tidy then
      answer[#answer + 1] = key_index
      answer[#answer + 1] = call('GET', key)
    end
  end
  position, key_index = next_at, key_index + 1
end

for name, n in pairs(opened) do
  if call('HINCRBY', KEYS[#KEYS], name, n) == n then call('PEXPIRE', KEYS[#KEYS], NEW_LOGS_KEPT) end
end
answer[1], answer[2] = refused, muted
return answer
