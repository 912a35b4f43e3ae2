"""The gate to the ledger: a database that hangs holds a few threads for a moment, and not all for long."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from widget.domain.refusals import LedgerUnavailable

PATIENCE = 1.0  # seconds; a healthy ledger answers in milliseconds
LONGEST = 5.0  # seconds in a queue that moves, as long as SQLite's own lock is waited for


class Gate:
    """Lets as many in as there are `places`, and while the ledger hangs one at a time, to look.

    Who finds all places taken waits while those inside come and go, LONGEST at most, and not at all when
    nobody came or went for PATIENCE. A failure that took PATIENCE or more shows that the ledger hangs; the
    first question that is answered, or refused at once, ends that. Raises LedgerUnavailable.
    """

    def __init__(self, places: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.hangs = False
        self.failures = 0
        self._monotonic = monotonic
        self._places = threading.Semaphore(places)
        self._look = threading.Lock()
        self._moved = monotonic()

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Come in, and leave with what happened inside."""
        looks = self.hangs
        if looks and not self._look.acquire(blocking=False):
            raise LedgerUnavailable("it hangs, and one is looking")
        try:
            self._wait()
            try:
                yield from self._watched()
            finally:
                self._places.release()
        finally:
            if looks:
                self._look.release()

    def _wait(self) -> None:
        since = self._monotonic()
        while not self._places.acquire(timeout=0 if self._stands_still() else PATIENCE):
            if self._stands_still() or self._monotonic() - since >= LONGEST:
                raise LedgerUnavailable("too many wait for it")

    def _stands_still(self) -> bool:
        return self._monotonic() - self._moved > PATIENCE

    def _watched(self) -> Iterator[None]:
        self._moved = since = self._monotonic()
        try:
            yield
        except LedgerUnavailable:
            self.failures += 1
            self.hangs = self._monotonic() - since >= PATIENCE
            raise
        except BaseException:
            self.hangs = False
            raise
        else:
            self.hangs = False
        finally:
            self._moved = self._monotonic()
