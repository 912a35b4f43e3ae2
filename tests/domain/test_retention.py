"""How long what is kept: days, and calendar months of every length."""

from datetime import UTC, datetime

import pytest

from widget.domain.retention import Retention, months_before

RULES = Retention(unconfirmed_days=21, network_key_days=30, anonymise_months=6, held_days=90)


def test_each_kind_has_its_own_moment() -> None:
    now = datetime(2026, 5, 31, 12, tzinfo=UTC)
    assert RULES.unconfirmed_before(now) == datetime(2026, 5, 10, 12, tzinfo=UTC)
    assert RULES.network_keys_before(now) == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert RULES.closed_before(now) == datetime(2025, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ((2026, 5, 1), 6, (2025, 11, 1)),
        ((2026, 8, 31), 6, (2026, 2, 28)),
        ((2028, 8, 31), 6, (2028, 2, 29)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 31), 12, (2025, 12, 31)),
        ((2026, 3, 31), 120, (2016, 3, 31)),
        ((2026, 12, 1), 0, (2026, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(
    day: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*day, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)
