"""The goal ladder: which number comes next, and how far the bar is."""

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

# Steps seen on real petition pages; beyond the last one the ladder goes on for ever (see next_step).
DEFAULT_LADDER: tuple[int, ...] = (
    *(5, 10, 25, 50, 100, 200, 500),
    *(1_000, 1_500, 2_500, 5_000, 7_500),
    *(10_000, 15_000, 25_000, 35_000, 50_000, 75_000),
    *(100_000, 150_000, 200_000, 300_000, 500_000, 750_000, 1_000_000),
)
STEP_BEYOND = 500_000


class GoalKind(StrEnum):
    """What a goal means: the next rung, the organiser's own aim, or a legal threshold."""

    LADDER = "ladder"
    ORGANISER = "organiser"
    THRESHOLD = "threshold"


def next_step(count: int, ladder: Sequence[int] = DEFAULT_LADDER) -> int:
    """Return the first step strictly above `count`.

    Past the end of an own ladder the default one takes over, and past that every further
    500 000, so that there is always a next step (contract, "Goals").
    """
    position = bisect_right(ladder, count)
    if position < len(ladder):
        return ladder[position]
    if ladder is not DEFAULT_LADDER:
        return next_step(count)
    return (count // STEP_BEYOND + 1) * STEP_BEYOND


def ratio(count: int, goal: int) -> float:
    """Return how full the bar is, 0 to 1, cut to four digits so that it is 1 only when reached."""
    return min(count * 10_000 // goal, 10_000) / 10_000


def ladder_problem(steps: Sequence[int]) -> str | None:
    """Say what is wrong with an organiser's own ladder, or None: steps are positive and rise."""
    if not steps:
        return "a ladder needs at least one step"
    if steps[0] < 1:
        return "steps are whole numbers above 0"
    if any(later <= earlier for earlier, later in pairwise(steps)):
        return "each step is higher than the one before"
    return None
