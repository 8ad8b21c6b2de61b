-- ARGV: token, now, end of the lease. Returns {id, lane, kind, due, tries, takes,
-- made, body}, or {next}.
local token, now, till = ARGV[1], ARGV[2], ARGV[3]

local function wake()
  while true do
    local ids = call('ZRANGEBYSCORE', P..'asleep', '-inf', now, 'LIMIT', 0, 100)
    if #ids == 0 then return end
    local jobs = {}
    for i, id in ipairs(ids) do
      jobs[i] = call('HMGET', P..'job:'..id, 'seq', 'lane', 'begun')
      waits(jobs[i][2])
    end
    for i, id in ipairs(ids) do
      local j = jobs[i]
      call('ZREM', P..'asleep', id)
      if j[3] == '1' then
        call('ZADD', P..'ready', j[1], id)
      else
        call('ZADD', P..'lane:'..j[2], j[1], id)
        settle(j[2])
      end
    end
  end
end

-- pick is the oldest job that is ready, and otherwise the earliest moment at
-- which one of them is: only a machine with a faster clock makes one ready
-- before its time.
local function pick()
  local from, soonest = 0, nil
  while true do
    local ids = call('ZRANGE', P..'ready', from, from + 99)
    for _, id in ipairs(ids) do
      local at = call('HGET', P..'job:'..id, 'at')
      if tonumber(at) <= tonumber(now) then return id end
      if not soonest or tonumber(at) < tonumber(soonest) then soonest = at end
    end
    if #ids < 100 then return nil, soonest end
    from = from + 100
  end
end

-- nextAsleep is the earliest moment at which a sleeping job could be taken: a
-- timer behind a begun job cannot before that one.
local function nextAsleep()
  local from = 0
  while true do
    local ids = call('ZRANGEBYSCORE', P..'asleep', '('..now, '+inf', 'LIMIT', from, 100)
    for _, id in ipairs(ids) do
      local j = call('HMGET', P..'job:'..id, 'at', 'lane', 'begun')
      if j[3] == '1' or call('HEXISTS', P..'begun', j[2]) == 0 then return j[1] end
    end
    if #ids < 100 then return nil end
    from = from + 100
  end
end

lookJobs()
local soonest
local id = call('HGET', P..'tokens', token)
local again = id
if not id then
  wake()
  id, soonest = pick()
end
if not id then
  local at = nextAsleep()
  if not at or (soonest and tonumber(soonest) < tonumber(at)) then at = soonest end
  return {at or '0'}
end

local job = P..'job:'..id
local j = call('HMGET', job, 'lane', 'kind', 'due', 'tries', 'takes', 'made', 'body', 'token')
waits(j[1])
if not again then j[5] = tostring(call('HINCRBY', job, 'takes', 1)) end
if call('HGET', P..'tokens', j[8]) == id then call('HDEL', P..'tokens', j[8]) end
call('ZREM', P..'ready', id)
call('ZREM', P..'lane:'..j[1], id)
call('HSET', P..'begun', j[1], id)
call('HSET', P..'tokens', token, id)
call('HSET', job, 'token', token, 'until', till, 'at', till, 'begun', '1')
call('ZADD', P..'asleep', till, id)
return {id, j[1], j[2], j[3], j[4], j[5], j[6], j[7]}
