-- letter-retry: ingests the event of a dead letter again and deletes the letter, in one step.
--
-- KEYS  1 dead letters   2 stream of packs   3 counters of the shard
-- ARGV  1 id of the letter   2 a pack with only its event
-- returns 1; 0 when the letter is gone: it has already been retried or discarded
--
-- The ledger counts the event as newly accepted: accepted rises by one, and the event stays counted as dead, so that no
-- counter ever falls. `retried` counts how many of the accepted events are such repeats.

if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
local accepted = redis.call('HINCRBY', KEYS[3], 'accepted', 1)
redis.call('HINCRBY', KEYS[3], 'retried', 1)
redis.call('XADD', KEYS[2], '*', 'p', ARGV[2], 'n', 1, 'c', string.format('%.0f', accepted))
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
