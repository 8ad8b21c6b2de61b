-- ARGV: ID, or '' and a key. Returns {id, body, keys, state, field, owner, due,
-- version, touched, expires}, or {}.
local id = ARGV[1]
if id == '' then id = call('HGET', P..'keys', ARGV[2]) end
if not id or call('EXISTS', P..'rec:'..id) == 0 then return {} end
return read(id)
