-- Signs with an address of its own each time, at one petition or at many in turn.
-- wrk ... -- PREFIX PETITIONS
local prefix, petitions, sent = "", 1, 0
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  prefix, petitions = args[1], tonumber(args[2])
end

function request()
  sent = sent + 1
  local path = "/api/v1/petitions/petition-" .. (sent % petitions) .. "/signatures"
  local body = '{"given_name":"Sam","family_name":"of the Cast","email":"sam.' .. prefix .. "." .. sent
    .. '@example.org","country":"AM","lang":"en","source":"bench"}'
  return wrk.format("POST", path, headers, body)
end
