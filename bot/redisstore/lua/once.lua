-- KEYS[1] is a hash; ARGV: name, value. Keeps the value unless the name is known, and
-- returns what is kept. What is known is only read: a master that takes no writes
-- while it is alone still lets a serve start.
local kept = call('HGET', P, ARGV[1])
if kept then return kept end
call('HSET', P, ARGV[1], ARGV[2])
return ARGV[2]
