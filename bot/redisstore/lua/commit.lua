-- ARGV: token, job; of a fresh job its lane, made, the ID and the body of the
-- record that it was thought from, otherwise '', 0, '' and ''; forget when the job's
-- ID is not kept, otherwise ''; then four lists, each after its length: jobs (ten each, as in put.lua), gone IDs, records (eleven each),
-- facts (three each). Returns what putAll does, LOST or CONFLICT. A script is not
-- undone when it fails, so everything that can be refused is looked at before the
-- first write.
local token, done, lane, made = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local all = lists(8, 10, 1, 11, 3)
local jobs, gone, records, facts = all[1], all[2], all[3], all[4]

local job, fresh = P..'job:'..done, lane ~= ''
local j = {}
if not fresh then j = call('HMGET', job, 'lane', 'made', 'token', 'until') end
if not j[1] then
  local by = call('HGET', P..'done', done)
  if by == token then return {} end -- committed before
  if not fresh or by or call('EXISTS', job) == 1 or call('HEXISTS', P..'begun', lane) == 1 or call('EXISTS', P..'lane:'..lane) == 1
    or (call('HGET', P..'rec:'..ARGV[5], 'body') or '') ~= ARGV[6] then return 'LOST' end
elseif j[3] ~= token or j[4] == '0' then
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

if not fresh then leave({lane}, {job}, {done}, {token}) end
if ARGV[7] == '' then
  call('HSET', P..'done', done, token)
  call('ZADD', P..'made', made, done)
end

for _, g in ipairs(gone) do drop(g[1]) end
local was = {}
for i, r in ipairs(records) do was[i] = free(r[1]) end
for i, r in ipairs(records) do write(r, was[i]) end

for _, f in ipairs(facts) do
  if call('HINCRBY', P..'fact:'..f[1], f[2], f[3]) == tonumber(f[3]) then call('ZADD', P..'days', 0, f[1]) end
end
return putAll(jobs)
