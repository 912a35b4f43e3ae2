"""The published updates a process has at hand, so that a petition's page need not read them each time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from widget.domain.petition import Petition
from widget.domain.refusals import LedgerUnavailable
from widget.domain.update import Update

CAPACITY = 200  # petitions; the one unused for longest makes room


class NewsAtHand:
    """A bounded memory of updates by petition, safe to share between threads.

    Publishing one raises the petition's `revision`, so what is kept for a revision never goes stale.
    """

    def __init__(self, load: Callable[[int], Sequence[Update]]) -> None:
        self._load = load
        self._known: OrderedDict[int, tuple[int, tuple[Update, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, petition: Petition) -> tuple[Update, ...]:
        """Return what was published, newest first; while the ledger is away what is known, if anything."""
        revision, kept = self._known.get(petition.id, (None, ()))
        if revision == petition.revision:
            return kept
        try:
            found = tuple(self._load(petition.id))
        except LedgerUnavailable:
            return kept
        with self._lock:
            self._known[petition.id] = (petition.revision, found)
            self._known.move_to_end(petition.id)
            if len(self._known) > CAPACITY:
                self._known.popitem(last=False)
        return found
