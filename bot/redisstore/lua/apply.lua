-- ARGV, of one call after the other, those that end first:
--   end, token, job: a job is done and its ID forgotten
--   put, jobs
--   commit, token, job; of a fresh job its lane, made, the ID and the body of the record
--     that it was thought from (of the body its end), otherwise '', 0, '' and ''; forget
--     when the job's ID is not kept, otherwise ''; jobs, gone IDs, records (eleven each),
--     facts (three each)
-- Lists stand after their length. A job is ten: ID, lane, kind, due, tries, made, body,
-- and token, until and record of its hold, or '', 0 and ''. Returns an answer for each
-- call: what putAll does, LOST or CONFLICT.

-- leave takes jobs that are done out of their lanes.
local function leave(lanes, jobs, ids, tokens)
  lookJobs()
  look('HLEN', 'tokens')
  for _, lane in ipairs(lanes) do waits(lane) end
  flush()
  call('DEL', unpack(jobs))
  for _, set in ipairs({'due', 'jobs', 'asleep', 'ready'}) do call('ZREM', P..set, unpack(ids)) end
  call('HDEL', P..'begun', unpack(lanes))
  call('HDEL', P..'tokens', unpack(tokens))
  for _, lane in ipairs(lanes) do
    if waits(lane) then ready(lane) end
  end
end

-- putAll adds those jobs that are not known. It returns a letter for each: 0, 1 when it
-- is leased, 2 when it is leased and the record that it asks for is there. Then it is a
-- list: the letters and the records.
local function putAll(jobs, new)
  local letters, records = {}, {}
  for i, v in ipairs(jobs) do
    letters[i] = '0'
    local isNew = new[v[1]]
    new[v[1]] = false
    if isNew and put(v[1], v[2], v[3], v[4], v[5], v[6], v[7], '0', v[8], v[9]) then
      letters[i] = '1'
      if v[10] ~= '' and call('EXISTS', P..'rec:'..v[10]) == 1 then
        letters[i] = '2'
        records[#records+1] = read(v[10])
      end
    end
  end
  letters = table.concat(letters)
  if #records > 0 then return {letters, unpack(records)} end
  return letters
end

-- endAll ends all jobs that are to end at once.
local function endAll()
  local answers, lanes, jobs, ids, tokens = {}, {}, {}, {}, {}
  while ARGV[at+1] == 'end' do
    local token, id = ARGV[at+2], ARGV[at+3]
    at = at + 3
    local j = call('HMGET', P..'job:'..id, 'lane', 'token', 'until')
    if j[2] == token and j[3] ~= '0' then
      lanes[#lanes+1], jobs[#jobs+1], ids[#ids+1], tokens[#tokens+1] = j[1], P..'job:'..id, id, token
      answers[#answers+1] = ''
    else
      answers[#answers+1] = 'LOST'
    end
  end
  if #ids > 0 then leave(lanes, jobs, ids, tokens) end
  return answers
end

local function lookPut(jobs)
  for _, v in ipairs(jobs) do
    if v[10] ~= '' then look('HLEN', 'rec:'..v[10]) end
  end
  return unknown(jobs)
end

-- commit looks at everything that can be refused before it writes.
local function commit()
  local token, done, lane, made, from, body, forget = arg(), arg(), arg(), arg(), arg(), arg(), arg()
  local jobs, gone, records, facts = rows(10), rows(1), rows(11), rows(3)

  local job, fresh = P..'job:'..done, lane ~= ''
  local j = {}
  if not fresh then j = call('HMGET', job, 'lane', 'made', 'token', 'until') end
  if not j[1] then
    local by = call('HGET', P..'done', done)
    if by == token then return string.rep('0', #jobs) end -- committed before
    if not fresh or by or call('EXISTS', job, P..'lane:'..lane) > 0 or call('HEXISTS', P..'begun', lane) == 1
      or string.sub(call('HGET', P..'rec:'..from, 'body') or '', -#body) ~= body then return 'LOST' end
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

  local new, stood = lookPut(jobs), {}
  for _, g in ipairs(gone) do stood[g[1]] = stand(g[1]) end
  for _, r in ipairs(records) do
    stood[r[1]] = stand(r[1])
    lookLists(r[4], r[6], r[5])
  end
  if #facts > 0 then look('ZCARD', 'days') end
  for _, f in ipairs(facts) do look('HLEN', 'fact:'..f[1]) end
  if forget == '' then
    look('HLEN', 'done')
    look('ZCARD', 'made')
  end

  if not fresh then leave({lane}, {job}, {done}, {token}) end
  if forget == '' then
    call('HSET', P..'done', done, token)
    add('made', made, done)
    new[done] = false
  end

  for _, g in ipairs(gone) do
    drop(g[1], stood[g[1]])
    stood[g[1]] = nil
  end
  for id, r in pairs(stood) do free(id, r) end
  for _, r in ipairs(records) do write(r, stood[r[1]] and stood[r[1]][1]) end

  for _, f in ipairs(facts) do count(f[1], f[2], tonumber(f[3])) end
  return putAll(jobs, new)
end

local function putJobs()
  local jobs = rows(10)
  return putAll(jobs, lookPut(jobs))
end

local verbs = {put = putJobs, commit = commit}
local answers = endAll()
while at < #ARGV do
  -- What fails of one call is not the others' fault; it has read all its arguments by
  -- then. Before Redis 7 the error is a string.
  local ok, answer = pcall(verbs[arg()])
  if not ok then answer = {err = type(answer) == 'table' and answer.err or answer} end
  answers[#answers+1] = answer
end
flush()
return answers
