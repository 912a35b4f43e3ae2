"""Counting in Redis and in memory: the same figures, one round trip, and no wait while Redis is away."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.services import RedisServer
from widget.store.counter import Counter
from widget.store.pace import KEPT_AT_MOST, PaceKeeper, Span, Use

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = Span("sam", 60)
Keeping = Callable[[], PaceKeeper]


def counter(url: str | None) -> Counter:
    def load(petition_id: int) -> object:
        raise AssertionError("the pace asks for no tally")

    return Counter(load, redis_url=url, clock=lambda: datetime.now(UTC))  # type: ignore[arg-type]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
def keeping(request: pytest.FixtureRequest) -> Iterator[Keeping]:
    """Give keepers that count together: several processes on one Redis, or one process alone."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    counters = [counter(url)]
    alone = PaceKeeper(counters[0])

    def another() -> PaceKeeper:
        if url is None:
            return alone
        counters.append(counter(url))
        return PaceKeeper(counters[-1])

    yield another
    for one in counters:
        one.close()


def test_requests_are_counted_together(keeping: Keeping) -> None:
    counts = [keeping().count([MINUTE], NOON).counts for _ in range(5)]
    assert counts == [(1,), (2,), (3,), (4,), (5,)]


def test_subjects_and_spans_are_counted_apart(keeping: Keeping) -> None:
    spans = [MINUTE, Span("sam", 3_600), Span("petra", 60)]
    keeping().count(spans[:2], NOON)
    assert keeping().count(spans, NOON).counts == (2, 2, 1)


def test_what_is_past_fades(keeping: Keeping) -> None:
    for _ in range(10):
        keeping().count([MINUTE], NOON)
    later = [keeping().count([MINUTE], NOON + timedelta(seconds=s)).counts[0] for s in (59, 60, 90, 119, 120)]
    # Eleven in the first minute; then one, two, three of the second and a falling share of the first.
    assert later == [11, 1 + 11, 2 + 5, 3 + 0, 1 + 3]


def test_a_burst_across_the_edge_of_a_step_is_seen(keeping: Keeping) -> None:
    for _ in range(5):
        keeping().count([MINUTE], NOON + timedelta(seconds=59))
    assert keeping().count([MINUTE], NOON + timedelta(seconds=61)).counts[0] >= 5


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1)])
def test_a_clock_that_jumps_locks_nobody_out(keeping: Keeping, jump: timedelta) -> None:
    for _ in range(50):
        keeping().count([MINUTE], NOON)
    assert keeping().count([MINUTE], NOON + jump).counts == (1,)


def test_a_proof_pays_once_and_for_all_but_the_flood(keeping: Keeping) -> None:
    flood = Span("flood", 60, always=True)
    keeping().count([MINUTE, flood], NOON)
    first = keeping().count([MINUTE, flood], NOON, Use("riddle", 600))
    again = keeping().count([MINUTE, flood], NOON, Use("riddle", 600))
    assert (first.counts, first.paid) == ((1, 2), True)
    assert (again.counts, again.paid) == ((2, 3), False)


def test_a_proof_may_not_be_used_again_until_it_is_too_old_anyway(keeping: Keeping) -> None:
    assert keeping().count([], NOON, Use("riddle", 600)).paid
    assert not keeping().count([], NOON + timedelta(seconds=599), Use("riddle", 600)).paid


def test_what_one_has_too_many_of_is_not_counted_further(keeping: Keeping) -> None:
    spans = [Span("network", 60), Span("family", 60, most=2), Span("petition", 60)]
    counts = [keeping().count(spans, NOON).counts for _ in range(5)]
    assert counts == [(1, 1, 1), (2, 2, 2), (3, 3, 2), (4, 4, 2), (5, 5, 2)]


def test_what_is_spared_counts_nothing_that_is_too_much(keeping: Keeping) -> None:
    spared = Span("address", 60, most=2, spared=True)
    counts = [keeping().count([spared, MINUTE], NOON).counts for _ in range(5)]
    assert counts == [(1, 1), (2, 2), (3, 2), (3, 2), (3, 2)]
    assert keeping().count([spared], NOON + timedelta(seconds=91)).counts == (1,)  # of two, nothing is left


@pytest.mark.services
def test_one_signature_is_one_question(redis_server: RedisServer, redis_url: str) -> None:
    one = counter(redis_url)
    keeper = PaceKeeper(one)
    keeper.count([MINUTE], NOON)
    with redis_server.client() as client:
        before = client.info("commandstats")
        keeper.count([MINUTE, Span("a", 60), Span("b", 60), Span("c", 3_600)], NOON, Use("riddle", 600))
        after = client.info("commandstats")
    asked = {
        name: stats["calls"] - before.get(name, {"calls": 0})["calls"]
        for name, stats in after.items()
        if name in {"cmdstat_evalsha", "cmdstat_eval"}
    }
    assert asked.get("cmdstat_evalsha") == 1
    assert asked.get("cmdstat_eval", 0) == 0
    one.close()


@pytest.mark.services
def test_nothing_stays_in_redis_for_longer_than_two_spans(redis_server: RedisServer, redis_url: str) -> None:
    one = counter(redis_url)
    PaceKeeper(one).count([MINUTE, Span("a", 3_600)], NOON)
    PaceKeeper(one).count([], NOON, Use("riddle", 600))
    with redis_server.client() as client:
        lives = {key.decode(): client.ttl(key) for key in client.keys("sn:p*")}
    assert len(lives) == 3
    assert all(0 < life <= 7_200 for life in lives.values())
    one.close()


@pytest.mark.services
@pytest.mark.parametrize("how", ["kill", "pause"])
def test_without_redis_each_process_counts_for_itself(
    redis_server: RedisServer, redis_url: str, how: str
) -> None:
    here, there = counter(redis_url), counter(redis_url)
    keepers = [PaceKeeper(here), PaceKeeper(there)]
    assert [keeper.count([MINUTE], NOON).counts for keeper in keepers] == [(1,), (2,)]
    getattr(redis_server, how)()
    began = time.monotonic()
    counts = [keeper.count([MINUTE], NOON).counts for _ in range(100) for keeper in keepers]
    took = time.monotonic() - began
    assert counts[-2:] == [(100,), (100,)]
    assert took < 2.0  # one timeout of a quarter of a second for each process, not one for each request
    here.close()
    there.close()


@pytest.mark.services
def test_garbage_under_a_key_stops_nobody(redis_server: RedisServer, redis_url: str) -> None:
    one = counter(redis_url)
    with redis_server.client() as client:
        client.rpush(f"sn:pace:60:sam:{int(NOON.timestamp()) // 60}", "garbage")
    assert PaceKeeper(one).count([MINUTE], NOON).counts == (1,)
    assert not one.status().down
    one.close()


def test_memory_is_bounded() -> None:
    one = counter(None)
    keeper = PaceKeeper(one)
    keeper.count([MINUTE], NOON)
    for number in range(KEPT_AT_MOST + 10):
        keeper.count([Span(f"{number}", 60)], NOON)
    assert keeper.count([Span("one too many", 60)], NOON).counts == (1,)
    assert keeper.count([Span("one too many", 60)], NOON).counts == (1,)
    assert keeper.count([MINUTE], NOON).counts == (2,)  # whoever is known goes on being counted
    assert sum(map(len, keeper._memory._steps.values())) <= KEPT_AT_MOST
    keeper.count([MINUTE], NOON + timedelta(hours=1))
    assert sum(map(len, keeper._memory._steps.values())) == 1
