"""The ladder: always a step above the count, the ones seen on real pages, and a bar that is honest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.goal import DEFAULT_LADDER, ladder_problem, next_step, ratio


@pytest.mark.parametrize(
    ("count", "goal"),
    [
        (0, 5),
        (4, 5),
        (5, 10),
        (49, 50),
        (50, 100),
        (1_500, 2_500),
        (24_845, 25_000),
        (43_307, 50_000),
        (56_609, 75_000),
        (217_903, 300_000),
        (999_999, 1_000_000),
        (1_000_000, 1_500_000),
        (1_500_000, 2_000_000),
        (7_654_321, 8_000_000),
    ],
)
def test_the_next_goal_is_the_first_step_strictly_above(count: int, goal: int) -> None:
    assert next_step(count) == goal


@given(st.integers(min_value=0, max_value=10**12))
def test_there_is_always_a_step_above_and_none_skipped_below(count: int) -> None:
    goal = next_step(count)
    assert goal > count
    assert not [step for step in DEFAULT_LADDER if count < step < goal]


@given(st.lists(st.integers(1, 10**9), min_size=1, unique=True).map(sorted), st.integers(0, 10**10))
def test_an_own_ladder_never_ends_either(steps: list[int], count: int) -> None:
    assert next_step(count, steps) > count


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_the_bar_is_full_exactly_when_the_goal_is_reached(count: int, goal: int) -> None:
    shown = ratio(count, goal)
    assert 0 <= shown <= 1
    assert (shown == 1) == (count >= goal)


@pytest.mark.parametrize(
    ("steps", "word"), [([], "at least one"), ([0, 5], "above 0"), ([5, 5], "higher"), ([9, 3], "higher")]
)
def test_a_ladder_that_does_not_climb_is_named(steps: list[int], word: str) -> None:
    assert word in (ladder_problem(steps) or "")


def test_a_ladder_that_climbs_is_accepted() -> None:
    assert ladder_problem([10, 20, 1_000]) is None
