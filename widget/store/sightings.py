"""Which sites asked this process for a widget: noticed in passing, told to the ledger later.

Noticing is a look into a set, so that it costs a reader nothing. What is new in an hour waits in a bounded
list; a thread of its own tells it, at most once a minute. A ledger that is away is not waited for by anybody.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from widget.domain.refusals import LedgerUnavailable
from widget.domain.site import LENGTH, hour, site_of

Seen = Mapping[tuple[int, str], datetime]

GATHERED = 2.0  # seconds; the sites of one page come together
EVERY = 60.0  # seconds between two words to the ledger
KNOWN = 5_000  # headers that are known this hour; what comes beyond is read anew each time
WAITING = 500  # sites that wait to be told
WAITING_OF_ONE = 50  # of them of one petition: whoever invents sites crowds nobody else's out

log = logging.getLogger(__name__)


class Sightings:
    """A bounded memory of sites by petition, safe to share between threads.

    `tell` writes what was seen into the ledger, `hangs` tells whether that stands still. `own` are the sites
    that are ours, which nobody need be told of. `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        tell: Callable[[Seen], None],
        *,
        hangs: Callable[[], bool],
        own: Collection[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._tell = tell
        self._hangs = hangs
        self._own = frozenset(own)
        self._clock = clock
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._hour = 0
        self._known: set[tuple[int, str]] = set()
        self._waiting: dict[tuple[int, str], datetime] = {}
        self._of_one: Counter[int] = Counter()

    def notice(self, petition_id: int, said: str | None) -> None:
        """Notice who asks for a petition's widget: `said` is the header, None where there was none."""
        if said is None or ((petition_id, said) in self._known and self._clock() // 3600 == self._hour):
            return
        if len(said) > LENGTH:
            return
        with self._lock:
            self._notice(petition_id, said)

    def start(self) -> None:
        """Tell the ledger from now on, in a thread that ends with the process."""
        threading.Thread(target=self._go_on, name="sightings", daemon=True).start()

    def tell(self) -> None:
        """Tell the ledger what was seen. Never raises LedgerUnavailable: it waits, and is told later."""
        with self._lock:
            seen, self._waiting = self._waiting, {}
            self._of_one.clear()
            self._some.clear()
        if not seen:
            return
        try:
            if self._hangs():
                raise LedgerUnavailable("it hangs, and nobody waits for this")
            self._tell(seen)
        except LedgerUnavailable:
            with self._lock:
                for (petition_id, site), at in seen.items():
                    if not self._wait(petition_id, site, at):
                        self._known = set()  # what finds no room is noticed anew when it asks again

    def _notice(self, petition_id: int, said: str) -> None:
        moment = self._clock()
        if moment // 3600 != self._hour:
            self._hour = int(moment // 3600)
            self._known = set()
        site, at = site_of(said), hour(datetime.fromtimestamp(moment, UTC))
        if site is None or site in self._own or self._wait(petition_id, site, at):
            self._remember(petition_id, said)

    def _remember(self, petition_id: int, said: str) -> None:
        if len(self._known) < KNOWN:
            self._known.add((petition_id, said))

    def _wait(self, petition_id: int, site: str, at: datetime) -> bool:
        """Let a site wait to be told, if there is room."""
        key = (petition_id, site)
        if key not in self._waiting:
            if len(self._waiting) >= WAITING or self._of_one[petition_id] >= WAITING_OF_ONE:
                return False
            self._of_one[petition_id] += 1
        self._waiting[key] = max(at, self._waiting.get(key, at))
        self._some.set()
        return True

    def _go_on(self) -> None:
        while True:
            self._some.wait()
            time.sleep(GATHERED)
            try:
                self.tell()
            except Exception:
                log.exception("which sites show a widget could not be told")
            time.sleep(EVERY - GATHERED)
