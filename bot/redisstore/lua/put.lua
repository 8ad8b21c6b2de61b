-- ARGV: how many jobs, then ten for each: ID, lane, kind, due, tries, made, body,
-- and token, until and record of its hold, or '', 0 and ''. Returns what putAll
-- does.
return putAll(lists(1, 10)[1])
