"""What a viewer is told of groups in all periods together: never when somebody of a group signed."""

from datetime import UTC, datetime
from itertools import accumulate, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.figure_table import (
    ASKED,
    GROUPED,
    STATES,
    Cell,
    asked_table,
    groups_table,
    states_table,
)
from widget.domain.figures import Figures, Group, Kind, Part, Period

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NAMES = {Part.STATE: [*STATES], Part.ASKED: [*ASKED], **{part: ["AM", "DE", "FR"] for part in GROUPED}}
PERIODS = list(Period)

# How many of a group signed in the last day, in the week before it, in the month before that, and earlier.
spread = st.tuples(*[st.integers(0, 7)] * len(PERIODS))


def figures(spreads: list[tuple[int, ...]]) -> Figures:
    """Return figures whose groups are spread so over time, the same ones for each part."""
    counts = [tuple(accumulate(one)) for one in spreads]
    return Figures(
        NOW,
        {
            part: tuple(Group(Kind.NAMED, name, some) for name, some in zip(names, counts, strict=False))
            for part, names in NAMES.items()
        },
    )


def told(found: Figures, period: Period, *, discreet: bool) -> list[tuple[tuple[Cell, ...], ...]]:
    """Return every table of groups that a reader may fetch for a period."""
    groups = [
        groups_table(part, found, period, lambda _, name: name, discreet=discreet).lines for part in GROUPED
    ]
    of_states = states_table(found, period, discreet=discreet).lines
    return [*groups, of_states, asked_table(found, period, discreet=discreet).lines]


@given(st.lists(st.tuples(spread, st.permutations(range(len(PERIODS)))), min_size=3, max_size=3))
def test_all_periods_together_tell_a_viewer_not_when_anybody_signed(
    groups: list[tuple[tuple[int, ...], list[int]]],
) -> None:
    """The same people at other times: whoever has every table of every period cannot tell which it was."""
    one = figures([counts for counts, _ in groups])
    other = figures([tuple(counts[at] for at in order) for counts, order in groups])
    for period, again in product(PERIODS, PERIODS):
        assert told(one, period, discreet=True) == told(other, again, discreet=True)


@pytest.mark.parametrize("period", [one for one in PERIODS if one is not Period.ALL])
def test_whoever_sees_the_signers_is_told_each_period(period: Period) -> None:
    found = figures([(9, 1, 1, 1), (6, 1, 1, 1), (2, 1, 1, 1)])
    assert told(found, period, discreet=False) != told(found, Period.ALL, discreet=False)
