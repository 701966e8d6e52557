-- compact: rewrites idle window logs in their exact size if Redis reserves more memory than they need.
--
-- KEYS  1..n-1   window logs of one partition (keys.log)
--       n        a key for the temporary copy (keys.scratch)
-- ARGV  1        seconds without an append after which a log counts as idle
-- returns how many were rewritten
--
-- Redis doubles the memory of a string that is appended to, but most logs get no more entries. COPY makes a string of
-- the exact size and keeps the expiry, and neither command writes the log's bytes to the append-only file.

local call = redis.call
local scratch = KEYS[#KEYS]
local idle = tonumber(ARGV[1])
local rewritten = 0
for i = 1, #KEYS - 1 do
  local key = KEYS[i]
  -- This comes first, because reading the length resets the idle time.
  local seconds = call('OBJECT', 'IDLETIME', key)
  if seconds and seconds >= idle then
    local used, length = call('MEMORY', 'USAGE', key), call('STRLEN', key)
    -- 200: the key, its entries in two dictionaries, and the rounding of the allocator.
    if used > 200 + length + length / 8 then
      call('COPY', key, scratch, 'REPLACE')
      call('RENAME', scratch, key)
      rewritten = rewritten + 1
    end
  end
end
return rewritten
