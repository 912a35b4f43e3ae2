"""How often: counts of requests by network, mail domain and petition, in Redis or else in this process.

A span is cut into steps of its own length. What is in a span now is the present step, and of the one before
as much as is left of it: two numbers, whatever the traffic. One script counts all spans of a
signature in one round trip, in a Redis Cluster two. Nothing here is precious: without Redis each
process counts for itself.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from widget.store.counter import Counter
from widget.store.wire import Word

KEPT_AT_MOST = 50_000  # subjects a step and process, some 6 MB; beyond it a new one is not remembered

# KEYS: the proof, then for each span its present step and the one before. ARGV: how long to remember the
# proof in ms (0: there is none), then for each span: what is left of the step before in thousandths, ms to
# keep, whether it is counted even when a proof pays for the request, above which count those that follow
# are no longer counted (0: never), and whether what is above it is itself left uncounted.
_COUNT = """
local paid, over = 0, false
if ARGV[1] ~= '0' and redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then paid = 1 end
local answer = {paid}
for i = 2, #KEYS, 2 do
  local at = 2 + (i - 2) / 2 * 5
  local present, counted
  if over or (paid == 1 and ARGV[at + 2] == '0') then
    present = tonumber(redis.call('GET', KEYS[i]) or '0')
  else
    present, counted = redis.call('INCR', KEYS[i]), true
    if present == 1 then redis.call('PEXPIRE', KEYS[i], ARGV[at + 1]) end
  end
  local before = tonumber(redis.call('GET', KEYS[i + 1]) or '0')
  local count = present + math.floor(before * tonumber(ARGV[at]) / 1000)
  answer[#answer + 1] = count
  local most = tonumber(ARGV[at + 3])
  local above = most > 0 and count > most
  if above and counted and ARGV[at + 4] == '1' then redis.call('DECR', KEYS[i]) end
  over = over or above
end
return answer
"""


@dataclass(frozen=True, slots=True)
class Span:
    """What to count: requests about `subject` in any `seconds`; `always` also those with a proof.

    Where there are more than `most`, the spans that follow are looked at and not counted: what one
    network has too many of is no sign of the petition's pace. With `spared` what is above `most` is not
    counted in this span either: being refused keeps nobody out any longer. A subject that is no part of
    what the others are about stands `apart`: in a Redis Cluster it lies elsewhere, and is always counted.
    """

    subject: str
    seconds: int
    always: bool = False
    most: int = 0
    spared: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """A proof that wants to be used: its name, and for how many seconds it must not be used again."""

    name: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts in the order of the spans, this request included, and whether its proof was unused."""

    counts: tuple[int, ...]
    paid: bool


# A span, the number of its present step, and how much of the one before is left, in thousandths.
_Step = tuple[Span, int, int]


class PaceKeeper:
    """Counts spans where the counter's Redis is, and in memory while it is down or absent."""

    def __init__(self, counter: Counter, *, namespace: str = "") -> None:
        self._counter = counter
        self._place = f"sn:{namespace}:" if namespace else "sn:"
        self._memory = _Memory()

    def count(
        self, spans: Sequence[Span], now: datetime, use: Use | None = None, *, about: str = "all"
    ) -> Counted:
        """Count one request. A proof that was not used before pays for it: it was counted when asked for.

        `about`: what the spans have in common; in a Redis Cluster it says on which server they are. Never
        raises; waits for Redis at most for one timeout, and not at all while it is known to be down.
        """
        moment = now.timestamp()
        steps = [_step_of(span, moment) for span in spans]
        answer = self._together(steps, use, about)
        if answer is None:
            answer = self._memory.count(steps, moment, use)
        return Counted(tuple(answer[1:]), answer[0] == 1)

    def _together(self, steps: Sequence[_Step], use: Use | None, about: str) -> list[int] | None:
        """Count in Redis: in one round trip, and in a cluster one more for each that stands apart."""
        if not self._counter.spread:
            return self._asked(steps, use, about)
        answer = self._asked([step for step in steps if not step[0].apart], use, about)
        for place, step in enumerate(steps, start=1):
            if answer is not None and step[0].apart:
                alone = self._asked([step], None, step[0].subject)
                answer = None if alone is None else [*answer[:place], alone[1], *answer[place:]]
        return answer

    def _asked(self, steps: Sequence[_Step], use: Use | None, about: str) -> list[int] | None:
        keys: list[Word] = [f"{self._place}proof:{{{about}}}:{use.name if use else ''}"]
        words: list[Word] = [use.seconds * 1_000 if use else 0]
        for span, number, left in steps:
            name = f"{self._place}pace:{{{about}}}:{span.seconds}:{span.subject}:"
            keys += [f"{name}{number}", f"{name}{number - 1}"]
            words += [left, span.seconds * 2_000, int(span.always), span.most, int(span.spared)]
        answer: list[int] | None = self._counter.beside(_COUNT, keys, *words)
        return answer


def _step_of(span: Span, moment: float) -> _Step:
    """Return the number of the present step, and how much of the one before is left, in thousandths."""
    number, into = divmod(moment, span.seconds)
    return span, int(number), 1_000 - int(1_000 * into / span.seconds)


class _Memory:
    """The same for one process. Steps that are over are dropped whole."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: dict[tuple[int, int], dict[str, int]] = {}
        self._used: dict[str, float] = {}

    def count(self, steps: Sequence[_Step], moment: float, use: Use | None) -> list[int]:
        """Count, and answer as the script does."""
        with self._lock:
            paid, over = use is not None and self._use(use, moment), False
            answer = [int(paid)]
            for span, number, left in steps:
                present = self._step(span.seconds, number)
                before = self._steps.get((span.seconds, number - 1), {})
                known, counted = present.get(span.subject, 0), not over and (span.always or not paid)
                count = known + counted + before.get(span.subject, 0) * left // 1_000
                above = 0 < span.most < count
                if counted and not (above and span.spared) and (known or len(present) < KEPT_AT_MOST):
                    present[span.subject] = known + 1
                answer.append(count)
                over = over or above
            return answer

    def _step(self, seconds: int, number: int) -> dict[str, int]:
        step = self._steps.get((seconds, number))
        if step is None:
            over = [key for key in self._steps if key[0] == seconds and key[1] != number - 1]
            for key in over:
                del self._steps[key]
            step = self._steps[seconds, number] = {}
        return step

    def _use(self, use: Use, moment: float) -> bool:
        if len(self._used) >= KEPT_AT_MOST:
            self._used = {name: until for name, until in self._used.items() if until > moment}
        if self._used.get(use.name, 0.0) > moment or len(self._used) >= KEPT_AT_MOST:
            return False
        self._used[use.name] = moment + use.seconds
        return True
