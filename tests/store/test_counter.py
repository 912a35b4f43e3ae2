"""The copy of the count: hits, misses, every way Redis can fail, and what is right when it is back."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
import redis

from tests.services import RedisServer
from tests.store.slotted_ledger import CARRIED_OVER, SlottedLedger, TickingClock, figures
from widget.domain.refusals import LedgerUnavailable, PetitionNotFound
from widget.domain.tally import Tally
from widget.store.counter import Counter
from widget.store.known import LastKnown
from widget.store.outage import OWED_AT_MOST

pytestmark = pytest.mark.services

PETITION = 7
KEY = "sn:tally:7"
BOUND = 1.0  # seconds; a hang would be five and more
PATIENCE = 10.0

Open = Callable[..., Counter]


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def ledger(clock: TickingClock) -> SlottedLedger:
    return SlottedLedger(clock, PETITION)


@pytest.fixture
def server(redis_server: RedisServer) -> Iterator[RedisServer]:
    redis_server.heal()
    yield redis_server
    redis_server.heal()


@pytest.fixture
def meddler(server: RedisServer) -> Iterator[redis.Redis]:
    with server.client() as client:
        yield client


@pytest.fixture
def a_process(server: RedisServer, ledger: SlottedLedger, clock: TickingClock) -> Iterator[Open]:
    """Open a Counter as one more process would."""
    opened: list[Counter] = []

    def start(**settings: object) -> Counter:
        opened.append(Counter(ledger.load, **{"redis_url": server.url, "clock": clock} | settings))  # type: ignore[arg-type]
        return opened[-1]

    yield start
    for counter in opened:
        counter.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, never for a duration."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)


Answer = TypeVar("Answer")


def swiftly(act: Callable[[], Answer]) -> Answer:
    begun = time.monotonic()
    answer = act()
    assert time.monotonic() - begun < BOUND
    return answer


def mended(counter: Counter) -> None:
    until(lambda: not counter.status().down and not counter.status().owed)


# Hits and misses


def test_a_signature_is_seen_by_every_process_without_asking_the_ledger(
    a_process: Open, ledger: SlottedLedger
) -> None:
    here, there = a_process(), a_process()
    here.read(PETITION)
    here.publish(PETITION, ledger.sign(PETITION))
    loads = ledger.loads

    assert figures(here.read(PETITION)) == figures(there.read(PETITION)) == (1, 1)
    assert there.read(PETITION).count == CARRIED_OVER + 1
    assert ledger.loads == loads


def test_an_unchanged_line_is_the_same_object(a_process: Open, ledger: SlottedLedger) -> None:
    counter = a_process()
    counter.read(PETITION)
    first = counter.read(PETITION)
    assert counter.read(PETITION) is first

    counter.publish(PETITION, ledger.sign(PETITION))
    assert counter.read(PETITION) is not first


def test_a_line_is_fresh_for_a_minute_and_kept_for_a_day(
    a_process: Open, ledger: SlottedLedger, clock: TickingClock, meddler: redis.Redis
) -> None:
    counter = a_process()
    counter.read(PETITION)
    clock.advance(58)
    counter.read(PETITION)
    assert ledger.loads == 1

    ledger.sign(PETITION)  # and the process died before it could publish
    clock.advance(3)
    assert figures(counter.read(PETITION)) == (1, 1)
    assert ledger.loads == 2
    assert timedelta(hours=23) < timedelta(milliseconds=meddler.pttl(KEY)) <= timedelta(hours=24)  # type: ignore[arg-type]


def test_publishes_may_arrive_in_any_order(a_process: Open, ledger: SlottedLedger) -> None:
    counter = a_process()
    counter.read(PETITION)
    first, second = ledger.sign(PETITION), ledger.sign(PETITION)
    counter.publish(PETITION, second)
    counter.publish(PETITION, first)
    assert figures(counter.read(PETITION)) == (2, 2)


def test_a_publish_that_was_overtaken_by_a_flush_is_not_believed(
    a_process: Open, ledger: SlottedLedger, meddler: redis.Redis
) -> None:
    here, there = a_process(), a_process()
    here.read(PETITION)
    late, newest = ledger.sign(PETITION), ledger.sign(PETITION)
    here.publish(PETITION, newest)
    meddler.flushall()
    there.publish(PETITION, late)
    assert figures(here.read(PETITION)) == (2, 2)
    assert figures(there.read(PETITION)) == (2, 2)


def test_a_load_that_was_overtaken_by_a_publish_and_an_eviction_is_not_believed(
    a_process: Open, ledger: SlottedLedger, meddler: redis.Redis
) -> None:
    slow, quick = a_process(), a_process()
    read, go = threading.Event(), threading.Event()

    def pause() -> None:
        ledger.after_read = lambda: None
        read.set()
        assert go.wait(PATIENCE)

    ledger.after_read = pause
    with ThreadPoolExecutor() as pool:
        reader = pool.submit(slow.read, PETITION)
        assert read.wait(PATIENCE)
        quick.publish(PETITION, ledger.sign(PETITION))
        meddler.delete(KEY)
        go.set()
        reader.result(PATIENCE)
    assert figures(quick.read(PETITION)) == (1, 1)
    assert figures(slow.read(PETITION)) == (1, 1)


def test_nobody_is_shown_less_than_redis_has_shown(a_process: Open, ledger: SlottedLedger) -> None:
    slow, quick = a_process(), a_process()

    def overtake() -> None:
        ledger.after_read = lambda: None
        quick.publish(PETITION, ledger.sign(PETITION))

    ledger.after_read = overtake  # between the slow one's SELECT and its own publish
    assert figures(slow.read(PETITION)) == (1, 1)


def test_a_ledger_restored_from_a_backup_is_believed_once_the_line_is_old(
    a_process: Open, ledger: SlottedLedger, clock: TickingClock
) -> None:
    here, there = a_process(), a_process()
    ledger.back_up()
    for _ in range(3):
        here.publish(PETITION, ledger.sign(PETITION))
    assert figures(here.read(PETITION)) == figures(there.read(PETITION)) == (3, 3)

    ledger.restore()
    here.publish(PETITION, ledger.sign(PETITION))
    clock.advance(61)
    assert figures(here.read(PETITION)) == figures(there.read(PETITION)) == (1, 1)
    ledger.gone = True
    clock.advance(61)
    assert figures(there.read(PETITION)) == (1, 1)


def test_an_unknown_petition_is_not_found_and_leaves_nothing(a_process: Open, meddler: redis.Redis) -> None:
    counter = a_process()
    with pytest.raises(PetitionNotFound):
        swiftly(lambda: counter.read(404))
    assert meddler.exists("sn:tally:404") == 0


# Garbage

NOW = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp() * 1000)
GARBAGE = [
    *(b"", b"0", b"49", b"nil", b"\x00\xff\xfe", b"sn1", b"{}", b"sn1 " * 1000, "հազար".encode()),
    f"sn1 9 -9 49 0 50 {NOW} -".encode(),
    f"sn1 9 9 49 0 {NOW} -".encode(),
    f"sn1 9 9 49 0 50 {NOW}".encode(),
    f"sn1 9 9 49 0 50 {NOW} - ".encode(),
    f"sn1 9 9 49 0 50 {NOW} -\n".encode(),
    f" sn1 9 9 49 0 50 {NOW} -".encode(),
    f"sn1  9 9 49 0 50 {NOW} -".encode(),
    f"sn1 09 9 49 0 50 {NOW} -".encode(),
    f"sn1 9.0 9 49 0 50 {NOW} -".encode(),
    f"sn1 1e3 9 49 0 50 {NOW} -".encode(),
    f"sn1 {10**15} 9 49 0 50 {NOW} -".encode(),
    f"sn1 9 9 49 0 50 {10**14} -".encode(),
    f"sn1 9 9 49 0 50 {NOW} x".encode(),
    f"sn1 9 9 49 0 50 {NOW} XY.1".encode(),
    f"sn2 9 9 49 0 50 {NOW} -".encode(),
    b"sn1 claim",
    b"sn1 claim zz.1",
    b"sn1 claim 00.99999999999999999999",
    f"sn1 9 9 49 0 50 {NOW + 86_400_000} -".encode(),  # a clock that runs a day ahead
    f"sn1 9 9 49 0 50 {NOW} 00.99999999999999999999".encode(),  # claimed by nobody, for ever
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_missing_and_is_overwritten(
    garbage: bytes, a_process: Open, ledger: SlottedLedger, meddler: redis.Redis
) -> None:
    counter = a_process()
    tally = ledger.sign(PETITION)
    meddler.set(KEY, garbage)
    assert figures(swiftly(lambda: counter.read(PETITION))) == (1, 1)
    assert counter.read(PETITION).count == CARRIED_OVER + 1
    assert ledger.loads == 1, "it should have been overwritten"

    meddler.set(KEY, garbage)
    counter.publish(PETITION, tally)
    assert figures(a_process().read(PETITION)) == (1, 1)
    assert counter.status().failures == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r.rpush(KEY, "1", "2"),
        lambda r: r.hset(KEY, "count", "9"),
        lambda r: r.sadd(KEY, "9"),
        lambda r: r.zadd(KEY, {"9": 9}),
        lambda r: r.xadd(KEY, {"count": "9"}),
    ],
)
@pytest.mark.parametrize("first", ["read", "publish"])
def test_a_key_of_another_type_is_overwritten(
    spoil: Callable[[redis.Redis], object],
    first: str,
    a_process: Open,
    ledger: SlottedLedger,
    meddler: redis.Redis,
) -> None:
    counter = a_process()
    spoil(meddler)
    if first == "publish":
        counter.publish(PETITION, ledger.sign(PETITION))
    else:
        ledger.sign(PETITION)
    assert figures(counter.read(PETITION)) == (1, 1)
    assert figures(counter.read(PETITION)) == (1, 1)
    assert ledger.loads == 1
    assert not counter.status().down


# Redis fails


def refuse(server: RedisServer) -> None:
    server.stop()


def cut(server: RedisServer) -> None:
    server.kill()


def freeze(server: RedisServer) -> None:
    server.pause()


def fill(server: RedisServer) -> None:
    with server.client() as client:
        client.config_set("maxmemory", 1)


def lose_replicas(server: RedisServer) -> None:
    """Writes are refused with NOREPLICAS, as READONLY and MISCONF refuse them; reads go on."""
    with server.client() as client:
        client.config_set("min-replicas-to-write", 1)


def bring_back(server: RedisServer) -> None:
    server.resume() if server.running else server.start()
    with server.client() as client:
        client.config_set("maxmemory", 0)
        client.config_set("min-replicas-to-write", 0)


@pytest.mark.parametrize("fail", [refuse, cut, freeze, fill, lose_replicas])
def test_signing_and_reading_go_on_without_redis_and_are_right_when_it_is_back(
    fail: Callable[[RedisServer], None], a_process: Open, ledger: SlottedLedger, server: RedisServer
) -> None:
    here, bystander = a_process(), a_process()
    here.read(PETITION)
    assert figures(bystander.read(PETITION)) == (0, 0)
    fail(server)

    swiftly(lambda: here.publish(PETITION, ledger.sign(PETITION)))
    assert figures(swiftly(lambda: here.read(PETITION))) == (1, 1)
    assert here.status().down
    assert here.ping() is False
    swiftly(lambda: [here.publish(PETITION, ledger.sign(PETITION)) for _ in range(100)])
    assert [figures(t) for t in swiftly(lambda: [here.read(PETITION) for _ in range(100)])] == [
        (101, 101)
    ] * 100

    bring_back(server)
    assert figures(here.read(PETITION)) == (101, 101)
    mended(here)
    loads = ledger.loads
    assert figures(bystander.read(PETITION)) == (101, 101)
    assert figures(here.read(PETITION)) == (101, 101)
    assert ledger.loads <= loads + 2
    assert here.ping() is True
    assert figures(a_process().read(PETITION)) == (101, 101)


@pytest.mark.parametrize("fail", [refuse, freeze, fill, lose_replicas])
def test_what_another_process_failed_to_publish_is_not_missed_by_one_that_saw_the_outage(
    fail: Callable[[RedisServer], None], a_process: Open, ledger: SlottedLedger, server: RedisServer
) -> None:
    witness, doomed = a_process(), a_process()
    witness.read(PETITION)
    fail(server)
    doomed.publish(PETITION, ledger.sign(PETITION))
    doomed.close()  # its debt dies with it
    witness.publish(PETITION + 1, ledger.load(PETITION))
    assert witness.status().down
    bring_back(server)
    mended(witness)
    assert figures(witness.read(PETITION)) == (1, 1)


def test_a_full_redis_loses_the_old_line_so_that_nobody_reads_it(
    a_process: Open, ledger: SlottedLedger, server: RedisServer, meddler: redis.Redis
) -> None:
    here, bystander = a_process(), a_process()
    here.read(PETITION)
    bystander.read(PETITION)
    fill(server)
    here.publish(PETITION, ledger.sign(PETITION))
    assert meddler.exists(KEY) == 0
    assert figures(bystander.read(PETITION)) == (1, 1)


@pytest.mark.parametrize("refill", [True, False])
def test_a_flushed_redis_is_filled_from_the_ledger(
    refill: bool, a_process: Open, ledger: SlottedLedger, meddler: redis.Redis
) -> None:
    here, there = a_process(), a_process()
    here.read(PETITION)
    here.publish(PETITION, ledger.sign(PETITION))
    meddler.flushall()
    meddler.script_flush()
    if refill:
        here.publish(PETITION, ledger.sign(PETITION))
    assert figures(here.read(PETITION)) == figures(there.read(PETITION)) == ledger.truth(PETITION)
    assert not here.status().down


def test_a_redis_that_came_back_with_an_older_memory_is_not_believed(
    a_process: Open, ledger: SlottedLedger, server: RedisServer
) -> None:
    counter = a_process()
    counter.read(PETITION)
    with server.client() as client:
        old = client.get(KEY)
    counter.publish(PETITION, ledger.sign(PETITION))
    server.kill()
    server.start()
    with server.client() as client:
        client.set(KEY, old)  # type: ignore[arg-type]
    assert figures(counter.read(PETITION)) == (1, 1)


def test_only_the_first_reader_of_a_frozen_redis_waits(a_process: Open, server: RedisServer) -> None:
    counter = a_process(timeout=0.25)
    counter.read(PETITION)
    server.pause()
    begun = time.monotonic()
    for _ in range(50):
        counter.read(PETITION)
    assert 0.25 <= time.monotonic() - begun < BOUND
    assert counter.status().failures == 1


def test_a_host_that_swallows_every_packet_costs_one_timeout(a_process: Open) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # the queue is full now: what else knocks is not even refused
            visitor = stack.enter_context(socket.socket())
            visitor.setblocking(False)
            visitor.connect_ex(listener.getsockname())
        counter = a_process(redis_url=f"redis://127.0.0.1:{listener.getsockname()[1]}/0", timeout=0.25)
        begun = time.monotonic()
        assert figures(counter.read(PETITION)) == (0, 0)
        assert 0.25 <= time.monotonic() - begun < BOUND
        assert counter.status().down
        counter.close()


def test_a_redis_that_only_reads_is_not_back(
    a_process: Open, server: RedisServer, meddler: redis.Redis
) -> None:
    def refused_writes() -> int:
        return int(meddler.info("commandstats").get("cmdstat_set", {}).get("rejected_calls", 0))  # type: ignore[union-attr]

    lose_replicas(server)
    counter = a_process(retry_every=0.005)
    counter.read(PETITION)
    before = refused_writes()
    until(lambda: refused_writes() >= before + 3)
    assert counter.status().down
    bring_back(server)
    mended(counter)


def test_no_answer_is_ever_heard_by_another_question(
    a_process: Open, ledger: SlottedLedger, clock: TickingClock, server: RedisServer
) -> None:
    """A petition whose question timed out must not be answered with the answer meant for it later."""
    two = SlottedLedger(clock, 1, 2)
    two.sign(1)
    counter = Counter(two.load, redis_url=server.url, clock=clock, timeout=0.05, retry_every=0.01)
    try:
        for _ in range(5):
            assert figures(counter.read(1)) == (1, 1)
            assert figures(counter.read(2)) == (0, 0)
            server.pause()
            assert figures(counter.read(1)) == (1, 1)
            server.resume()
            mended(counter)
            assert figures(counter.read(2)) == (0, 0)
    finally:
        counter.close()


def test_what_is_owed_is_bounded(a_process: Open, ledger: SlottedLedger, server: RedisServer) -> None:
    counter = a_process(remember=100)
    server.stop()
    tally = ledger.sign(PETITION)
    for petition_id in range(OWED_AT_MOST + 10):
        counter.publish(petition_id, tally)
    assert counter.status().owed == OWED_AT_MOST


def test_the_thread_lives_only_while_redis_is_away(
    a_process: Open, ledger: SlottedLedger, server: RedisServer
) -> None:
    def menders() -> int:
        return sum(thread.name == "counter-mender" for thread in threading.enumerate())

    counter = a_process()
    counter.publish(PETITION, ledger.sign(PETITION))
    assert menders() == 0
    server.stop()
    counter.publish(PETITION, ledger.sign(PETITION))
    assert menders() == 1
    server.start()
    mended(counter)
    until(lambda: menders() == 0)


def test_a_worker_forked_during_an_outage_mends_on_its_own(
    a_process: Open, ledger: SlottedLedger, server: RedisServer
) -> None:
    counter = a_process()
    counter.read(PETITION)
    server.pause()
    counter.publish(PETITION, ledger.sign(PETITION))
    assert counter.status().down
    worker = os.fork()
    if worker == 0:
        code = 1
        try:
            assert figures(counter.read(PETITION)) == (1, 1)
            mended(counter)
            assert figures(counter.read(PETITION)) == (1, 1)
            code = 0
        finally:
            os._exit(code)
    server.resume()
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
    mended(counter)


def test_a_forked_worker_shares_no_connection(a_process: Open, meddler: redis.Redis) -> None:
    counter = a_process()
    counter.read(PETITION)
    before = len(meddler.client_list())
    heard, told = os.pipe()
    done, over = os.pipe()
    worker = os.fork()
    if worker == 0:
        try:
            counter.read(PETITION)
            os.write(told, b"!")
            os.read(done, 1)
        finally:
            os._exit(0)
    try:
        assert os.read(heard, 1) == b"!"
        counter.read(PETITION)
        assert len(meddler.client_list()) == before + 1
    finally:
        os.write(over, b"!")
        os.waitpid(worker, 0)
        for end in (heard, told, done, over):
            os.close(end)


# The ledger fails


def test_without_the_ledger_the_last_known_figure_is_shown_with_its_age(
    a_process: Open, ledger: SlottedLedger, clock: TickingClock
) -> None:
    counter = a_process()
    counter.read(PETITION)
    counter.publish(PETITION, ledger.sign(PETITION))
    known = counter.read(PETITION)
    ledger.gone = True
    clock.advance(3600)
    newcomer = a_process()
    assert swiftly(lambda: counter.read(PETITION)) == known
    assert swiftly(lambda: newcomer.read(PETITION)) == known, "a process just started knows it from Redis"
    assert clock() - known.as_of > timedelta(hours=1)

    ledger.gone = False
    ledger.sign(PETITION)
    assert figures(newcomer.read(PETITION)) == (2, 2)


def test_without_both_stores_the_last_known_figure_is_shown(
    a_process: Open, ledger: SlottedLedger, server: RedisServer
) -> None:
    counter = a_process()
    counter.read(PETITION)
    counter.publish(PETITION, ledger.sign(PETITION))
    counter.read(PETITION)
    ledger.gone = True
    server.kill()
    assert figures(swiftly(lambda: counter.read(PETITION))) == (1, 1)


@pytest.mark.parametrize("with_redis", [True, False])
def test_a_ledger_that_hangs_holds_one_reader_at_a_time(
    with_redis: bool, a_process: Open, ledger: SlottedLedger, clock: TickingClock
) -> None:
    counter = a_process() if with_redis else a_process(redis_url=None)
    counter.publish(PETITION, ledger.sign(PETITION))
    counter.read(PETITION)
    ledger.gone = True
    clock.advance(3600)
    counter.read(PETITION)  # and now it is known to be gone
    hanging, let_go = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        assert let_go.wait(PATIENCE)

    ledger.before_read = hang
    with ThreadPoolExecutor() as pool:
        held = pool.submit(counter.read, PETITION)
        assert hanging.wait(PATIENCE)
        assert figures(swiftly(lambda: counter.read(PETITION))) == (1, 1)
        assert not held.done()
        let_go.set()
        assert figures(held.result(PATIENCE)) == (1, 1)

    ledger.gone = False
    ledger.sign(PETITION)
    assert figures(counter.read(PETITION)) == (2, 2)


def test_what_was_never_known_is_unavailable_and_never_zero(a_process: Open, ledger: SlottedLedger) -> None:
    ledger.gone = True
    for counter in (a_process(), a_process(redis_url=None)):
        with pytest.raises(LedgerUnavailable):
            swiftly(lambda counter=counter: counter.read(PETITION))  # type: ignore[misc]


# No Redis


def test_without_a_redis_every_read_asks_the_ledger(a_process: Open, ledger: SlottedLedger) -> None:
    counter = a_process(redis_url=None)
    counter.publish(PETITION, ledger.sign(PETITION))
    ledger.sign(PETITION)
    assert figures(counter.read(PETITION)) == (2, 2)
    ledger.gone = True
    assert figures(counter.read(PETITION)) == (2, 2)
    assert counter.ping() is None
    assert (counter.status().configured, counter.status().down, counter.status().owed) == (False, False, 0)


def test_the_last_known_figures_are_bounded_and_only_go_forward(clock: TickingClock) -> None:
    known = LastKnown(keep=3, rewind_after=timedelta(seconds=60))
    ledger = SlottedLedger(clock, *range(10))
    older, newer = ledger.sign(1), ledger.sign(1)
    assert known.learn(1, newer) is newer
    assert known.learn(1, older) is newer
    assert known.learn(1, older, rewound=True) is older

    for petition_id in range(2, 5):
        known.learn(petition_id, newer)
    assert [known.recall(p) for p in range(1, 5)] == [None, newer, newer, newer]


# Crowds


def test_a_cold_key_is_loaded_once_a_process_at_most(a_process: Open, ledger: SlottedLedger) -> None:
    """A hundred readers in two processes: one claim is filled, everyone else waits for it.

    The bound is 1, not "a few": the ledger answers at once here, so nobody's patience (0.25 s) runs
    out; were it slower than that, each waiting reader would ask for itself.
    """
    crowd = [a_process(wait=PATIENCE), a_process(wait=PATIENCE)]
    start = threading.Barrier(100)

    def visit(number: int) -> Tally:
        start.wait(PATIENCE)
        return crowd[number % 2].read(PETITION)

    with ThreadPoolExecutor(100) as pool:
        shown = list(pool.map(visit, range(100)))
    assert {figures(tally) for tally in shown} == {(0, 0)}
    assert ledger.loads == 1


def test_a_reader_that_died_on_its_way_does_not_keep_the_others(
    a_process: Open, ledger: SlottedLedger, meddler: redis.Redis
) -> None:
    ledger.sign(PETITION)
    now_ms = sum(part * factor for part, factor in zip(meddler.time(), (1000, 0), strict=True))  # type: ignore[call-overload]
    meddler.set(KEY, f"sn1 claim abc.{now_ms + 1900}")
    assert figures(swiftly(lambda: a_process().read(PETITION))) == (1, 1)


def test_a_crowd_of_signers_leaves_the_exact_count(a_process: Open, ledger: SlottedLedger) -> None:
    processes = [a_process(), a_process(), a_process()]

    def sign(number: int) -> None:
        counter = processes[number % 3]
        own = ledger.sign(PETITION)
        counter.publish(PETITION, own)
        assert counter.read(PETITION).changes >= own.changes

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(sign, range(600)))
    assert {figures(counter.read(PETITION)) for counter in processes} == {(600, 600)}
