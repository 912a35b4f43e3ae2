-- Ten look, then one signs, with an address of its own each time. Half of them, both kinds, are at one
-- petition that everybody knows, the others at the rest in turn.
-- wrk ... -- PREFIX PETITIONS
local prefix, petitions, sent = "", 1, 0
local headers = { ["Content-Type"] = "application/json" }
local looks = {}

function init(args)
  prefix, petitions = args[1], tonumber(args[2])
  for which = 0, petitions - 1 do
    looks[which] = wrk.format("GET", "/api/v1/petitions/petition-" .. which .. "/progress")
  end
end

function request()
  sent = sent + 1
  local which = sent % 2 == 0 and 0 or 1 + (sent * 7) % (petitions - 1)
  if sent % 11 ~= 0 then
    return looks[which]
  end
  local body = '{"given_name":"Sam","family_name":"of the Cast","email":"sam.' .. prefix .. "." .. sent
    .. '@example.org","country":"AM","lang":"en","source":"bench"}'
  return wrk.format("POST", "/api/v1/petitions/petition-" .. which .. "/signatures", headers, body)
end
