-- ARGV: tokens and jobs in turn: jobs that are done, whose IDs are forgotten.
-- Returns OK or LOST for each.
local answers, lanes, jobs, ids, tokens = {}, {}, {}, {}, {}
for i = 1, #ARGV, 2 do
  local token, id = ARGV[i], ARGV[i+1]
  local j = call('HMGET', P..'job:'..id, 'lane', 'token', 'until')
  if j[2] == token and j[3] ~= '0' then
    lanes[#lanes+1], jobs[#jobs+1], ids[#ids+1], tokens[#tokens+1] = j[1], P..'job:'..id, id, token
    answers[#answers+1] = 'OK'
  else
    answers[#answers+1] = 'LOST'
  end
end
if #ids > 0 then leave(lanes, jobs, ids, tokens) end
return answers
