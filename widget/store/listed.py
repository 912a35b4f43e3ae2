"""The lists a process has at hand, so that a signature need not read them."""

import threading
from collections.abc import Callable

from widget.domain.lists import Lists
from widget.domain.refusals import LedgerUnavailable

FRESH = 5.0  # seconds until an entry made in another process is seen


class ListsAtHand:
    """The block and allow lists, at most some seconds old.

    `load` reads them from the ledger; `monotonic` is a clock in seconds that never goes back. While the
    ledger is away the last known lists go on, empty ones if none were ever read.
    """

    def __init__(self, load: Callable[[], Lists], *, monotonic: Callable[[], float]) -> None:
        self._load = load
        self._monotonic = monotonic
        self._known: Lists | None = None
        self._due = 0.0
        self._lock = threading.Lock()

    def lists(self) -> Lists:
        """Return the lists. One caller at a time reads them anew; the others go on with what is known."""
        known = self._known
        if known is not None and self._monotonic() < self._due:
            return known
        if not self._lock.acquire(blocking=known is None):
            return known or Lists()
        try:
            if self._known is None or self._monotonic() >= self._due:
                self._read()
            return self._known or Lists()
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Have the next caller read the ledger."""
        self._due = 0.0

    def _read(self) -> None:
        try:
            self._known = self._load()
        except LedgerUnavailable:
            self._known = self._known or Lists()
        self._due = self._monotonic() + FRESH
