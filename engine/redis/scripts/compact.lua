-- compact: rewrites window logs that lie idle in their exact size, where Redis keeps more room than they need.
--
-- KEYS  1..n-1   window logs of one partition (keys.log)
--       n        a key for the moment in between (keys.scratch)
-- ARGV  1        seconds without an append after which a log counts as idle
-- returns how many were rewritten
--
-- Redis doubles a string that is appended to, in the hope of more; most logs get no more. COPY makes a string of the
-- exact size and keeps the life time, and neither command carries the log's bytes into the append-only file.

local call = redis.call
local scratch = KEYS[#KEYS]
local idle = tonumber(ARGV[1])
local rewritten = 0
for i = 1, #KEYS - 1 do
  local key = KEYS[i]
  -- First, since to ask for its length is to touch it.
  local seconds = call('OBJECT', 'IDLETIME', key)
  if seconds and seconds >= idle then
    local used, length = call('MEMORY', 'USAGE', key), call('STRLEN', key)
    -- 200: the key, its entries in two dictionaries, and what the allocator rounds up.
    if used > 200 + length + length / 8 then
      call('COPY', key, scratch, 'REPLACE')
      call('RENAME', scratch, key)
      rewritten = rewritten + 1
    end
  end
end
return rewritten
