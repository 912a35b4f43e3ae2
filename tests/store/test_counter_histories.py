"""Any history of several processes, one Redis and one ledger: what is shown, and what is true at rest.

Three things hold at every look. Nothing is shown that the ledger never held. Nothing is shown
that is older than what Redis was told or has shown before, unless the ledger itself went back. And
missing is never nought: the carried-over signatures are always among those shown. At rest (every publish
delivered, and a minute gone by if a process died with one) every process shows the ledger's figure.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.exceptions import OutOfMemoryError

from tests.services import RedisServer
from tests.store.slotted_ledger import CARRIED_OVER, SlottedLedger, TickingClock, figures
from widget.domain.refusals import LedgerUnavailable
from widget.domain.tally import Tally
from widget.store.counter import Counter

pytestmark = pytest.mark.services

PROCESSES = 3
PETITIONS = (1, 2)
PATIENCE = 10.0
READERS = 8
MINUTE = 61

GARBAGE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"0", b"nil", b"sn1", b"sn1 9 -9 49 0 50 1 -", b"sn1 9 9 49 0 50 99 - ", b"sn1 claim x"]
    ),
    st.builds("sn1 {} {} 0 0 {} 9 -".format, st.integers(-9, -1), st.integers(-9, 9), st.integers()).map(
        str.encode
    ),
)


class Reader:
    """Somebody reading in one process, who can be stopped before and after the SELECT."""

    def __init__(self) -> None:
        self.stopped = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.shown: Future[Tally]
        self.finished = False
        self.floor = 0
        self.excused = False  # the ledger was gone, or went back, while this one was reading

    def stop(self) -> None:
        self.stopped.release()
        assert self.go.acquire(timeout=PATIENCE)


class Histories(RuleBasedStateMachine):
    """`server` is set by the fixture that runs the machine."""

    server: RedisServer

    readers = Bundle("readers")
    undelivered = Bundle("undelivered")

    def __init__(self) -> None:
        super().__init__()
        self.server.heal()
        self.meddler = self.server.client()
        self.clock = TickingClock()
        self.ledger = SlottedLedger(self.clock, *PETITIONS)
        self.ledger.before_read = self.ledger.after_read = self.perhaps_stop
        self.counters = [self.a_process() for _ in range(PROCESSES)]
        self.pool = ThreadPoolExecutor(READERS)
        self.paused: list[Reader] = []
        self.stoppable = threading.local()
        self.outstanding: dict[int, tuple[int, Tally]] = {}
        self.deliveries = 0
        self.floor = dict.fromkeys(PETITIONS, 0)
        self.died_with_a_publish = False
        self.rewound = False

    def a_process(self) -> Counter:
        return Counter(
            self.ledger.load,
            redis_url=self.server.url,
            clock=self.clock,
            timeout=0.05,
            wait=0.02,
            claim_lasts=timedelta(milliseconds=30),
            retry_every=0.005,
        )

    def perhaps_stop(self) -> None:
        reader: Reader | None = getattr(self.stoppable, "reader", None)
        if reader is not None:
            reader.stop()

    # What people do

    @rule(
        target=undelivered,
        petition=st.sampled_from(PETITIONS),
        act=st.sampled_from([SlottedLedger.sign, SlottedLedger.sign, SlottedLedger.withdraw]),
    )
    def commit(self, petition: int, act: Callable[[SlottedLedger, int], Tally]) -> int:
        self.deliveries += 1
        self.outstanding[self.deliveries] = (petition, act(self.ledger, petition))
        return self.deliveries

    @rule(delivery=consumes(undelivered), process=st.integers(0, PROCESSES - 1))
    def deliver(self, delivery: int, process: int) -> None:
        self.publish(delivery, process)

    @rule(petition=st.sampled_from(PETITIONS), process=st.integers(0, PROCESSES - 1))
    def sign_and_look(self, petition: int, process: int) -> None:
        own = self.ledger.sign(petition)
        self.deliveries += 1
        self.outstanding[self.deliveries] = (petition, own)
        self.publish(self.deliveries, process)
        shown = self.look(petition, process)
        if shown is not None and not self.ledger.gone and not self.rewound:
            assert shown.changes >= own.changes

    @rule(delivery=consumes(undelivered))
    def die_before_delivering(self, delivery: int) -> None:
        if self.outstanding.pop(delivery, None):
            self.died_with_a_publish = True

    @rule(petition=st.sampled_from(PETITIONS), process=st.integers(0, PROCESSES - 1))
    def read(self, petition: int, process: int) -> None:
        self.look(petition, process)

    @rule(target=readers, petition=st.sampled_from(PETITIONS), process=st.integers(0, PROCESSES - 1))
    def begin_to_read(self, petition: int, process: int) -> tuple[int, Reader]:
        """Read until the ledger is asked, if it is; from there on `go_on` leads."""
        reader = Reader()
        if len(self.paused) == READERS:
            return petition, reader  # no thread is free; no precondition, for who waits is Redis's to say
        reader.floor = self.floor[petition]
        reader.excused = self.ledger.gone or self.rewound

        def visit() -> Tally:
            self.stoppable.reader = reader
            try:
                return self.counters[process].read(petition)
            finally:
                self.stoppable.reader = None
                reader.finished = True
                reader.stopped.release()

        reader.shown = self.pool.submit(visit)
        assert reader.stopped.acquire(timeout=PATIENCE)
        self.paused.append(reader)
        if reader.finished:
            self.finish(petition, reader)
        return petition, reader

    @rule(reader=readers)
    def go_on(self, reader: tuple[int, Reader]) -> None:
        petition, who = reader
        if who not in self.paused:
            return
        who.go.release()
        assert who.stopped.acquire(timeout=PATIENCE)
        if who.finished:
            self.finish(petition, who)

    # What happens to Redis

    @rule()
    def flush(self) -> None:
        if self.answering:
            self.meddler.flushall()

    @rule()
    def forget_scripts(self) -> None:
        if self.answering:
            self.meddler.script_flush()

    @rule(petition=st.sampled_from(PETITIONS))
    def evict(self, petition: int) -> None:
        if self.answering:
            self.meddler.delete(f"sn:tally:{petition}")

    @rule(petition=st.sampled_from(PETITIONS))
    def expire(self, petition: int) -> None:
        if self.answering:
            self.meddler.pexpire(f"sn:tally:{petition}", 1)
            # Gone, or put there anew in the meantime by a process that paid what it owed.
            self.until(lambda: self.meddler.pttl(f"sn:tally:{petition}") not in (0, 1))

    @rule(petition=st.sampled_from(PETITIONS), garbage=GARBAGE)
    def spoil(self, petition: int, garbage: bytes) -> None:
        if self.answering:
            with suppress(OutOfMemoryError):  # a full Redis takes no garbage either
                self.meddler.set(f"sn:tally:{petition}", garbage)

    @rule(petition=st.sampled_from(PETITIONS))
    def change_type(self, petition: int) -> None:
        if self.answering:
            # In one step: a process that pays what it owes must not come in between.
            with suppress(OutOfMemoryError), self.meddler.pipeline() as both:
                both.delete(f"sn:tally:{petition}").rpush(f"sn:tally:{petition}", "49").execute()

    @precondition(lambda self: not self.frozen)
    @rule()
    def restart(self) -> None:
        self.server.kill()
        self.server.start()

    @precondition(lambda self: self.server.running)
    @rule()
    def freeze(self) -> None:
        self.server.pause()
        self.frozen = True

    @precondition(lambda self: self.frozen)
    @rule()
    def thaw(self) -> None:
        self.server.resume()
        self.frozen = False

    @precondition(lambda self: not self.frozen)
    @rule(full=st.booleans())
    def fill(self, full: bool) -> None:
        self.meddler.config_set("maxmemory", 1 if full else 0)

    frozen = False

    # What happens to the ledger, and to time

    @rule()
    def lose_the_ledger(self) -> None:
        self.ledger.gone = True
        self.excuse()

    @rule()
    def find_the_ledger(self) -> None:
        self.ledger.gone = False

    @rule()
    def back_the_ledger_up(self) -> None:
        self.ledger.back_up()

    @rule()
    def restore_the_ledger(self) -> None:
        """What was committed after the backup is lost, and so are the processes that knew of it."""
        self.ledger.restore()
        self.outstanding.clear()
        self.rewound = True
        self.excuse()
        self.floor = dict.fromkeys(PETITIONS, 0)

    @rule(seconds=st.sampled_from([1, 30, MINUTE, 3600]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(process=st.integers(0, PROCESSES - 1))
    def replace_a_process(self, process: int) -> None:
        if self.paused:
            return
        if self.counters[process].status().owed:
            self.died_with_a_publish = True
        self.counters[process].close()
        self.counters[process] = self.a_process()

    # At rest

    @rule()
    def rest(self) -> None:
        """Let everything under way arrive, then ask everybody."""
        self.recover()
        self.finish_all()
        for delivery in list(self.outstanding):
            self.publish(delivery, delivery % PROCESSES)
        for counter in self.counters:
            self.until(lambda counter=counter: not counter.status().down)  # type: ignore[misc]
        if self.died_with_a_publish or self.rewound:
            self.clock.advance(MINUTE)
        for petition in PETITIONS:
            for process in range(PROCESSES):
                shown = self.look(petition, process)
                assert shown is not None
                assert figures(shown) == self.ledger.truth(petition)
        self.died_with_a_publish = self.rewound = False
        self.floor = {petition: self.ledger.truth(petition)[0] for petition in PETITIONS}

    # The parts of the above

    @property
    def answering(self) -> bool:
        return self.server.running and not self.frozen

    def publish(self, delivery: int, process: int) -> None:
        petition, tally = self.outstanding.pop(delivery, (0, None))
        if tally is None:
            return
        before = self.troubles(process)
        self.counters[process].publish(petition, tally)
        self.note(petition, tally, trusted=self.troubles(process) == before)

    def look(self, petition: int, process: int) -> Tally | None:
        floor, before = self.floor[petition], self.troubles(process)
        try:
            tally = self.counters[process].read(petition)
        except LedgerUnavailable:
            assert self.ledger.gone
            return None
        self.check(petition, tally, 0 if self.ledger.gone or self.rewound else floor)
        self.note(petition, tally, trusted=not self.ledger.gone and self.troubles(process) == before)
        return tally

    def troubles(self, process: int) -> object:
        """Tell how often Redis failed this process; never the same twice while it is away."""
        status = self.counters[process].status()
        return object() if status.down else status.failures

    def note(self, petition: int, tally: Tally, *, trusted: bool) -> None:
        """Remember that Redis was told, or has shown, this version."""
        if trusted and not self.rewound:
            self.floor[petition] = max(self.floor[petition], tally.changes)

    def check(self, petition: int, tally: Tally, floor: int) -> None:
        assert figures(tally) in self.ledger.history[petition], "the ledger never held this"
        assert (tally.carried_over, tally.paper) == (CARRIED_OVER, 0)
        assert tally.changes >= floor, "older than what Redis was told or has shown"

    def finish(self, petition: int, reader: Reader) -> None:
        self.paused.remove(reader)
        try:
            tally = reader.shown.result(PATIENCE)
        except LedgerUnavailable:
            assert reader.excused
            return
        self.check(petition, tally, 0 if reader.excused else reader.floor)

    def finish_all(self) -> None:
        for reader in self.paused:
            reader.go.release(4)
            try:
                reader.shown.result(PATIENCE)
            except LedgerUnavailable:
                assert reader.excused
        self.paused.clear()

    def excuse(self) -> None:
        for reader in self.paused:
            reader.excused = True

    def recover(self) -> None:
        if self.frozen:
            self.thaw()
        self.server.start()
        self.fill(full=False)
        self.ledger.gone = False

    def until(self, condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.001)

    def teardown(self) -> None:
        self.recover()
        self.finish_all()
        self.pool.shutdown()
        for counter in self.counters:
            counter.close()
        self.meddler.close()


def run(server: RedisServer, examples: int, steps: int) -> None:
    machine = type("OnThisServer", (Histories,), {"server": server})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        server.heal()


def test_any_history_ends_in_the_exact_count(redis_server: RedisServer) -> None:
    run(redis_server, examples=100, steps=40)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_any_long_history_ends_in_the_exact_count(redis_server: RedisServer) -> None:
    run(redis_server, examples=600, steps=120)
