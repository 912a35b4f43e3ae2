-- Writes comments of its own each time, as long as a signature of ours.
-- wrk ... -- PREFIX
local prefix, sent = "", 0
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  prefix = args[1]
end

function request()
  sent = sent + 1
  local body = '{"text":"It shall go on turning, ' .. prefix .. "." .. sent
    .. '","author":"Sam of the Cast","email":"sam.' .. prefix .. "." .. sent .. '@example.org","title":"The mill"}'
  return wrk.format("POST", "/new?uri=/petition-0/", headers, body)
end
