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
--   tokens     hash  token -> the job it holds
--   done, made hash, zset  done IDs: who committed them, and when they were made
--   rec:ID     hash  a record;  ids zset  their IDs;  keys hash  key -> ID
--   expires    zset  records by when they expire
--   cases:…    zset  one for each way to list cases: members "touched,ID"
--   fact:DAY   hash  counters of a day;  days zset  the days
local P = KEYS[1]
local call = redis.call

-- settle makes the first job of a lane ready, unless a begun one is before it.
-- At most one other was ready: it is now the second.
local function settle(lane)
  if call('HEXISTS', P..'begun', lane) == 1 then return end
  local first = call('ZRANGE', P..'lane:'..lane, 0, 1, 'WITHSCORES')
  if first[1] then call('ZADD', P..'ready', first[2], first[1]) end
  if first[3] then call('ZREM', P..'ready', first[3]) end
end

local function put(id, lane, kind, due, tries, made, body)
  local job = P..'job:'..id
  if call('HEXISTS', P..'done', id) == 1 or call('EXISTS', job) == 1 then return end
  local seq = call('INCR', P..'seq')
  call('HSET', job, 'seq', seq, 'lane', lane, 'kind', kind, 'due', due, 'tries', tries, 'made', made, 'body', body,
    'at', due, 'begun', '0', 'token', '', 'until', '0')
  call('ZADD', P..'due', due, id)
  if tonumber(due) > tonumber(made) then
    call('ZADD', P..'asleep', due, id)
  else
    call('ZADD', P..'lane:'..lane, seq, id)
    settle(lane)
  end
end

-- drop removes a record, its keys and every list it stands in.
local function drop(id)
  local rec = P..'rec:'..id
  local r = call('HMGET', rec, 'keys', 'member', 'owner', 'field')
  if not r[1] then return end
  for key in string.gmatch(r[1], '([^\n]+)') do
    if call('HGET', P..'keys', key) == id then call('HDEL', P..'keys', key) end
  end
  for _, list in ipairs({'open', 'unclaimed', 'due', 'owner:'..r[3], 'field:'..r[4]}) do
    call('ZREM', P..'cases:'..list, r[2])
  end
  call('ZREM', P..'expires', id)
  call('ZREM', P..'ids', id)
  call('DEL', rec)
end
