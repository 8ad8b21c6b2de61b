-- ARGV: now, done before, first day kept, how many at most of each. Returns how
-- many were removed, then the IDs of the removed records.
local now, doneBefore, day, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local removed = call('ZRANGEBYSCORE', P..'expires', '-inf', '('..now, 'LIMIT', 0, limit)
local done = call('ZRANGEBYSCORE', P..'made', '-inf', '('..doneBefore, 'LIMIT', 0, limit)
local days = call('ZRANGEBYLEX', P..'days', '-', '('..day, 'LIMIT', 0, limit)
look('HLEN', 'done')
for _, d in ipairs(days) do look('HLEN', 'fact:'..d) end
local stood = {}
for _, id in ipairs(removed) do stood[id] = stand(id) end

for _, id in ipairs(removed) do drop(id, stood[id]) end
for _, id in ipairs(done) do
  call('HDEL', P..'done', id)
  call('ZREM', P..'made', id)
end
for _, d in ipairs(days) do
  call('DEL', P..'fact:'..d)
  call('ZREM', P..'days', d)
end
table.insert(removed, 1, tostring(#removed + #done + #days))
return removed
