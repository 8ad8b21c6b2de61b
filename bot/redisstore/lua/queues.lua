-- ARGV: now, how many at most. Returns {kind, how many, the earliest due} of what is
-- due, one after the other.
local all, place = {}, {}
local ids = call('ZRANGEBYSCORE', P..'due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local j = call('HMGET', P..'job:'..id, 'kind', 'due')
  local at = place[j[1]]
  if not at then
    at = #all + 1
    place[j[1]], all[at] = at, {j[1], 0, j[2]}
  end
  all[at][2] = all[at][2] + 1
end
for _, row in ipairs(all) do row[2] = tostring(row[2]) end
return all
