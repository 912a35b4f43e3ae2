"""One tally as Redis holds it: its key, its line, and the two scripts that alone may change it.

    sn1 <changes> <here> <carried_over> <paper> <goal_floor> <as_of, ms since 1970> <claim>

`claim` is `-` when the line is settled: no publish that ever reached Redis was higher. Else it is
`<token>.<until, ms>`: the reader holding `token` is asking the ledger; `0.0` means nobody is yet.
`sn1 claim <token>.<until>` alone is a claim on a key that held nothing. Anything else is garbage and
counts as missing. docs/decisions/0003-the-count.md proves why this is exact.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from widget.domain.tally import Tally

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_NUMBER = rb"(0|[1-9][0-9]{0,14})"
_LINE = re.compile(rb"sn1 " + rb" ".join([_NUMBER] * 5) + rb" (0|[1-9][0-9]{0,13}) (?:(-)|[0-9a-f]+\.[0-9]+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it was read. It is fresh from `fresh_from` until `stale_at`, if settled."""

    raw: bytes
    tally: Tally
    settled: bool
    fresh_from: datetime
    stale_at: datetime


def keys_in(namespace: str) -> Callable[[int], bytes]:
    """Return what gives the Redis key of a petition's tally; services that share a Redis differ in it."""
    place = f"sn:{namespace}:tally:" if namespace else "sn:tally:"
    pattern = place.encode() + b"%d"
    return lambda petition_id: pattern % petition_id


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def line_of(tally: Tally) -> str:
    """Write a tally as a line without its claim."""
    t = tally
    return f"sn1 {t.changes} {t.here} {t.carried_over} {t.paper} {t.goal_floor} {milliseconds(t.as_of)}"


def entry_of(raw: bytes | None, fresh_for: timedelta) -> Entry | None:
    """Read a line; None when there is none or it is not one, to the letter.

    `fresh_for` is also how far ahead another machine's clock may be before we stop believing it.
    """
    found = _LINE.fullmatch(raw) if raw else None
    if raw is None or found is None:
        return None
    changes, here, carried_over, paper, goal_floor, ms = map(int, found.groups()[:6])
    as_of = EPOCH + timedelta(milliseconds=ms)
    tally = Tally(
        here=here,
        carried_over=carried_over,
        paper=paper,
        changes=changes,
        goal_floor=goal_floor,
        as_of=as_of,
    )
    return Entry(raw, tally, found[7] is not None, as_of - fresh_for, as_of + fresh_for)


# Sees the stored line with the same eyes as entry_of. A key of another type answers GET with an error
# table, which is no string and so is nothing; SET later replaces whatever is there.
_STORED = """
local function whole(text, digits)
  return #text <= digits and (text == '0' or text:sub(1, 1) ~= '0')
end
local function stored()
  local raw = redis.pcall('GET', KEYS[1])
  if type(raw) ~= 'string' then return {} end
  local token, till = raw:match('^sn1 claim (%x+)%.(%d+)$')
  if token then return {raw = raw, token = token, till = tonumber(till)} end
  local f = {raw:match('^sn1 (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%S+)$')}
  if #f ~= 7 or not whole(f[6], 14) then return {} end
  for i = 1, 5 do if not whole(f[i], 15) then return {} end end
  token, till = f[7]:match('^([0-9a-f]+)%.(%d+)$')
  if f[7] ~= '-' and not token then return {} end
  return {raw = raw, line = 'sn1 ' .. table.concat(f, ' ', 1, 6), changes = tonumber(f[1]),
          as_of = tonumber(f[6]), claim = f[7], token = token, till = tonumber(till or 0)}
end
"""

# Takes the right to ask the ledger. ARGV: token, oldest and newest as_of that need no asking (ms), how
# long the claim lasts, how long a line is kept (ms). Answers {1, what was there} or {0, what is there}.
CLAIM = (
    _STORED
    + """
local s = stored()
if s.claim == '-' and s.as_of >= tonumber(ARGV[2]) and s.as_of <= tonumber(ARGV[3]) then
  return {0, s.raw}
end
local time, lasts = redis.call('TIME'), tonumber(ARGV[4])
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if s.token and s.till > now and s.till <= now + lasts then return {0, s.raw} end
local claim = ARGV[1] .. '.' .. string.format('%.0f', now + lasts)
if s.line then
  redis.call('SET', KEYS[1], s.line .. ' ' .. claim, 'PX', ARGV[5])
  return {1, s.raw}
end
redis.call('SET', KEYS[1], 'sn1 claim ' .. claim, 'PX', ARGV[4])
return {1, ''}
"""
)

# Puts a figure read from the ledger. ARGV: line ('' gives the claim back unused), changes, as_of, the
# token of our claim or '', the version a proven rewind replaces or '', how long it is kept (ms).
# Answers what is stored afterwards.
PUT = (
    _STORED
    + """
local s, line = stored(), ARGV[1]
local held = ARGV[4] ~= '' and s.token == ARGV[4]
if line == '' then
  if held and s.line then redis.call('SET', KEYS[1], s.line .. ' 0.0', 'PX', ARGV[6]) end
  if held and not s.line then redis.call('DEL', KEYS[1]) end
  return ''
end
local changes = tonumber(ARGV[2])
local take = not s.line or changes > s.changes
  or (changes == s.changes and (held or tonumber(ARGV[3]) > s.as_of))
  or (held and s.changes == tonumber(ARGV[5]))
if not take and not held then return s.raw end
if not take then line = s.line end
local claim = '0.0'
if held or s.claim == '-' then
  claim = '-'
elseif s.token then
  claim = s.token .. '.' .. string.format('%.0f', s.till)
end
redis.call('SET', KEYS[1], line .. ' ' .. claim, 'PX', ARGV[6])
return line .. ' ' .. claim
"""
)
