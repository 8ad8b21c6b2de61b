-- ARGV: the rest of a hash's name, field, old value, new value.
local hash = P..ARGV[1]
if call('HGET', hash, ARGV[2]) ~= ARGV[3] then return '0' end
call('HSET', hash, ARGV[2], ARGV[4])
return '1'
