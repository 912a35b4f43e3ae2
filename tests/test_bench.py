"""The bench's arithmetic. What it times is never part of a test."""

from math import exp
from pathlib import Path

import psycopg
import pytest
import yaml

from bench import pgbench
from bench.checks import expected
from bench.filling import ON_A_PAGE, SIGNED_BETWEEN, fill, later
from bench.load import NotWrk, parse
from bench.report import Measured, ratios, table
from bench.stores import AS_COMPOSE_HAS_IT, add_petitions
from bench.subjects import ALL, Against, Subject, sized
from bench.telling import area, doubt
from widget.store.ledger import Ledger

SPACE = " "  # wrk pads units of one letter
PRINTED = f"""Running 8s test @ http://127.0.0.1:1234/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    20.00ms    1.00ms 999.00ms   50.00%
    Req/Sec     1.60k   100.00     2.00k    68.00%
  Latency Distribution
     50%  950.00us
     75%    6.00ms
     90%   60.00ms
     99%    1.25s{SPACE}
  12800 requests in 8.00s, 3.10MB read
Requests/sec:   1600.50
Transfer/sec:    396.00KB
"""
FAILED = PRINTED.replace(
    "Requests/sec",
    "  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 800\nRequests/sec",
)


def measured(name: str, *rates: float) -> list[Measured]:
    return [Measured(name, which, rate, 10, 90, 80, 1, {"Python": 7}) for which, rate in enumerate(rates, 1)]


def test_what_wrk_prints_is_read_in_milliseconds() -> None:
    answers = parse(PRINTED)
    assert (answers.answered, answers.rate) == (12800, 1600.5)
    assert (round(answers.p50, 3), answers.p99) == (0.95, 1250)
    assert (answers.refused, answers.broken, answers.good) == (0, 0, 12800)


def test_failures_are_seen() -> None:
    answers = parse(FAILED)
    assert (answers.refused, answers.broken, answers.good) == (800, 7, 12000)


@pytest.mark.parametrize("text", ["", "unable to connect to 127.0.0.1:1", PRINTED.replace("99%", "98%")])
def test_anything_else_is_no_figure(text: str) -> None:
    with pytest.raises(NotWrk):
        parse(text)


def test_a_ratio_is_taken_within_a_round() -> None:
    figures = [*measured("ours", 50, 500, 60), *measured("theirs", 100, 1000, 100)]
    assert ratios(figures, "ours", "theirs") == [0.5, 0.5, 0.6]
    assert ratios(figures, "ours", "nobody") == []


def test_the_table_says_what_is_reached_and_what_is_missing() -> None:
    subjects = [
        Subject("ours", "ours", against=(Against("theirs", 0.5), Against("other")), p99=80),
        Subject("theirs", "theirs"),
        Subject("other", "other"),
        Subject("gone", "gone"),
    ]
    figures = [*measured("ours", 60, 40, 50), *measured("theirs", 100, 100, 100), *measured("other", 9, 9, 9)]
    lines = table(subjects, figures, {"gone": "nginx missing"}).splitlines()
    assert lines[2].startswith("| ours | 50 (40 - 60) | 10.0 | 90.0 | Python 7 |")
    assert lines[2].endswith("| 0.50 (0.40 - 0.60) of theirs | >= 0.50 | reached | 80 |")
    assert any("of other |  |  |" in line for line in lines)
    assert any("p99 under 80 ms | **missed**" in line for line in lines)
    assert any("gone | not measured: nginx missing" in line for line in lines)


def test_the_answers_bound_the_rows() -> None:
    by_name = {subject.name: subject for subject in ALL}
    loads = [parse(FAILED), parse(PRINTED)]
    assert expected(by_name["progress"], loads) == (0, 0)
    assert expected(by_name["signing"], loads) == (24800, 24864)
    assert expected(by_name["again"], loads) == (500, 500)
    assert expected(by_name["mixed"], loads) == (24800 // 11 - 64, 24800 // 11 + 64)


def test_every_comparison_names_a_subject() -> None:
    names = [subject.name for subject in ALL]
    assert len(set(names)) == len(names)
    assert {against.name for subject in ALL for against in subject.against} <= set(names)


def test_the_area_is_the_chance_that_a_known_one_took_longer() -> None:
    assert area([3, 4], [1, 2]) == 1
    assert area([1, 2], [3, 4]) == 0
    assert area([1, 4], [2, 3]) == 0.5
    assert area([2, 2], [2, 2]) == 0.5
    assert area([2, 3], [1, 3]) == (1 + 0 + 1 + 0.5) / 4
    assert round(doubt(400, 400), 4) == 0.0204


def test_a_size_is_compared_with_the_smallest() -> None:
    subjects = sized(["signing", "progress-sqlite", "viral-nginx"], [1_000, 50])
    assert [one.name for one in subjects] == [
        "signing@50",
        "signing@1000",
        "viral-nginx@50",
        "viral-nginx@1000",
    ]
    assert subjects[0].against == ()
    assert subjects[1].against == (Against("signing@50", 1 / 1.2),)
    assert subjects[3].says.endswith("; 1 000 signatures")
    assert (subjects[3].signatures, subjects[3].services, subjects[3].petitions) == (1_000, 2, 101)


@pytest.mark.services
def test_a_filled_ledger_is_one_that_could_have_grown(postgresql_url: str) -> None:
    add_petitions(postgresql_url, 4)
    before = indexes(postgresql_url)
    filled = fill(postgresql_url, 2_500, 4)
    assert (filled.counted, filled.last) == (2_500 - 25 - 3, 2_500)
    assert indexes(postgresql_url) == before
    ledger = Ledger.connect(postgresql_url)
    try:
        petitions = ledger.petitions()
        counted = [ledger.recount(petition.id) for petition in petitions]
        audited = [sum(day.change_here for day in ledger.audit(one.id)) for one in petitions]
        assert [one.after.here - one.before.here for one in counted] == [0] * 4
        assert audited == [one.after.here for one in counted]
        assert max(audited) > 2_000
        assert sum(audited) == filled.counted
    finally:
        ledger.close()


def test_the_bench_has_postgresql_set_as_compose_does() -> None:
    command = yaml.safe_load(Path("compose.yaml").read_text())["services"]["postgres"]["command"]
    assert {f"-c{name}={value}" for name, value in AS_COMPOSE_HAS_IT.items()} <= set(command)


def test_what_is_measured_between_two_checkpoints_costs_what_it_costs_on_average() -> None:
    pages = 10_000_000 / ON_A_PAGE
    still_whole = exp(-later(10_000_000) / pages)  # the share of signings that write a page whole
    average = (1 - exp(-SIGNED_BETWEEN / pages)) * pages / SIGNED_BETWEEN
    assert still_whole == pytest.approx(average, rel=0.01)
    assert 0 < later(1_000) < 1_000
    assert later(3) == 3


def indexes(url: str) -> list[tuple[str, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as book:
        return book.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'signatures' ORDER BY 1"
        ).fetchall()


def test_what_pgbench_prints_is_read() -> None:
    printed = (
        "number of transactions actually processed: 6000\nnumber of failed transactions: 3 (0.050%)\n"
        "latency average = 3.2 ms\ntps = 1000.5 (without initial connection time)\n"
    )
    answers = pgbench.parse(printed, [float(took) for took in range(1, 1_001)])
    assert (answers.answered, answers.rate, answers.refused, answers.good) == (6000, 1000.5, 3, 5997)
    assert (round(answers.p50), round(answers.p99)) == (500, 991)
    with pytest.raises(pgbench.NotPgbench):
        pgbench.parse(printed, [])
    with pytest.raises(pgbench.NotPgbench):
        pgbench.parse("connection refused", [1.0] * 200)
