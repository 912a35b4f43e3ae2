"""What a viewer is not told: tried against everybody who can add and subtract."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.withholding import SMALL, Shown, Withheld, withheld


def possible(counts: list[int], shown: list[Shown]) -> list[set[int]]:
    """Return what each group may be of, for a reader who knows the sum of all and reads what is said."""
    hidden = [at for at, one in enumerate(shown) if isinstance(one, Withheld)]
    left = sum(counts[at] for at in hidden)
    ranges = {
        Withheld.FEW: range(1, SMALL),
        Withheld.SOME: range(SMALL, left + 1),
        Withheld.NOTHING: range(1, left + 1),
    }
    choices = [ranges[one] for one in shown if isinstance(one, Withheld)]
    found = [set[int]() for _ in hidden]
    # The last one follows from the rest, so that it need not be tried.
    for tried in product(*choices[:-1]):
        last = left - sum(tried)
        if choices and last in choices[-1]:
            for at, size in enumerate((*tried, last)):
                found[at].add(size)
    return found


@given(st.lists(st.integers(0, 12), max_size=5))
def test_no_sum_gives_a_small_group_away(counts: list[int]) -> None:
    shown = withheld(counts)
    assert all(said == count or isinstance(said, Withheld) for said, count in zip(shown, counts, strict=True))
    assert all(said == 0 for said, count in zip(shown, counts, strict=True) if not count)
    if sum(count > 0 for count in counts) == 1:
        return  # alone it is the sum, which everybody knows
    left = possible(counts, shown)
    hidden = [count for said, count in zip(shown, counts, strict=True) if isinstance(said, Withheld)]
    for count, sizes in zip(hidden, left, strict=True):
        assert count in sizes
        if count < SMALL and sum(hidden) > len(hidden):  # two that are one together would be no news
            assert len(sizes) > 1, (counts, shown)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], []),
        ([40, 7, 5], [40, 7, 5]),
        ([40, 0, 5], [40, 0, 5]),
        ([40, 2, 3], [40, Withheld.FEW, Withheld.FEW]),
        ([40, 9, 1], [40, Withheld.SOME, Withheld.FEW]),
        ([40, 5, 1], [Withheld.SOME, Withheld.SOME, Withheld.FEW]),
        ([5, 1], [Withheld.NOTHING, Withheld.NOTHING]),
        ([40, 13, 1, 1], [40, Withheld.SOME, Withheld.FEW, Withheld.FEW]),
        ([40, 9, 1, 1], [Withheld.SOME, Withheld.SOME, Withheld.FEW, Withheld.FEW]),
        ([1, 1], [Withheld.NOTHING, Withheld.NOTHING]),
        ([3], [Withheld.FEW]),
        ([3, 0], [Withheld.FEW, 0]),
    ],
)
def test_what_is_said(counts: list[int], shown: list[Shown]) -> None:
    assert withheld(counts) == shown
