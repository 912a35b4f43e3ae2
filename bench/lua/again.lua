-- Signs again and again with five hundred addresses, which signed while it warmed up.
local sent = 0
local headers = { ["Content-Type"] = "application/json" }

function request()
  sent = sent + 1
  local body = '{"given_name":"Sam","family_name":"of the Cast","email":"sam.' .. (sent % 500)
    .. '@example.org","country":"AM","lang":"en","source":"bench"}'
  return wrk.format("POST", "/api/v1/petitions/petition-0/signatures", headers, body)
end
