-- Asks Isso how many comments a page has.
local headers = { ["Content-Type"] = "application/json" }
local look = nil

function init()
  look = wrk.format("POST", "/count", headers, '["/petition-0/"]')
end

function request()
  return look
end
