-- ARGV: seven for each job.
for i = 1, #ARGV, 7 do
  if not known(ARGV[i]) then put(ARGV[i], ARGV[i+1], ARGV[i+2], ARGV[i+3], ARGV[i+4], ARGV[i+5], ARGV[i+6]) end
end
return 'OK'
