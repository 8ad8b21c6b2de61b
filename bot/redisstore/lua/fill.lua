-- ARGV: four lists, each after its length: records (eleven each), jobs (eight
-- each, takes last), done jobs (ID, made), facts (day, name, count). CONFLICT when
-- anything of it stands; that is looked at before the first write.
local records, jobs, done, facts = rows(11), rows(8), rows(2), rows(3)
local takes = {}
for _, r in ipairs(records) do
  if stand(r[1]) then return 'CONFLICT' end
  lookLists(r[4], r[6], r[5])
  for key in string.gmatch(r[3], '([^\n]+)') do
    if call('HEXISTS', P..'keys', key) == 1 or takes[key] and takes[key] ~= r[1] then return 'CONFLICT' end
    takes[key] = r[1]
  end
end
local new = unknown(jobs)
for _, j in ipairs(jobs) do
  if not new[j[1]] or j[8] ~= '0' and call('HEXISTS', P..'begun', j[2]) == 1 then return 'CONFLICT' end
end
for _, d in ipairs(done) do
  if known(d[1]) then return 'CONFLICT' end
end
for _, f in ipairs(facts) do
  if call('HEXISTS', P..'fact:'..f[1], f[2]) == 1 then return 'CONFLICT' end
end
look('ZCARD', 'made')
look('ZCARD', 'days')

for _, r in ipairs(records) do write(r) end
for _, j in ipairs(jobs) do put(j[1], j[2], j[3], j[4], j[5], j[6], j[7], j[8]) end
for _, d in ipairs(done) do
  -- No caller draws this token.
  call('HSET', P..'done', d[1], 'filled')
  add('made', d[2], d[1])
end
for _, f in ipairs(facts) do
  call('ZADD', P..'days', 0, f[1])
  call('HSET', P..'fact:'..f[1], f[2], f[3])
end
flush()
return 'OK'
