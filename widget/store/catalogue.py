"""The petitions a process has at hand, so that showing and signing need not read them each time.

Counts are never kept here, and nothing is decided by it: whether a petition is open is asked again in
the statement that writes a signature. Titles and texts may be a moment old.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from widget.domain.petition import Petition
from widget.domain.refusals import LedgerUnavailable

FRESH = 2.0  # seconds until an edit made in another process is seen
LATE = 5.0  # seconds after which nobody goes on with what is known while another looks
WHOLE = 60.0  # seconds until one is read whole though its revision is the same: a ledger may be restored
RETRY = 1.0  # seconds between two tries while the ledger is away
CAPACITY = 2_000  # petitions; the one unused for longest makes room


@dataclass(slots=True)
class _Entry:
    petition: Petition
    whole_at: float
    read_at: float
    due: float
    away: bool = False


class Catalogue:
    """A bounded memory of petitions by slug, safe to share between threads.

    `load` reads one petition from the ledger; `is_unchanged` tells, for much less, whether one that was read
    is still what the ledger has, and without it all is read again; `monotonic` is a clock in seconds that
    never goes back.
    """

    def __init__(
        self,
        load: Callable[[str], Petition],
        *,
        is_unchanged: Callable[[Petition], bool] = lambda _: False,
        monotonic: Callable[[], float],
    ) -> None:
        self._load = load
        self._is_unchanged = is_unchanged
        self._monotonic = monotonic
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def petition(self, slug: str) -> Petition:
        """Return the petition with this slug, at most a moment old.

        While the ledger is away the last known one is returned. Raises PetitionNotFound, and
        LedgerUnavailable where nothing is known.
        """
        now = self._monotonic()
        with self._lock:
            entry = self._entries.get(slug)
            if entry is not None:
                self._entries.move_to_end(slug)
                if now < entry.due and (entry.away or now < entry.read_at + LATE):
                    return entry.petition
                # This caller looks; the others go on with what is known instead of queueing.
                entry.due = now + RETRY
        try:
            petition = self._read(slug, entry, now)
        except LedgerUnavailable:
            if entry is None:
                raise
            entry.away = True
            return entry.petition
        except Exception:
            self.forget(slug)
            raise
        self._keep(slug, petition, now)
        return petition

    def _read(self, slug: str, entry: _Entry | None, now: float) -> Petition:
        """Ask the ledger; an address that a petition had formerly may be another one's by now."""
        known = entry.petition if entry is not None and now < entry.whole_at + WHOLE else None
        if known is not None and known.slug == slug and self._is_unchanged(known):
            return known
        return self._load(slug)

    def at_hand(self, most: int) -> list[int]:
        """Return the numbers of the petitions asked for last, `most` at most."""
        with self._lock:
            return [entry.petition.id for entry in islice(reversed(self._entries.values()), most)]

    def forget(self, slug: str) -> None:
        """Drop what is known of a petition, so that the next look reads the ledger."""
        with self._lock:
            self._entries.pop(slug, None)

    def _keep(self, slug: str, petition: Petition, now: float) -> None:
        with self._lock:
            known = self._entries.get(slug)
            # Two readers may come back in the wrong order: the later revision stays.
            if known is None or known.petition.revision <= petition.revision:
                same = known is not None and known.petition is petition
                whole_at = known.whole_at if known is not None and same else now
                self._entries[slug] = _Entry(petition, whole_at, now, now + FRESH)
                self._entries.move_to_end(slug)
            while len(self._entries) > CAPACITY:
                self._entries.popitem(last=False)
