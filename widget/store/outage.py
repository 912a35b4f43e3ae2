"""When Redis fails: keep away from it, remember what it missed, and mend that behind the scenes."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from widget.domain.tally import Tally
from widget.store.entry import EPOCH

OWED_AT_MOST = 10_000


class Outage:
    """A breaker and the debts behind it.

    `down` rises at the first failure and falls when Redis took a write again and every owed tally is
    paid. Meanwhile no visitor waits for Redis: one daemon thread, alive only while `down`, tries every
    `retry_every` seconds. `over_at` is when Redis was last found back: a figure read from the ledger
    before that is not trusted, since whoever should have replaced it may have failed to.
    """

    def __init__(
        self,
        *,
        probe: Callable[[], None],
        pay: Callable[[int, Tally], None],
        failures: tuple[type[Exception], ...],
        clock: Callable[[], datetime],
        retry_every: float,
    ) -> None:
        self.down = False
        self.over_at = EPOCH
        self.owed: OrderedDict[int, Tally] = OrderedDict()
        self._probe = probe
        self._pay = pay
        self._failures = failures
        self._clock = clock
        self._retry_every = retry_every
        self._closed = threading.Event()
        self.after_fork()

    def after_fork(self) -> None:
        """Start without the parent's thread and its locks; the debts stay, paying twice is harmless."""
        closed, self._closed = self._closed.is_set(), threading.Event()
        if closed:
            self._closed.set()
        self._lock = threading.Lock()
        self._mender: threading.Thread | None = None

    def begin(self, petition_id: int | None = None, tally: Tally | None = None) -> None:
        """Note a failure, and the tally that Redis now lacks. Never raises."""
        with self._lock:
            self.down = True
            if self._closed.is_set():
                return
            if petition_id is not None and tally is not None:
                self._owe(petition_id, tally)
            if self._mender is not None:
                return
            mender = threading.Thread(target=self._mend, name="counter-mender", daemon=True)
            try:
                mender.start()
            except RuntimeError:  # no thread to be had: `down` stays, the next call tries again
                return
            self._mender = mender

    @property
    def unattended(self) -> bool:
        """Tell whether Redis is down and nobody tries it: after a fork, or when no thread was to be had."""
        return self._mender is None

    def interrupted(self) -> None:
        """Note that Redis closed a connection on us: it may have restarted with an older memory."""
        self.over_at = self._clock()

    def close(self) -> None:
        """Stay down for good and let the thread end."""
        with self._lock:
            self.down = True
            mender = self._mender
        self._closed.set()
        if mender is not None:
            mender.join(timeout=1)

    def _owe(self, petition_id: int, tally: Tally) -> None:
        owed = self.owed.get(petition_id)
        if owed is None or tally.changes >= owed.changes:
            self.owed[petition_id] = tally
        if len(self.owed) > OWED_AT_MOST:  # the oldest debt is forgiven: its line goes stale by itself
            self.owed.popitem(last=False)

    def _mend(self) -> None:
        try:
            while not self._mended():
                self._closed.wait(self._retry_every)
        finally:
            with self._lock:
                if self._mender is threading.current_thread():
                    self._mender = None

    def _mended(self) -> bool:
        try:
            self._pay_all()  # first: a full Redis takes a payment (it drops the old line) but no probe
            self._probe()
        except self._failures:
            return self._closed.is_set()
        return self._end()

    def _pay_all(self) -> None:
        while debt := self._oldest():
            petition_id, tally = debt
            self._pay(petition_id, tally)
            with self._lock:
                if self.owed.get(petition_id) is tally:  # else a newer one came in: pay that too
                    del self.owed[petition_id]

    def _oldest(self) -> tuple[int, Tally] | None:
        with self._lock:
            return next(iter(self.owed.items()), None)

    def _end(self) -> bool:
        with self._lock:
            if self._closed.is_set():
                return True
            if self.owed:
                return False
            self.over_at = self._clock()
            self._mender = None
            self.down = False
            return True
