-- What the verbs share. KEYS[1] is "tsunagu:{city}:", the beginning of every key
-- of a city; the braces put them all in one slot of a cluster. Times are
-- microseconds since 1970, 0 for none; numbers stay strings, because Lua would
-- write them in another form.
--
--   job:ID     hash  a job that is not done
--   lane:LANE  zset  jobs of a lane that wait and were never taken, by the order of Put
--   begun      hash  lane -> the one job of it that was taken and is not done
--   ready      zset  jobs that are first in their lane, by the order of Put
--   asleep     zset  by time: timers, and begun jobs that are leased or retried
--   due        zset  all jobs that are not done, by due
--   tokens     hash  token -> the job it took
--   jobs       zset  all jobs that are not done, by the order of Put
--   done, made hash, zset  done IDs: who committed them, and when they were made
--   rec:ID     hash  a record;  ids zset  their IDs;  keys hash  key -> ID
--   expires    zset  records by when they expire
--   cases:…    zset  one for each way to list cases: members "touched,ID"
--   fact:DAY   hash  counters of a day;  days zset  the days
local P = KEYS[1]
local call = redis.call

-- look sees to the type of a key, once in a script. A script is not undone when it fails:
-- what it is going to write it looks at before it writes anything. A server that has no
-- memory or no disk, or has become a replica, refuses a script's first write already.
local seen = {}

local function look(length, key)
  if not seen[key] then seen[key] = call(length, P..key) end
  return seen[key]
end

local function lookJobs()
  look('ZCARD', 'due')
  look('ZCARD', 'jobs')
  look('ZCARD', 'asleep')
  look('ZCARD', 'ready')
  look('HLEN', 'begun')
end

-- add puts a member into a sorted set, and count adds to a counter of a day: when
-- flush does, one command for many. Who takes out of such a set flushes first, and who
-- puts something in has looked at it.
local added, counted = {}, {}

local function flush()
  for set, members in pairs(added) do call('ZADD', P..set, unpack(members)) end
  for day, names in pairs(counted) do
    for name, n in pairs(names) do
      if call('HINCRBY', P..'fact:'..day, name, n) == n then call('ZADD', P..'days', 0, day) end
    end
  end
  added, counted = {}, {}
end

local function add(set, score, member)
  local members = added[set] or {}
  added[set] = members
  members[#members+1] = score
  members[#members+1] = member
  if #members >= 1000 then flush() end -- a call takes some thousand
end

local function count(day, name, n)
  local names = counted[day] or {}
  counted[day] = names
  names[name] = (names[name] or 0) + n
end

-- ready makes the first job of a lane ready that has no begun one. At most one
-- other was ready: it is now the second.
local function ready(lane)
  local first = call('ZRANGE', P..'lane:'..lane, 0, 1, 'WITHSCORES')
  if first[1] then call('ZADD', P..'ready', first[2], first[1]) end
  if first[3] then call('ZREM', P..'ready', first[3]) end
end

local function settle(lane)
  if call('HEXISTS', P..'begun', lane) == 0 then ready(lane) end
end

local function known(id)
  return call('HEXISTS', P..'done', id) == 1 or call('HLEN', P..'job:'..id) > 0
end

-- waits says whether jobs wait in a lane, or came into it in this script.
local function waits(lane) return look('ZCARD', 'lane:'..lane) > 0 end

-- unknown looks at what putting jobs writes; it returns which of their IDs are not known.
local function unknown(jobs)
  local new = {}
  if #jobs == 0 then return new end
  look('STRLEN', 'seq')
  lookJobs()
  for _, v in ipairs(jobs) do
    waits(v[2])
    new[v[1]] = not known(v[1])
  end
  return new
end

-- put adds a job that is not known; begun ones, from another store, hold their
-- lane from the start. With a token it is leased until then, if nothing stands
-- before it, and put says so.
local function put(id, lane, kind, due, tries, made, body, takes, token, till)
  local job = P..'job:'..id
  local seq = call('INCR', P..'seq')
  local begun, at = '0', due
  local held = token and token ~= '' and tonumber(due) <= tonumber(made)
    and not waits(lane) and call('HSETNX', P..'begun', lane, id) == 1
  if held then
    takes, at = '1', till
  else
    token, till = '', '0'
  end
  if takes ~= '0' then begun = '1' end
  call('HSET', job, 'seq', seq, 'lane', lane, 'kind', kind, 'due', due, 'tries', tries, 'takes', takes, 'made', made,
    'body', body, 'at', at, 'begun', begun, 'token', token, 'until', till)
  add('due', due, id)
  add('jobs', seq, id)
  if begun == '1' then
    if not held then call('HSET', P..'begun', lane, id) end
    add('asleep', at, id)
  elseif tonumber(due) > tonumber(made) then
    add('asleep', due, id)
  else
    call('ZADD', P..'lane:'..lane, seq, id)
    seen['lane:'..lane] = 1
    settle(lane)
  end
  return held
end

-- listed says whether a record of that state stands in the lists of cases.
local function listed(state) return state ~= '' and state ~= 'closed' end

local function lookLists(state, owner, field)
  if not listed(state) then return end
  for _, list in ipairs({'open', 'unclaimed', 'due', 'owner:'..owner, 'field:'..field}) do look('ZCARD', 'cases:'..list) end
end

-- stand looks at what changing a record writes; it returns when the record is to expire,
-- its keys and where its case is listed, nil when there is none.
local function stand(id)
  local r = call('HMGET', P..'rec:'..id, 'expires', 'keys', 'state', 'member', 'owner', 'field')
  look('HLEN', 'keys')
  look('ZCARD', 'ids')
  look('ZCARD', 'expires')
  if not r[1] then return nil end
  lookLists(r[3], r[5], r[6])
  return r
end

-- free takes the keys and the places of a record that stands.
local function free(id, r)
  for key in string.gmatch(r[2], '([^\n]+)') do
    if call('HGET', P..'keys', key) == id then call('HDEL', P..'keys', key) end
  end
  if listed(r[3]) then
    for _, list in ipairs({'open', 'unclaimed', 'due', 'owner:'..r[5], 'field:'..r[6]}) do
      call('ZREM', P..'cases:'..list, r[4])
    end
  end
end

-- drop removes a record, r as stand gives it.
local function drop(id, r)
  if r then free(id, r) end
  flush()
  call('ZREM', P..'expires', id)
  call('ZREM', P..'ids', id)
  call('DEL', P..'rec:'..id)
end

-- write sets a record that is freed: ID, body, keys, state, field, owner, due,
-- version, touched, expires, member. was is when it was to expire, nil when it is new.
local function write(r, was)
  local id, body, keys, state, field, owner = r[1], r[2], r[3], r[4], r[5], r[6]
  local due, version, touched, expires, member = r[7], r[8], r[9], r[10], r[11]
  call('HSET', P..'rec:'..id, 'body', body, 'keys', keys, 'state', state, 'field', field, 'owner', owner, 'due', due,
    'version', version, 'touched', touched, 'expires', expires, 'member', member)
  if not was then add('ids', 0, id) end
  for key in string.gmatch(keys, '([^\n]+)') do call('HSET', P..'keys', key, id) end
  if expires ~= '0' then
    add('expires', expires, id)
  elseif was and was ~= '0' then
    flush()
    call('ZREM', P..'expires', id)
  end
  if listed(state) then
    call('ZADD', P..'cases:open', 0, member)
    call('ZADD', P..'cases:field:'..field, 0, member)
    if state == 'open' then call('ZADD', P..'cases:unclaimed', 0, member) end
    if owner ~= '' then call('ZADD', P..'cases:owner:'..owner, 0, member) end
    if due ~= '0' then call('ZADD', P..'cases:due', due, member) end
  end
end

local function read(id)
  local r = call('HMGET', P..'rec:'..id, 'body', 'keys', 'state', 'field', 'owner', 'due', 'version', 'touched', 'expires')
  table.insert(r, 1, id)
  return r
end

-- arg is the next of ARGV.
local at = 0
local function arg()
  at = at + 1
  return ARGV[at]
end

-- rows reads from ARGV rows of so many, after their number.
local function rows(width)
  local all = {}
  for i = 1, tonumber(arg()) do
    local row = {}
    for c = 1, width do row[c] = ARGV[at + c] end
    at = at + width
    all[i] = row
  end
  return all
end
