-- ARGV: how many jobs, then nine for each: ID, lane, kind, due, tries, made, body,
-- token and until of its hold, or '' and 0. Returns the IDs of those leased.
return putAll(lists(1, 9)[1])
