-- ARGV: token, job, due.
local token, id, due = ARGV[1], ARGV[2], ARGV[3]
local job = P..'job:'..id
local j = call('HMGET', job, 'token', 'until')
if not j[1] or j[1] ~= token or token == '' then return 'LOST' end
if j[2] == '0' then return 'OK' end -- given back before
look('HLEN', 'tokens')
lookJobs()
call('HINCRBY', job, 'tries', 1)
call('HSET', job, 'due', due, 'at', due, 'until', '0')
call('HDEL', P..'tokens', token)
call('ZREM', P..'ready', id)
call('ZADD', P..'asleep', due, id)
call('ZADD', P..'due', due, id)
return 'OK'
