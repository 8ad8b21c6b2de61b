-- ARGV: list, cursor, how many, due before (for the list due). Returns records
-- as find.lua does, one after the other.
local name, cursor, limit, before = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local members
if name == 'due' then
  -- Only what is overdue, in the order of all lists.
  members = {}
  for _, m in ipairs(call('ZRANGEBYSCORE', P..'cases:due', '-inf', '('..before)) do
    if m > cursor then members[#members+1] = m end
  end
  table.sort(members)
else
  local from = '-'
  if cursor ~= '' then from = '('..cursor end
  members = call('ZRANGEBYLEX', P..'cases:'..name, from, '+', 'LIMIT', 0, limit)
end
local page = {}
for i = 1, math.min(limit, #members) do
  local id = string.match(members[i], '^%d+,(.*)$')
  page[i] = read(id)
end
return page
