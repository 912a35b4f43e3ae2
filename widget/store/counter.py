"""The copy of the count: what is asked of Redis, and what is done when it does not answer.

A read on a hit is one GET. All else here is for the day when that GET finds nothing, something old,
something odd, or no Redis at all. Why the figure is exact all the same: docs/decisions/0003-the-count.md.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from widget.domain.refusals import LedgerUnavailable
from widget.domain.tally import Tally
from widget.store.asking import Asking
from widget.store.dialling import line_to
from widget.store.entry import CLAIM, MILLISECOND, PUT, Entry, entry_of, keys_in, line_of, milliseconds
from widget.store.forking import renew_after_fork
from widget.store.known import LastKnown
from widget.store.outage import Outage
from widget.store.wire import FAILURES, Full, Word, is_wrong_type

STRIPES = 256
POLL_EVERY = 0.01


@dataclass(frozen=True, slots=True)
class CounterStatus:
    """How the copy fares. Figures are per process; hits and misses may lose a few to races."""

    configured: bool
    down: bool
    hits: int
    misses: int
    failures: int
    owed: int


class Counter:
    """The tally of each petition, from Redis when it can be trusted, else from the ledger.

    `load` reads one tally from the ledger. Durations: `timeout` bounds each connect and each answer of
    Redis, in seconds; `wait` how long a reader waits for another one's load, in seconds; `claim_lasts`
    when a reader who took the load on is given up; `fresh_for` how long a line needs no look at the
    ledger; `kept_for` how long it stays as last known figure; `retry_every` seconds between tries
    during an outage; `remember` how many petitions' last figures each process keeps. `namespace` parts
    services that share a Redis.
    """

    def __init__(
        self,
        load: Callable[[int], Tally],
        *,
        redis_url: str | None,
        clock: Callable[[], datetime],
        namespace: str = "",
        timeout: float = 0.25,
        wait: float = 0.25,
        claim_lasts: timedelta = timedelta(seconds=2),
        fresh_for: timedelta = timedelta(seconds=60),
        kept_for: timedelta = timedelta(hours=24),
        retry_every: float = 0.1,
        remember: int = 10_000,
    ) -> None:
        self._key_of = keys_in(namespace)
        self._clock = clock
        self._wait = wait
        self._claim_ms = claim_lasts // MILLISECOND
        self._fresh_for = fresh_for
        self._kept_ms = kept_for // MILLISECOND
        self._remember = remember
        self._known = LastKnown(keep=remember, rewind_after=fresh_for)
        self._ledger = Asking(load, self._known)
        self._seen: dict[int, Entry] = {}
        self._hits = self._misses = self._failures = 0
        self._outage = Outage(
            probe=self._probe, pay=self._pay, failures=FAILURES, clock=clock, retry_every=retry_every
        )
        self._configured = redis_url is not None
        self._wire = line_to(redis_url or "redis://", timeout=timeout, interrupted=self._outage.interrupted)
        if not self._configured:
            self._outage.close()  # down for good: nothing is owed, nobody asks, no connection is made
        self._stripes = [threading.Lock() for _ in range(STRIPES)]
        renew_after_fork(self)

    def read(self, petition_id: int) -> Tally:
        """Return the tally: Redis's, else the ledger's, else the last known one (`as_of` tells its age).

        Raises LedgerUnavailable when nothing was ever known, and whatever else `load` raises.
        """
        if self._outage.down:
            return self._from_ledger(petition_id)
        try:
            raw = self._wire.ask("GET", self._key_of(petition_id))
        except FAILURES as failure:
            if not is_wrong_type(failure):
                return self._failed_over(petition_id)
            raw = None
        entry = self._seen.get(petition_id)
        if entry is None or entry.raw != raw:
            entry = self._look_at(petition_id, raw)
        if entry is not None and self._trusts(entry):
            self._hits += 1
            return entry.tally
        self._misses += 1
        return self._refresh(petition_id)

    def publish(self, petition_id: int, tally: Tally) -> None:
        """Copy a tally read after a commit. Never raises; waits at most for one timeout."""
        self._known.learn(petition_id, tally)
        if self._outage.down:
            self._outage.begin(petition_id, tally)
            return
        try:
            self._pay(petition_id, tally)
        except FAILURES:
            self._failures += 1
            self._outage.begin(petition_id, tally)

    @property
    def spread(self) -> bool:
        """Whether keys lie on several servers: those of one script have to share their part in braces."""
        return self._wire.spread

    def beside(self, script: str, keys: Sequence[Word], *words: Word) -> Any:
        """Run a script of whoever keeps something else in Redis; None while it is down, absent or fails."""
        if not self._outage.down:
            try:
                return self._wire.run(script, keys, *words)
            except FAILURES as failure:
                if not is_wrong_type(failure):
                    self._failures += 1
                    self._outage.begin()
        return None

    def ping(self) -> bool | None:
        """Tell whether Redis answers and owes nothing; None when none is configured."""
        if not self._configured:
            return None
        if self._outage.down:
            return False
        try:
            return self._wire.answers()
        except FAILURES:
            return False

    def status(self) -> CounterStatus:
        """Return the figures of this process."""
        return CounterStatus(
            configured=self._configured,
            down=self._configured and self._outage.down,
            hits=self._hits,
            misses=self._misses,
            failures=self._failures,
            owed=len(self._outage.owed),
        )

    def close(self) -> None:
        """Stop the thread, if any, and hang up. What is still owed goes stale by itself."""
        self._outage.close()
        self._wire.hang_up()

    def _trusts(self, entry: Entry) -> bool:
        now = self._clock()
        fresh = entry.settled and entry.fresh_from <= now < entry.stale_at
        return fresh and entry.tally.as_of > self._outage.over_at

    def _look_at(self, petition_id: int, raw: bytes | None) -> Entry | None:
        """Parse a line that changed. The same bytes give the same Tally object until they change."""
        entry = entry_of(raw, self._fresh_for)
        if entry is None:
            return None
        self._known.learn(petition_id, entry.tally)
        if len(self._seen) >= self._remember:
            self._seen.clear()  # a cache of a cache: cheaper to fill anew than to order
        self._seen[petition_id] = entry
        return entry

    def _from_ledger(self, petition_id: int) -> Tally:
        if self._outage.unattended:
            self._outage.begin()
        try:
            tally = self._ledger.ask(petition_id)
        except LedgerUnavailable:
            return self._last_known(petition_id)
        self._known.learn(petition_id, tally)
        return tally

    def _failed_over(self, petition_id: int) -> Tally:
        self._failures += 1
        self._outage.begin()
        return self._from_ledger(petition_id)

    def _last_known(self, petition_id: int) -> Tally:
        known = self._known.recall(petition_id)
        if known is None:
            raise LedgerUnavailable(f"petition {petition_id}: nothing is known")
        return known

    def _refresh(self, petition_id: int) -> Tally:
        """Have one reader at a time ask the ledger: one thread here, one claim among all processes."""
        deadline = time.monotonic() + self._wait
        stripe = self._stripes[petition_id % STRIPES]
        alone = stripe.acquire(timeout=self._wait)
        try:
            return self._claim(petition_id, deadline)
        finally:
            if alone:
                stripe.release()

    def _claim(self, petition_id: int, deadline: float) -> Tally:
        token = os.urandom(8).hex()
        while True:
            try:
                claimed, raw = self._wire.run(
                    CLAIM, [self._key_of(petition_id)], token, *self._window(), self._claim_ms, self._kept_ms
                )
            except FAILURES:
                return self._failed_over(petition_id)
            there = self._look_at(petition_id, raw)
            if claimed:
                return self._fill(petition_id, token, there)
            if there is not None and self._trusts(there):
                return there.tally
            if time.monotonic() >= deadline:  # the one who asks is slow or dead: ask too, claim nothing
                return self._fill(petition_id, "", there)
            time.sleep(POLL_EVERY)

    def _window(self) -> tuple[int, int]:
        """Return the oldest and the newest as_of that is trusted now, in milliseconds."""
        now = self._clock()
        oldest = max(milliseconds(now - self._fresh_for) + 1, milliseconds(self._outage.over_at) + 1)
        return oldest, milliseconds(now + self._fresh_for)

    def _fill(self, petition_id: int, token: str, before: Entry | None) -> Tally:
        """Ask the ledger and put what it says; `before` was in Redis before the ledger was asked."""
        try:
            tally = self._ledger.ask(petition_id)
        except BaseException as failure:
            self._give_back(petition_id, token)
            if isinstance(failure, LedgerUnavailable):
                return self._last_known(petition_id)
            raise
        rewound = bool(token) and before is not None and tally.changes < before.tally.changes
        instead_of = before.tally.changes if before is not None and rewound else ""
        self._known.learn(petition_id, tally, rewound=rewound)
        try:
            stored = self._put(petition_id, tally, token, instead_of)
        except FAILURES:
            self._failures += 1
            self._outage.begin()
            return tally
        return stored.tally if stored is not None and stored.tally.changes >= tally.changes else tally

    def _give_back(self, petition_id: int, token: str) -> None:
        """Let the next reader try at once. If this fails the claim runs out by itself."""
        if not token:
            return
        try:
            self._wire.run(PUT, [self._key_of(petition_id)], "", 0, 0, token, "", self._kept_ms)
        except FAILURES:
            self._failures += 1
            self._outage.begin()

    def _pay(self, petition_id: int, tally: Tally) -> None:
        try:
            self._put(petition_id, tally, "", "")
        except Full:
            # Full: nobody may go on reading the old figure. DEL is allowed when SET is not.
            self._wire.ask("DEL", self._key_of(petition_id))
            self._outage.begin()

    def _put(self, petition_id: int, tally: Tally, token: str, instead_of: int | str) -> Entry | None:
        raw = self._wire.run(
            PUT,
            [self._key_of(petition_id)],
            *(line_of(tally), tally.changes, milliseconds(tally.as_of)),
            *(token, instead_of, self._kept_ms),
        )
        return self._look_at(petition_id, raw)

    def _probe(self) -> None:
        self._wire.probe()

    def after_fork(self) -> None:
        """Begin as a process of its own."""
        self._stripes = [threading.Lock() for _ in range(STRIPES)]
        self._known.renew_lock()
        self._ledger.renew_lock()
        self._outage.after_fork()
        self._wire.after_fork()
