"""The story of forgetting: what was kept long enough goes, a little at a time, beside the signers.

Run once a day, by the worker or by hand. It may be killed at any point; the next run does the rest.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from threading import Event

from widget.domain.refusals import LedgerUnavailable
from widget.domain.retention import Retention
from widget.domain.site import REMEMBERED
from widget.store.ledger import Ledger

DAY = timedelta(days=1)
ARRIVES_WITHIN = timedelta(hours=1)  # whoever sends a file; what came of one half sent goes then
SOON = timedelta(hours=1)  # when the ledger was away
LOOK = 1.0  # seconds between two looks at the clock, where nothing else is to be done

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Anonymised:
    """A petition whose signers were taken out, and how many. Its number is what it was."""

    slug: str
    signers: int


@dataclass(frozen=True, slots=True)
class Retained:
    """What was forgotten, or in a dry run would be."""

    unconfirmed: int
    network_keys: int
    anonymised: tuple[Anonymised, ...]
    unreviewed: int = 0
    sites: int = 0
    uploads: int = 0


def retain(
    *,
    ledger: Ledger,
    rules: Retention,
    now: datetime,
    dry_run: bool = False,
    watch: Callable[[float], None] = lambda _done: None,
) -> Retained:
    """Erase the unconfirmed and unreviewed, and old networks, files and sites; anonymise what is long closed.

    Says how many of each. A dry run looks for the same with the same questions, and writes nothing. `watch`
    is told now and then which part of the walk is done, from 0 to 1. Raises LedgerUnavailable; what was done
    stays.
    """
    if not dry_run:
        ledger.note_closings(now)
    unconfirmed = unreviewed = network_keys = 0
    unconfirmed_before, unreviewed_before = rules.unconfirmed_before(now), rules.unreviewed_before(now)
    keys_before = rules.network_keys_before(now)
    windows = ledger.windows()
    for number, window in enumerate(windows, 1):
        due = ledger.unconfirmed(window, unconfirmed_before)
        unconfirmed += len(due) if dry_run else ledger.erase_unconfirmed(due, unconfirmed_before, now)
        held = ledger.unreviewed(window, unreviewed_before)
        unreviewed += len(held) if dry_run else ledger.erase_unreviewed(held, unreviewed_before, now)
        # Who is erased has no network any more: these never count one signature twice.
        erased = frozenset(due + held)
        keys = [key for key in ledger.network_keys(window, keys_before) if key not in erased]
        network_keys += len(keys) if dry_run else ledger.clear_network_keys(keys, keys_before)
        watch(number / len(windows))
    anonymised = []
    for closed in ledger.closed_before(rules.closed_before(now), unconfirmed_before, unreviewed_before, now):
        signers = closed.signers if dry_run else ledger.anonymise(closed.petition_id, now)
        anonymised.append(Anonymised(closed.slug, signers))
    # After the petitions: with the signers of one its files go.
    uploads = _drop_uploads(ledger, rules, now, dry_run=dry_run)
    unseen_since = now - REMEMBERED
    sites = ledger.count_sightings(unseen_since) if dry_run else ledger.forget_sightings(unseen_since)
    return Retained(unconfirmed, network_keys, tuple(anonymised), unreviewed, sites, uploads)


def _drop_uploads(ledger: Ledger, rules: Retention, now: datetime, *, dry_run: bool) -> int:
    old = ledger.old_uploads(rules.uploads_before(now), now - ARRIVES_WITHIN)
    for upload_id in () if dry_run else old:
        ledger.drop_upload(upload_id)
    return len(old)


class Daily:
    """Retention for a worker that asks again and again: done at once, then once a day."""

    def __init__(self, *, ledger: Ledger, rules: Retention) -> None:
        self._ledger = ledger
        self._rules = rules
        self._next: datetime | None = None

    def __call__(self, now: datetime) -> None:
        """Forget what is due, if it is time. Never raises LedgerUnavailable: it is tried again in an hour."""
        if self._next is not None and now < self._next:
            return
        try:
            done = retain(ledger=self._ledger, rules=self._rules, now=now)
        except LedgerUnavailable:
            self._next = now + SOON
            log.warning("the ledger was away: what is due is forgotten later")
            return
        self._next = now + DAY
        if done != Retained(0, 0, ()):
            log.info("forgotten what was kept long enough", extra={"facts": asdict(done)})

    def run(
        self,
        clock: Callable[[], datetime],
        stop: Event,
        beside: Callable[[float], bool] = lambda _room: False,
    ) -> None:
        """Go on day after day until told to stop: for a worker that has no letters to send.

        `beside` does one step of other work and tells whether there was any.
        """
        while not stop.is_set():
            self(clock())
            if not beside(LOOK):
                stop.wait(LOOK)
