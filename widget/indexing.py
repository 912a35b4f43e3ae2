"""The worker's part in searching: signatures written without the words of a search get them, beside all else.

These are the ones of before there was a search, and what processes of an older version write while a new one
is brought in. A walk over all numbers begins with the worker and once a day; in between only the newest are
looked at. It keeps no mark: killed at any point, the next worker walks anew and finds what is left. Several
may walk at once, each row is filled by one.
"""

import logging
import time
from collections.abc import Callable

from widget.domain.refusals import LedgerUnavailable
from widget.store.ledger import Ledger

WINDOW = 5_000  # numbers looked at in one question
AT_ONCE = 300  # rows in one transaction
UNDERWAY = 1_000  # numbers that may have been given before a look and be committed after it
LOOK = 60.0  # seconds between two looks at the newest
APART = 1.0  # seconds at most between two steps beside many letters
DAY = 86_400.0  # seconds

log = logging.getLogger(__name__)


class Indexing:
    """Steps for a worker that asks again and again; `elapsed` gives seconds that only go on."""

    def __init__(self, *, ledger: Ledger, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._elapsed = elapsed
        self._next = self._walk_at = elapsed()
        self._took = 0.0
        self._idle = False
        # Where the next look begins, where this one is and ends, the first number it could not see to.
        self._from = self._at = self._until = 0
        self._missed: int | None = None
        self._done = 0

    def __call__(self, room: float) -> bool:
        """Do a step if there is one, and `room` seconds for it or none was done for a while; tell whether.

        Never raises: what cannot be searched must not keep letters from going out.
        """
        now = self._elapsed()
        if now < self._next and (self._idle or room < self._took):
            return False
        try:
            did = self._step(now)
        except LedgerUnavailable:
            did = False
        except Exception:
            log.exception("signatures could not be made ready to be searched, and are tried again")
            did = False
        self._took = self._elapsed() - now
        self._idle = not did
        self._next = now + (APART if did else LOOK)
        return did

    def _step(self, now: float) -> bool:
        """Look at one window, or fill some of it; tell whether the walk goes on."""
        if self._at >= self._until and not self._begin(now):
            return False
        window = min(self._at + WINDOW, self._until)
        found = self._ledger.unindexed(self._at, window, AT_ONCE)
        if found:
            filled = self._ledger.index(found)
            self._done += len(filled)
            left = set(found).difference(filled)
            if left and self._missed is None:
                self._missed = min(left) - 1
        self._at = found[-1] if len(found) == AT_ONCE else window
        if self._at < self._until:
            return True
        self._end()
        return False

    def _begin(self, now: float) -> bool:
        last = self._ledger.last_signature()
        if now >= self._walk_at or last < self._from:  # fewer than there were: a backup came in their place
            self._from, self._walk_at = 0, now + DAY
        self._at, self._until, self._missed = self._from, last, None
        return self._at < self._until

    def _end(self) -> None:
        behind = max(self._until - UNDERWAY, 0)
        self._from = behind if self._missed is None else min(self._missed, behind)
        if self._done:
            log.info("signatures can be searched that could not", extra={"facts": {"signatures": self._done}})
        self._done = 0
