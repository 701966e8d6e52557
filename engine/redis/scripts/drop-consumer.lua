-- drop-consumer: forgets a consumer that has nothing pending (XGROUP DELCONSUMER drops what is pending without a word).
--
-- KEYS  1 stream   ARGV  1 group   2 consumer
-- returns 1 when it is gone, 0 when it still holds entries

local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if #pending > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
