-- commit: writes all changes of one evaluation in one step: record, log, review, outbox.
--
-- KEYS  1 window log   2 alert record   3 reviews   4 outbox   5 counters of the partition
-- ARGV  1 generation evaluated, 6 bytes    2 entries evaluated       3 record version evaluated, '' none
--       4 new record, '' unchanged         5 life of the record, ms
--       6 entry size                       7 slack (entries, units)  8 muted to, 6 bytes   9 muted from, 6 bytes
--      10 tidied entries, '-' unchanged   11 steps that the log lacks, 4 bytes   12 cut, 6 bytes   13 tag, 1 byte
--      14 life of the log, ms             15 review due, '' none     16 review member
--      17 alerts fired   18 windows muted   19 entries capped   20 1 for a rule with weight
--      21 recount due, '' none
--      22… field, value pairs for the outbox: the alerts, created only; then updates
-- returns 1; or 0 when record or log have changed since: nothing was written, evaluate again
--
-- The record decides (compare and set on its version), because suppression depends on it. The log may have grown
-- meanwhile: entries appended since are kept after the tidied ones, and numbers that were computed without them are
-- counted again. A log of another generation is not written: the worker that rewrote it has evaluated at least as much.
-- If there is also a record, the log is evaluated again: the record is read after the log, so it may already count events
-- that the older log does not flag as counted, and they would count twice. A review is deleted only if nothing was
-- appended since. append.lua describes the header.

local HEADER = {{headerBytes}}
local TIDY_MIN = {{tidyEntriesMin}}
local TIDY_GROWTH_MAX = {{tidyGrowthMax}}
local COUNT_MAX = {{countMax}}
local call, sub = redis.call, string.sub

if ARGV[3] ~= '' then
  local record = call('GET', KEYS[2])
  local version = 0
  if record then version = tonumber(string.match(record, '^%d+')) end
  if version ~= tonumber(ARGV[3]) then return 0 end
end

local current = false
local header = call('GETRANGE', KEYS[1], 0, HEADER - 1)
local same = header ~= '' and sub(header, 2, 7) == ARGV[1]
if ARGV[3] ~= '' and not same then return 0 end
if ARGV[4] ~= '' then call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5]) end
if same then
  local size = tonumber(ARGV[6])
  local count = (call('STRLEN', KEYS[1]) - HEADER) / size
  local judged = tonumber(ARGV[2])
  local kept, total, entries = judged, count, nil
  local generation, tag, cut, rest = sub(header, 2, 7), sub(header, 1, 1), sub(header, 8, 13), sub(header, 32, 35)
  current = count == judged
  if ARGV[10] ~= '-' then
    kept = #ARGV[10] / size
    entries = ARGV[10]
    if count > judged then entries = entries .. call('GETRANGE', KEYS[1], HEADER + judged * size, -1) end
    total = kept + count - judged
    generation = struct.pack('>I6', struct.unpack('>I6', generation) + 1)
    cut, tag = ARGV[12], ARGV[13]
  end
  local slack = tonumber(ARGV[7])
  local wake = kept + slack
  if ARGV[20] == '1' then
    wake = slack
    if current then rest = '\0\0\0\0' end
  elseif current then
    rest = ARGV[11]
  end
  local tidy = math.max(TIDY_MIN, math.min(2 * total, total + TIDY_GROWTH_MAX))
  header = tag .. generation .. cut .. struct.pack('>I3I3', math.min(wake, COUNT_MAX), tidy) .. ARGV[8] .. ARGV[9] .. rest
  if not entries then
    call('SETRANGE', KEYS[1], 0, header)
  elseif total == 0 then
    call('DEL', KEYS[1])
  else
    call('SET', KEYS[1], header .. entries, 'PX', ARGV[14])
  end
end

if not current and ARGV[4] ~= '' and ARGV[21] ~= '' then call('ZADD', KEYS[3], 'LT', ARGV[21], ARGV[16]) end
if ARGV[15] ~= '' then
  if current then
    call('ZADD', KEYS[3], ARGV[15], ARGV[16])
  else
    call('ZADD', KEYS[3], 'LT', ARGV[15], ARGV[16])
  end
elseif current or header == '' then
  call('ZREM', KEYS[3], ARGV[16])
end

local updates_from = 22 + 2 * tonumber(ARGV[17])
for i = 22, updates_from - 2, 2 do call('HSETNX', KEYS[4], ARGV[i], ARGV[i + 1]) end
for i = updates_from, #ARGV, 2 do call('HSET', KEYS[4], ARGV[i], ARGV[i + 1]) end
if ARGV[17] ~= '0' then call('HINCRBY', KEYS[5], 'alerts', ARGV[17]) end
if ARGV[18] ~= '0' then call('HINCRBY', KEYS[5], 'muted', ARGV[18]) end
if ARGV[19] ~= '0' then call('HINCRBY', KEYS[5], 'capped', ARGV[19]) end
return 1
