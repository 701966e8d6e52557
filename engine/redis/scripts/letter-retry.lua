-- letter-retry: gives the event of a dead letter to ingest again, and takes the letter away, in one step.
--
-- KEYS  1 dead letters   2 stream of packs   3 counters of the shard
-- ARGV  1 id of the letter   2 a pack of its event alone
-- returns 1; 0 when the letter is gone: somebody else has retried or discarded it
--
-- The ledger (G5) takes it for a new acceptance: accepted rises by one, and the death that was counted stays counted,
-- so that no counter ever falls. `retried` says how many of the accepted ones are such repeats.

if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
local accepted = redis.call('HINCRBY', KEYS[3], 'accepted', 1)
redis.call('HINCRBY', KEYS[3], 'retried', 1)
redis.call('XADD', KEYS[2], '*', 'p', ARGV[2], 'n', 1, 'c', string.format('%.0f', accepted))
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
