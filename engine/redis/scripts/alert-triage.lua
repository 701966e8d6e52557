--[[
Writes a triage change that was decided on a revision (core/alert/triage.ts) if the alert still has that revision: the
alert, its history, the counts of its rule, the entry in the stream of changes and the note for webhooks, in one step.
The engine's own numbers are in other fields and may change meanwhile.

KEYS  1 alert (hash)   2 its history (list)   3 counts of its rule (hash)   4 changes (stream)
      5 closings and reopenings whose webhooks wait (sorted set by time), each as `id turn status verdict`
ARGV  1 revision on which it was decided   2 status   3 assignee, '' none   4 verdict, '' none
      5 entry of the history, JSON   6 maximum entries kept   7 id   8 the old and new values, JSON
      9 maximum changes kept
Returns 1; 0 when the alert has another revision; -1 when there is no such alert.
]]
local call = redis.call
local key = KEYS[1]
local was = call('HMGET', key, 'rule', 'revision', 'status', 'verdict')
if not was[1] then return -1 end
if (was[2] or '0') ~= ARGV[1] then return 0 end
call('HSET', key, 'status', ARGV[2], 'revision', string.format('%d', ARGV[1] + 1))
for name, value in pairs({ assignee = ARGV[3], verdict = ARGV[4] }) do
  if value == '' then call('HDEL', key, name) else call('HSET', key, name, value) end
end
if was[3] ~= ARGV[2] then
  call('HINCRBY', KEYS[3], was[3], -1)
  call('HINCRBY', KEYS[3], ARGV[2], 1)
  local closes = ARGV[2] == 'closed'
  if closes or was[3] == 'closed' then
    -- Closings are odd and reopenings even, also where the closing was made before turns were counted.
    local turn = tonumber(call('HGET', key, 'turns') or '0') + 1
    if closes == (turn % 2 == 0) then turn = turn + 1 end
    call('HSET', key, 'turns', turn)
    local time = call('TIME')
    local entry = ARGV[7] .. ' ' .. turn .. ' ' .. ARGV[2] .. ' ' .. ARGV[4]
    call('ZADD', KEYS[5], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), entry)
  end
end
if was[4] and was[4] ~= ARGV[4] then call('HINCRBY', KEYS[3], was[4], -1) end
if ARGV[4] ~= '' and was[4] ~= ARGV[4] then call('HINCRBY', KEYS[3], ARGV[4], 1) end
call('RPUSH', KEYS[2], ARGV[5])
call('LTRIM', KEYS[2], '-' .. ARGV[6], -1)
call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[9], '*', 'kind', 'triaged', 'alert', ARGV[7], 'triaged', ARGV[8])
return 1
