"""Asking the ledger, so that a ledger which hangs holds one reader at a time and not all of them."""

import threading
from collections.abc import Callable

from widget.domain.refusals import LedgerUnavailable
from widget.domain.tally import Tally
from widget.store.known import LastKnown


class Asking:
    """`load`, and while it fails: one reader at a time.

    The others need not wait to learn what that one will: for a petition whose last figure is known they
    are told at once that the ledger is gone. There is no pause in it: the next read after the ledger is
    back asks it.
    """

    def __init__(self, load: Callable[[int], Tally], known: LastKnown) -> None:
        self._load = load
        self._known = known
        self._gone = False
        self.renew_lock()

    def renew_lock(self) -> None:
        """Forget who held the lock: after a fork its holder may not exist here."""
        self._alone = threading.Lock()

    def ask(self, petition_id: int) -> Tally:
        """Return the ledger's tally; raises LedgerUnavailable, and whatever else `load` raises."""
        if not self._gone or self._known.recall(petition_id) is None:
            return self._try(petition_id)
        if not self._alone.acquire(blocking=False):
            raise LedgerUnavailable
        try:
            return self._try(petition_id)
        finally:
            self._alone.release()

    def _try(self, petition_id: int) -> Tally:
        try:
            tally = self._load(petition_id)
        except LedgerUnavailable:
            self._gone = True
            raise
        self._gone = False
        return tally
