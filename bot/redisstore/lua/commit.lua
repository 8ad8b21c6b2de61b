-- ARGV: token, job; of a fresh job its lane, made, the ID and the body of the
-- record that it was thought from, otherwise '', 0, '' and ''; then four lists, each
-- after its length: jobs (ten each, as in put.lua), gone IDs, records (eleven each),
-- facts (three each). Returns what putAll does, LOST or CONFLICT. A script is not
-- undone when it fails, so everything that can be refused is looked at before the
-- first write.
local token, done, lane, made = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local all = lists(7, 10, 1, 11, 3)
local jobs, gone, records, facts = all[1], all[2], all[3], all[4]

local job = P..'job:'..done
local j = call('HMGET', job, 'lane', 'made', 'token', 'until')
local fresh = lane ~= ''
if not j[1] and call('HGET', P..'done', done) == token then return {} end -- committed before
if fresh then
  if known(done) or call('HEXISTS', P..'begun', lane) == 1 or call('EXISTS', P..'lane:'..lane) == 1
    or (call('HGET', P..'rec:'..ARGV[5], 'body') or '') ~= ARGV[6] then return 'LOST' end
elseif not j[1] or j[3] ~= token or j[4] == '0' then
  return 'LOST'
else
  lane, made = j[1], j[2]
end

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

if not fresh then
  call('DEL', job)
  call('ZREM', P..'due', done)
  call('ZREM', P..'jobs', done)
  if call('ZREM', P..'asleep', done) == 0 then call('ZREM', P..'ready', done) end
  call('HDEL', P..'begun', lane)
  call('HDEL', P..'tokens', token)
  ready(lane)
end
call('HSET', P..'done', done, token)
call('ZADD', P..'made', made, done)

for _, g in ipairs(gone) do drop(g[1]) end
local was = {}
for i, r in ipairs(records) do was[i] = free(r[1]) end
for i, r in ipairs(records) do write(r, was[i]) end

for _, f in ipairs(facts) do
  if call('HINCRBY', P..'fact:'..f[1], f[2], f[3]) == tonumber(f[3]) then call('ZADD', P..'days', 0, f[1]) end
end
return putAll(jobs)
