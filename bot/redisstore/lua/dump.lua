-- ARGV: jobs or done, where the page before ended, how many. Returns rows: {seq,
-- id, lane, kind, due, tries, takes, made, body}, or {made, id}.
local what, after, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local page = {}
if what == 'jobs' then
  local from = '-inf'
  if after ~= '' then from = '('..after end
  for i, id in ipairs(call('ZRANGEBYSCORE', P..'jobs', from, '+inf', 'LIMIT', 0, limit)) do
    local j = call('HMGET', P..'job:'..id, 'lane', 'kind', 'due', 'tries', 'takes', 'made', 'body')
    table.insert(j, 1, id)
    table.insert(j, 1, call('ZSCORE', P..'jobs', id))
    page[i] = j
  end
  return page
end
-- Many may have one moment: what is left of those comes before the later ones.
local made, last = string.match(after, '^([^,]*),(.*)$')
if made then
  for _, id in ipairs(call('ZRANGEBYSCORE', P..'made', made, made)) do
    if id > last and #page < limit then page[#page+1] = {made, id} end
  end
end
if #page < limit then
  local from = '-inf'
  if made then from = '('..made end
  local later = call('ZRANGEBYSCORE', P..'made', from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit - #page)
  for i = 1, #later, 2 do page[#page+1] = {later[i+1], later[i]} end
end
return page
