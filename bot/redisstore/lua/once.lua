-- KEYS[1] is a hash; ARGV: name, value. Keeps the value unless the name is known, and
-- returns what is kept.
call('HSETNX', P, ARGV[1], ARGV[2])
return call('HGET', P, ARGV[1])
