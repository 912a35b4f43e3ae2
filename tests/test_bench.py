"""The bench's arithmetic. What it times is never part of a test."""

import pytest

from bench.checks import expected
from bench.load import NotWrk, parse
from bench.report import Measured, ratios, table
from bench.subjects import ALL, Against, Subject
from bench.telling import area, doubt

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
