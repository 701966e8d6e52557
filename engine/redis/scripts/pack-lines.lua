-- pack-lines: reads single events out of a pack, so that evidence does not send whole packs over the socket.
--
-- KEYS  1   event stream
-- ARGV  1   id of the entry
--       2…  indexes of the events wanted, ascending
-- returns their lines in the requested order, each with the text up to the next line (pack.ts); '' for an event that does
--         not exist; nothing at all when the entry is gone

local entry = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not entry then return {} end
local text = ''
for i = 1, #entry[2], 2 do
  if entry[2][i] == 'p' then text = entry[2][i + 1] end
end

local lines, index, from = {}, -1, 0
for wanted = 2, #ARGV do
  local want = tonumber(ARGV[wanted])
  while from and index < want do
    from = string.find(text, '\n', from + 1, true)
    index = index + 1
  end
  if from then
    local next_from = string.find(text, '\n', from + 1, true)
    lines[wanted - 1] = string.sub(text, from + 1, (next_from or #text + 1) - 1)
  else
    lines[wanted - 1] = ''
  end
end
return lines
