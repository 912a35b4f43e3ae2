"""An honest ledger in memory: slots that change in a commit and are summed in one read.

`Counter` knows of the ledger only what `load` tells. This model tells it, keeps every sum it ever had, so
that a test can see that nothing was invented, and lets a test stop a reader in mid-read.
"""

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from widget.domain.refusals import LedgerUnavailable, PetitionNotFound
from widget.domain.tally import Tally

CARRIED_OVER = 49
SLOTS = 4
Figures = tuple[int, int]


class TickingClock:
    """A clock that never stands still: every look at it is a millisecond later."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._now += timedelta(milliseconds=1)
            return self._now

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


class SlottedLedger:
    """The slots of some petitions. `before_read` and `after_read` run in the reader, around the SELECT."""

    def __init__(self, clock: Callable[[], datetime], *petitions: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._slots: dict[int, list[list[int]]] = {p: [[0, 0] for _ in range(SLOTS)] for p in petitions}
        self.history: dict[int, set[Figures]] = {p: {(0, 0)} for p in petitions}
        self.gone = False
        self.loads = 0
        self.before_read: Callable[[], None] = _nothing
        self.after_read: Callable[[], None] = _nothing
        self.back_up()

    def sign(self, petition_id: int) -> Tally:
        """Commit a signature, then read as the story does after its commit."""
        self._change(petition_id, +1)
        return self._read(petition_id)

    def withdraw(self, petition_id: int) -> Tally:
        self._change(petition_id, -1)
        return self._read(petition_id)

    def load(self, petition_id: int) -> Tally:
        """What Counter is given: one statement, which may find the ledger gone."""
        with self._lock:
            self.loads += 1
        self.before_read()
        if self.gone:
            raise LedgerUnavailable
        tally = self._read(petition_id)
        self.after_read()
        return tally

    def truth(self, petition_id: int) -> Figures:
        """The version and the count as committed now."""
        with self._lock:
            return self._figures(petition_id)

    def back_up(self) -> None:
        with self._lock:
            self._backup = {p: [list(slot) for slot in slots] for p, slots in self._slots.items()}

    def restore(self) -> None:
        """Go back to the backup: what was committed since is lost, versions will be used again."""
        with self._lock:
            self._slots = {p: [list(slot) for slot in slots] for p, slots in self._backup.items()}

    def _change(self, petition_id: int, by: int) -> None:
        with self._lock:
            slot = random.choice(self._slots[petition_id])
            slot[0] += by
            slot[1] += 1
            self.history[petition_id].add(self._figures(petition_id))

    def _read(self, petition_id: int) -> Tally:
        with self._lock:
            if petition_id not in self._slots:
                raise PetitionNotFound
            changes, here = self._figures(petition_id)
            return Tally(
                here=here,
                carried_over=CARRIED_OVER,
                paper=0,
                changes=changes,
                goal_floor=50,
                as_of=self._clock(),
            )

    def _figures(self, petition_id: int) -> Figures:
        slots = self._slots[petition_id]
        return sum(slot[1] for slot in slots), sum(slot[0] for slot in slots)


def figures(tally: Tally) -> Figures:
    """The version and the signatures given here of a tally that was shown."""
    return tally.changes, tally.here


def _nothing() -> None:
    return None
