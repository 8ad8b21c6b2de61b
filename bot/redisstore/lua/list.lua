-- ARGV: the first and the end of a range of IDs as ZRANGEBYLEX takes them, how
-- many. Returns records as find.lua does, one after the other.
local page = {}
for i, id in ipairs(call('ZRANGEBYLEX', P..'ids', ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])) do page[i] = read(id) end
return page
