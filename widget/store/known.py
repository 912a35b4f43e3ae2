"""The last figure this process knew of each petition: what is shown when both stores are gone."""

import threading
from collections import OrderedDict
from datetime import timedelta

from widget.domain.tally import Tally


class LastKnown:
    """A bounded memory that only goes forward; safe to use from any thread.

    `rewind_after`: how much later a lower version must have been read to replace a higher one. Without
    a rewind a lower version is always read earlier, and no two clocks of ours differ by so much.
    """

    def __init__(self, *, keep: int, rewind_after: timedelta) -> None:
        self._keep = keep
        self._rewind_after = rewind_after
        self._tallies: OrderedDict[int, Tally] = OrderedDict()
        self.renew_lock()

    def renew_lock(self) -> None:
        """Forget who held the lock: after a fork its holder may not exist here."""
        self._lock = threading.Lock()

    def learn(self, petition_id: int, tally: Tally, *, rewound: bool = False) -> Tally:
        """Remember `tally` unless a higher version is known; return the one now known."""
        with self._lock:
            known = self._tallies.get(petition_id)
            if known is None or rewound or self._is_later(tally, known):
                self._tallies[petition_id] = known = tally
            self._tallies.move_to_end(petition_id)
            if len(self._tallies) > self._keep:
                self._tallies.popitem(last=False)
            return known

    def recall(self, petition_id: int) -> Tally | None:
        """Return the last known tally, or None."""
        return self._tallies.get(petition_id)

    def _is_later(self, tally: Tally, known: Tally) -> bool:
        if tally.changes < known.changes:
            return tally.as_of - known.as_of > self._rewind_after
        return (tally.changes, tally.as_of) > (known.changes, known.as_of)
