-- Ten look, then one signs, with an address of its own each time.
-- wrk ... -- PREFIX
local prefix, sent = "", 0
local headers = { ["Content-Type"] = "application/json" }
local look = nil

function init(args)
  prefix = args[1]
  look = wrk.format("GET", "/api/v1/petitions/petition-0/progress")
end

function request()
  sent = sent + 1
  if sent % 11 ~= 0 then
    return look
  end
  local body = '{"given_name":"Sam","family_name":"of the Cast","email":"sam.' .. prefix .. "." .. sent
    .. '@example.org","country":"AM","lang":"en","source":"bench"}'
  return wrk.format("POST", "/api/v1/petitions/petition-0/signatures", headers, body)
end
