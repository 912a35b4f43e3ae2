"""What the parts of a process tell of themselves, and what is measured for whoever asks for the figures."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from widget import metrics
from widget.domain.refusals import LedgerUnavailable, Refusal
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger

EVERY = 5.0  # seconds between two looks at one's own parts
MEASURED_EVERY = 15.0  # seconds; more readers of the figures cost the ledger nothing
COMPARED = 20  # petitions whose copy is compared with the ledger
VERSION = "0.1.0"

log = logging.getLogger(__name__)


class Watch(Collector):
    """Keeps the figures of one process and measures what all processes share.

    `clock` gives the moment; `monotonic` never goes back, in seconds.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        counter: Counter,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._counter = counter
        self._catalogue = catalogue
        self._clock = clock
        self._monotonic = monotonic
        self._told: dict[str, int] = {}
        self._lock = threading.Lock()
        self._measured: list[Metric] = []
        self._due = 0.0

    def start(self) -> None:
        """Tell at once and from now on, in a thread that ends with the process."""
        threading.Thread(target=self._go_on, name="watch", daemon=True).start()

    def tell(self) -> None:
        """Write down how the parts of this process fare."""
        with self._lock:
            status = self._counter.status()
            self._add("hits", status.hits, metrics.count_reads.labels("redis"))
            self._add("misses", status.misses, metrics.count_reads.labels("ledger"))
            self._add("redis", status.failures, metrics.store_failures.labels("redis"))
            self._add("ledger", self._ledger.failures, metrics.store_failures.labels("ledger"))
            metrics.redis_down.set(status.down)
            metrics.counts_owed.set(status.owed)
            metrics.ledger_hangs.set(self._ledger.hangs)
            used, limit = self._ledger.connections()
            metrics.ledger_connections.set(used)
            metrics.ledger_connections_limit.set(limit)
            metrics.processes.set(1)
            metrics.memory.set(_resident())

    def collect(self) -> Iterator[Metric]:
        """Measure what all processes share, not more often than MEASURED_EVERY."""
        with self._lock:
            if self._monotonic() >= self._due:
                self._measured = list(self._measure())
                self._due = self._monotonic() + MEASURED_EVERY
            yield from self._measured

    def _measure(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("support_now_build_info", "What runs", labels=["version"])
        build.add_metric([VERSION], 1)
        yield build
        try:
            standing = self._ledger.outbox_standing(self._clock())
            drift = self._drift()
        except LedgerUnavailable:
            yield _gauge("ledger_up", "Whether the ledger answers", 0)
            return
        yield _gauge("ledger_up", "Whether the ledger answers", 1)
        yield _gauge("outbox_letters", "Letters that are due, 100 000 at most", standing.waiting)
        yield _gauge("outbox_age_seconds", "How long the first of them has been due", standing.age)
        yield _gauge("count_drift", "Signatures by which a copy contradicts the ledger", drift)

    def _drift(self) -> int:
        """Return by how much copies contradict the ledger: one that is behind is on its way, not wrong."""
        worst = 0
        for petition_id in self._catalogue.at_hand(COMPARED):
            try:
                copy, truth = self._counter.read(petition_id), self._ledger.tally(petition_id)
            except LedgerUnavailable:
                raise
            except Refusal:
                continue
            if copy.changes >= truth.changes:
                worst = max(worst, abs(copy.count - truth.count), copy.changes - truth.changes)
        return worst

    def _add(self, name: str, now: int, counter: metrics.Counter) -> None:
        counter.inc(max(now - self._told.get(name, 0), 0))
        self._told[name] = now

    def _go_on(self) -> None:
        while True:
            try:
                self.tell()
            except Exception:
                log.exception("the figures of this process could not be written")
            time.sleep(EVERY)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"support_now_{name}", about, value)


def _resident() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):  # not Linux
        return 0
    return pages * 4096
