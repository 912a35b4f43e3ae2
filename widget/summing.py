"""The worker's part in the figures: it counts the signatures of large petitions, so that no visitor waits.

A petition is counted again when something was signed or moved in it, and once a day in any case; never more
often than leaves the ledger to its signers. Several workers may do it at once: each looks at what the others
kept, and of two counts the later one stays.
"""

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from threading import Event, Thread

from widget import figures
from widget.domain.refusals import LedgerUnavailable
from widget.store.ledger import Ledger

LOOK = 30.0  # seconds between two looks for what has changed
APART = timedelta(minutes=1)  # at the least between two counts of a petition
REST = 30  # times as long as a count took, nobody counts that petition again
UNDERWAY = 1_000  # numbers that may have been given before the first look and be committed after it
EVERY = timedelta(days=1)  # even if nothing changed: what is forgotten leaves no move behind

log = logging.getLogger(__name__)


class Summing:
    """Counts what is due whenever it is called; what is due is known by what was signed and moved since.

    Of two looks the earlier one says how far to go: a signature whose number was given but that was not yet
    committed then is there by the next.
    """

    def __init__(self, *, ledger: Ledger, clock: Callable[[], datetime], confirm_within: timedelta) -> None:
        self._ledger = ledger
        self._clock = clock
        self._within = confirm_within
        self._due: dict[int, datetime] = {}
        self._all_at: datetime | None = None
        self._seen = self._until = (0, 0)

    def __call__(self) -> int:
        """Count every petition that is due; return how many were counted. Raises LedgerUnavailable."""
        now = self._clock()
        self._note_changes(now)
        return sum(self._count(petition_id, since) for petition_id, since in list(self._due.items()))

    def run(self, stop: Event) -> None:
        """Go on until told to stop; a ledger that is away is asked again."""
        while not stop.is_set():
            try:
                self()
            except LedgerUnavailable:
                log.warning("the ledger was away: figures are counted later")
            except Exception:
                log.exception("figures could not be counted, and are tried again")
            stop.wait(LOOK)

    def _note_changes(self, now: datetime) -> None:
        latest = self._ledger.latest()
        if self._all_at is None:
            self._seen = _before(latest)
        elif self._until != self._seen:
            touched = self._ledger.touched(self._seen, self._until)
            large = (one for one in touched if self._ledger.is_larger_than(one, figures.LIVE))
            self._due |= dict.fromkeys(large, now)
            self._seen = self._until
        if self._all_at is None or now - self._all_at >= EVERY:
            self._due |= dict.fromkeys(self._ledger.larger_than(figures.LIVE), now)
            self._all_at = now
        self._until = latest

    def _count(self, petition_id: int, since: datetime) -> bool:
        """Count one that is due since a moment, unless another worker did, or it is too early."""
        kept, now = self._ledger.kept_figures(petition_id), self._clock()
        if kept is not None:
            if kept.figures.as_of >= since:
                del self._due[petition_id]
                return False
            if now < kept.figures.as_of + max(APART, timedelta(seconds=REST * kept.seconds)):
                return False
        counted, seconds = figures.count(
            petition_id, ledger=self._ledger, now=now, confirm_within=self._within
        )
        self._ledger.keep_figures(petition_id, counted, seconds)
        del self._due[petition_id]
        log.info("figures counted", extra={"facts": {"petition": petition_id, "seconds": round(seconds, 1)}})
        return True


def start(
    database_url: str, *, clock: Callable[[], datetime], confirm_within: timedelta, stop: Event
) -> Thread:
    """Count in a thread and over a connection of its own until told to stop: no letter waits for it."""
    ledger = Ledger.connect(database_url, pool=1)
    summing = Summing(ledger=ledger, clock=clock, confirm_within=confirm_within)

    def count() -> None:
        with closing(ledger):
            summing.run(stop)

    thread = Thread(target=count, name="figures", daemon=True)
    thread.start()
    return thread


def _before(latest: tuple[int, int]) -> tuple[int, int]:
    signature, move = (max(number - UNDERWAY, 0) for number in latest)
    return signature, move
