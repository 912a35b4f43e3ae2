"""Axes and charts: nothing collides, nothing leaves the picture, and the numbers are where they belong."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.audit import AuditDay
from widget.domain.axes import APART, Moment, length, round_steps, shortened, time_ticks
from widget.domain.charts import BARS, HEIGHT, WIDTHS, LineChart, Note, bars, climb, flow
from widget.domain.days import DayFigure, Jump, Span, day_figures, jumps, summed, within
from widget.domain.paper import PaperEntry, PaperFigure
from widget.domain.withholding import Withheld

MAY = date(2026, 5, 1)


def days(many: int, step: int = 1, first: date = MAY) -> list[Moment]:
    return [first + timedelta(days=step * number) for number in range(many)]


def reach(x: float, text: str, anchor: str) -> tuple[float, float]:
    long = length(text)
    start = x - {"start": 0.0, "middle": long / 2, "end": long}[anchor]
    return start, start + long


def points(chart: LineChart) -> list[tuple[float, float]]:
    found = [pair for path in chart.paths for pair in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]
    return [(float(x), float(y)) for x, y in found] + list(chart.dots)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_round_steps_are_even_few_and_hold_what_they_are_for(one: int, other: int) -> None:
    low, high = sorted((one, other))
    steps = round_steps(low, high)
    assert steps[0] <= low
    assert steps[-1] >= high
    assert 2 <= len(steps) <= 5
    apart = {later - earlier for earlier, later in pairwise(steps)}
    assert len(apart) == 1
    assert re.fullmatch("[125]0*|25", str(apart.pop()))


@pytest.mark.parametrize(
    ("high", "steps"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (73, [0, 20, 40, 60, 80]), (100_000, [0, 50_000, 100_000])],
)
def test_round_steps_from_zero(high: int, steps: list[int]) -> None:
    assert round_steps(0, high) == steps


@given(
    st.integers(1, 400),
    st.sampled_from([1, 7, 31]),
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.sampled_from(WIDTHS),
)
def test_labels_of_days_never_collide(many: int, step: int, first: date, width: int) -> None:
    moments = days(many, step, first)
    _no_collisions(moments, width)


@given(st.integers(1, 24 * 7), st.integers(0, 23), st.sampled_from(WIDTHS))
def test_labels_of_hours_never_collide(many: int, first: int, width: int) -> None:
    _no_collisions(
        [datetime(2026, 5, 1, first, tzinfo=UTC) + timedelta(hours=at) for at in range(many)], width
    )


def _no_collisions(moments: list[Moment], width: int) -> None:
    places = [4 + at * (width - 8) / max(len(moments) - 1, 1) for at in range(len(moments))]
    ticks = time_ticks(moments, places, width)
    assert ticks
    ends = [reach(tick.at, tick.label, tick.anchor) for tick in ticks]
    assert ends[0][0] >= 0
    assert ends[-1][1] <= width
    assert all(later[0] - earlier[1] >= APART for earlier, later in pairwise(ends))


@pytest.mark.parametrize(
    ("moments", "labels"),
    [
        (days(1), ["1 May 2026"]),
        (days(7), ["3 May", "5 May", "7 May"]),
        (days(30), ["4 May", "11 May", "18 May", "25 May"]),
        (days(90), ["Jun", "Jul"]),
        (days(1500), ["Jul", "2027", "Jul", "2028", "Jul", "2029", "Jul", "2030"]),
        (
            [datetime(2026, 5, 1, 20, tzinfo=UTC) + timedelta(hours=h) for h in range(24)],
            ["2 May", "06:00", "12:00", "18:00"],
        ),
    ],
)
def test_labels_are_those_people_expect(moments: list[Moment], labels: list[str]) -> None:
    places = [4 + at * 280 / max(len(moments) - 1, 1) for at in range(len(moments))]
    assert [tick.label for tick in time_ticks(moments, places, 288)] == labels


@given(st.lists(st.none() | st.integers(0, 10**6), min_size=1, max_size=200), st.sampled_from(WIDTHS))
def test_a_flow_stays_in_its_picture(counts: list[int | None], width: int) -> None:
    chart = flow(days(len(counts)), counts, "1,000,000 · 4 May", width)
    known = [count for count in counts if count is not None]
    for x, y in points(chart):
        assert 0 <= x <= width
        assert 0 <= y <= chart.floor
    assert bool(chart.labels) == any(known)
    for note in chart.labels:
        start, end = reach(note.x, note.text, note.anchor)
        assert start >= 0
        assert end <= width + 0.1
        assert note.y > 10


def test_a_flow_of_nothing_is_a_flat_line() -> None:
    chart = flow(days(30), [0] * 30, "", 288)
    assert not chart.labels
    assert {y for _, y in points(chart)} == {chart.floor}


def test_a_single_day_is_a_dot_in_the_middle() -> None:
    chart = flow(days(1), [212], "212 · 1 May", 288)
    assert (chart.paths, [x for x, _ in chart.dots]) == ((), [144])


def test_a_gap_is_a_gap() -> None:
    chart = flow(days(5), [1, 2, None, 3, None], "3", 288)
    assert len(chart.paths) == 1
    assert len(chart.dots) == 1  # the lonely one is the highest, too


totals = st.lists(st.integers(0, 10**6), min_size=1, max_size=120)


@given(totals, st.data(), st.booleans(), st.sampled_from(WIDTHS))
def test_a_climb_stays_in_its_picture(found: list[int], data: st.DataObject, whole: bool, width: int) -> None:
    at = data.draw(st.lists(st.integers(0, len(found) - 1), unique=True, max_size=5))
    steps = [Jump(one, data.draw(st.integers(-found[one], found[one])), "imported") for one in at]
    before = data.draw(st.integers(0, 10**6))
    goals = sorted(data.draw(st.sets(st.integers(1, 2 * 10**6), min_size=1, max_size=30)))
    chart = climb(days(len(found)), [before, *found], steps, goals, width, from_zero=whole)
    top = 30.0
    for x, y in points(chart):
        assert 0 <= x <= width
        assert top - 0.1 <= y <= chart.floor + 0.1
    said = [note for note in (*chart.marks, *chart.levels) if note.text]
    ys = sorted(note.y for note in said)
    assert all(later - earlier >= 10 for earlier, later in pairwise(ys))
    assert chart.labels[0].text == f"{found[-1]:,}"


def test_an_import_is_a_step_and_said() -> None:
    chart = climb(
        days(4), [49, 49, 60, 700, 710], [Jump(2, 630, "imported")], [100, 500, 1000], 560, from_zero=True
    )
    xs = [x for x, _ in points(chart)]
    assert xs[3] == xs[4]  # straight up
    assert [note.text for note in chart.notes] == ["+630 imported"]
    assert [mark.text for mark in chart.marks] == ["goal 1,000", "goal 500", "goal 100"]


def test_an_import_that_was_taken_back_the_same_day_draws_nothing() -> None:
    on_paper = PaperEntry(
        1, PaperFigure(2, "the market", MAY, "A-1"), datetime(2026, 5, 1, tzinfo=UTC), "Anahit"
    )
    books = [AuditDay(MAY, confirmed=197, invalidated=195, imported=195, on_paper=(on_paper,))]
    known = day_figures(books, {MAY: 195}, before=0, until=MAY)
    points_of = within(known, MAY - timedelta(days=29), MAY, before=0)
    steps = jumps(points_of, before=0)
    assert steps == [Jump(29, 2, "on paper")]
    for width in WIDTHS:
        chart = climb(days(30), [0, *(one.total for one in points_of)], steps, [50], width, from_zero=False)
        ys = [y for _, y in points(chart)[:-1]]
        assert ys[:-2] == [chart.floor] * 30
        assert ys[-1] < ys[-2] < chart.floor
        assert chart.labels[0].text == "4"
        assert [note.text for note in chart.notes] == ["+2 on paper"]


@pytest.mark.parametrize(
    ("one", "before", "step"),
    [
        (DayFigure(MAY, imported=630, total=630), 0, (630, "imported")),
        (DayFigure(MAY, given=2, imported=195, left=195, struck=195, total=2), 0, None),
        (DayFigure(MAY, imported=195, left=100, struck=100, total=95), 0, (95, "net imported")),
        (DayFigure(MAY, imported=195, left=3, total=192), 0, (192, "net imported")),
        (DayFigure(MAY, imported=100, paper=20, total=120), 0, (120, "imported, paper")),
        (DayFigure(MAY, given=30, paper=-50, total=80), 100, (-20, "net on paper")),
        (DayFigure(MAY, imported=10, left=40, struck=40, total=70), 100, None),
        (DayFigure(MAY, paper=7, corrected=-9, total=98), 100, None),
    ],
)
def test_a_step_is_what_is_left_of_it(one: DayFigure, before: int, step: tuple[int, str] | None) -> None:
    assert jumps([one], before=before) == ([Jump(0, *step)] if step else [])


@pytest.mark.parametrize(
    ("stood", "above"),
    [
        ([49, 60, 70], 9),
        ([900, 900, 900, 700], -18),  # fell: below is room
        ([900, 900, 900, 10], 9),  # fell to the floor: above all of it
    ],
)
def test_the_number_at_the_end_is_not_said_upon_its_line(stood: list[int], above: int) -> None:
    many = [stood[0]] * 60 + stood
    chart = climb(days(len(many) - 1), many, [], [1000], 560, from_zero=True)
    [said] = chart.labels
    highest = min(y for x, y in points(chart) if x > 556 - length(said.text))
    assert said.y == pytest.approx((chart.dots[-1][1] if above < 0 else highest) - above, abs=0.1)


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, list[DayFigure]]:
    """Draw what a petition began with and its days, none of which ends below zero."""
    before = draw(st.integers(0, 1_000))
    total, found = before, []
    for number in range(draw(st.integers(1, 40))):
        given, imported, added = (draw(st.integers(0, 300)) for _ in range(3))
        off = draw(st.integers(0, total + given + imported + added))
        struck, left, back = sorted(draw(st.integers(0, off)) for _ in range(3))
        one = DayFigure(MAY + timedelta(days=number), given, imported, added - (back - left), left, struck)
        one = replace(one, corrected=draw(st.integers(back - off, 5)))
        total += given + imported + one.paper - left + one.corrected
        found.append(replace(one, total=total))
    return before, found


@given(histories(), st.sampled_from(Span), st.sampled_from(WIDTHS), st.booleans())
def test_a_climb_says_what_the_number_was(
    history: tuple[int, list[DayFigure]], span: Span, width: int, whole: bool
) -> None:
    before, of_days = history
    found = summed(of_days, span)
    steps = jumps(found, before=before)
    totals = [one.total for one in found]
    chart = climb([one.day for one in found], [before, *totals], steps, [10**7], width, from_zero=whole)
    *line, end = points(chart)
    assert end == line[-1]
    # Two heights tell those of all others: what is drawn lies as the numbers do.
    stood = [before, *totals]
    low, high = min(stood), max(stood)
    assert max(y for _, y in line) == max(y for _, y in (line[0], *_ends(line)))
    assert min(y for _, y in line) == min(y for _, y in (line[0], *_ends(line)))
    heights = [y for _, y in (line[0], *_ends(line))]
    assert len(heights) == len(stood)
    for y, count in zip(heights, stood, strict=True):
        share = (count - low) / (high - low) if high > low else 0
        assert y == pytest.approx(max(heights) - share * (max(heights) - min(heights)), abs=0.2)
    for step, earlier in zip(steps, (stood[one.at] for one in steps), strict=True):
        assert min(earlier, totals[step.at]) <= totals[step.at] - step.by <= max(earlier, totals[step.at])


def _ends(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return where the line leaves each place along the chart but the first."""
    return [one for one, later in pairwise([*line[1:], (-1.0, 0.0)]) if one[0] != later[0]]


@given(
    st.lists(st.tuples(st.text(max_size=200), st.integers(0, 10**6) | st.sampled_from(Withheld)), max_size=30)
)
def test_bars_fit(groups: list[tuple[str, int | Withheld]]) -> None:
    for width in WIDTHS:
        chart = bars(groups, len(groups) // 2, width)
        assert len(chart.bars) <= BARS
        for bar in chart.bars:
            assert 0 <= bar.length <= width
            assert length(bar.name) + length(bar.value) <= width
            assert bar.y < max(chart.height, 1)


def test_long_words_are_cut() -> None:
    assert shortened("https://a-long-name.example.org", 100) == "https://a-lon…"
    assert shortened("short", 100) == "short"
    assert shortened("請願" * 20, 60).endswith("…")


def test_the_height_is_room_for_the_labels_below() -> None:
    assert flow(days(3), [1, 2, 3], "3", 288).floor + 20 < HEIGHT
    assert Note(0, 0, "").anchor == "start"
