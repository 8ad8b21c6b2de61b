-- KEYS[1] is the hash of kept values; ARGV: names and values. CONFLICT when a name
-- is known.
for i = 1, #ARGV, 2 do
  if call('HEXISTS', P, ARGV[i]) == 1 then return 'CONFLICT' end
end
for i = 1, #ARGV, 2 do call('HSET', P, ARGV[i], ARGV[i+1]) end
return 'OK'
