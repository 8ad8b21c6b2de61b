-- ARGV: token, job, then four lists, each after its length: jobs (ten each, as
-- in put.lua), gone IDs, records (eleven each), facts (three each). Returns what
-- putAll does, LOST or CONFLICT. A script is not undone when it
-- fails, so everything that can be refused is looked at before the first write.
local token, done = ARGV[1], ARGV[2]
local all = lists(3, 10, 1, 11, 3)
local jobs, gone, records, facts = all[1], all[2], all[3], all[4]

local job = P..'job:'..done
local j = call('HMGET', job, 'lane', 'made', 'token', 'until')
if not j[1] then
  if call('HGET', P..'done', done) == token then return {} end -- committed before
  return 'LOST'
end
if j[3] ~= token or j[4] == '0' then return 'LOST' end

-- A record of the change frees all its keys before any is taken.
local freed, takes = {}, {}
for _, g in ipairs(gone) do freed[g[1]] = true end
for _, r in ipairs(records) do freed[r[1]] = true end
for _, r in ipairs(records) do
  for key in string.gmatch(r[3], '([^\n]+)') do
    if takes[key] and takes[key] ~= r[1] then return 'CONFLICT' end
    takes[key] = r[1]
    local owner = call('HGET', P..'keys', key)
    if owner and not freed[owner] then return 'CONFLICT' end
  end
end

call('DEL', job)
call('ZREM', P..'due', done)
call('ZREM', P..'jobs', done)
if call('ZREM', P..'asleep', done) == 0 then call('ZREM', P..'ready', done) end
call('HDEL', P..'begun', j[1])
call('HDEL', P..'tokens', token)
call('HSET', P..'done', done, token)
call('ZADD', P..'made', j[2], done)
ready(j[1])

for _, g in ipairs(gone) do drop(g[1]) end
local was = {}
for i, r in ipairs(records) do was[i] = free(r[1]) end
for i, r in ipairs(records) do write(r, was[i]) end

for _, f in ipairs(facts) do
  if call('HINCRBY', P..'fact:'..f[1], f[2], f[3]) == tonumber(f[3]) then call('ZADD', P..'days', 0, f[1]) end
end
return putAll(jobs)
