-- drop-consumer: removes a consumer that has nothing pending (XGROUP DELCONSUMER silently drops pending entries).
--
-- KEYS  1 stream   ARGV  1 group   2 consumer
-- returns 1 if it was removed, 0 if it still holds entries

local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if #pending > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
