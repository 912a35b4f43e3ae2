"""The story of the figures people look at: what the books say day by day, and a count of the signatures.

The books are small and are read for each visit. Signatures are counted while somebody waits only where they
are few; of a large petition the worker counts them (`summing.py`), and the figures say how old they are.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from widget.domain.audit import with_paper
from widget.domain.days import DayFigure, day_figures, within
from widget.domain.figures import Figures, Part, Period, since
from widget.domain.goal import GoalKind, next_step
from widget.domain.petition import Petition
from widget.domain.tally import Progress, progress_of
from widget.store.counter import Counter
from widget.store.ledger import Ledger

LIVE = 5_000  # signatures that are counted while somebody waits: some ten milliseconds
GOALS = 200  # more lines than any chart has room for


@dataclass(frozen=True, slots=True)
class Seen:
    """All there is to see of a petition for a period. `figures` is None while nobody has counted yet.

    `days` are those of the period, each of them; `before` is what the number was when they began.
    `is_empty` tells that nothing ever happened here.
    """

    petition: Petition
    period: Period
    now: datetime
    progress: Progress
    before: int
    days: tuple[DayFigure, ...]
    figures: Figures | None
    is_empty: bool

    @property
    def is_behind(self) -> bool:
        """Tell whether the count of the signatures is older than the books."""
        return self.figures is not None and self.figures.as_of < self.now

    def hours(self) -> list[tuple[datetime, int]]:
        """Return every hour of the week before the count, with how many were given here in it."""
        if self.figures is None:
            return []
        until = self.figures.as_of.astimezone(UTC)
        found = {name: count for _, name, count in self.figures.of(Part.HOUR, Period.ALL)}
        hours = _hours(since(Period.WEEK, until) or until, until)
        return [(at, found.get(f"{at:%Y-%m-%d %H}", 0)) for at in hours]

    def is_inside(self, at: datetime) -> bool:
        """Tell whether an hour belongs to the period."""
        begins = self.figures and since(self.period, self.figures.as_of)
        return not begins or at >= begins

    def goals(self) -> list[int]:
        """Return the goals that the number passed in this period, and the one it goes for, lowest first."""
        if self.petition.goal_kind is not GoalKind.LADDER:
            return [self.progress.goal]
        steps = [next_step(self.before, self.petition.ladder)]
        while steps[-1] < self.progress.goal and len(steps) < GOALS:
            steps.append(next_step(steps[-1], self.petition.ladder))
        return [*(step for step in steps if step < self.progress.goal), self.progress.goal]


def show(
    petition: Petition,
    period: Period,
    *,
    ledger: Ledger,
    counter: Counter,
    now: datetime,
    confirm_within: timedelta,
) -> Seen:
    """Return what somebody sees who opens the figures. Raises LedgerUnavailable."""
    large = ledger.is_larger_than(petition.id, LIVE)
    kept = ledger.kept_figures(petition.id) if large else None
    figures = kept.figures if kept else None
    if not large:
        figures = ledger.count_figures(petition.id, now, confirm_within=confirm_within, unhurried=False)
    progress = progress_of(petition, counter.read(petition.id))
    return _seen(petition, period, progress, figures, ledger=ledger, now=now)


def look(
    petition: Petition, period: Period, *, ledger: Ledger, now: datetime, confirm_within: timedelta
) -> Seen:
    """Return the same, counted now however many there are, for whoever does not mind waiting.

    What took long to count is kept for those who do. Raises LedgerUnavailable.
    """
    counted, seconds = count(petition.id, ledger=ledger, now=now, confirm_within=confirm_within)
    if ledger.is_larger_than(petition.id, LIVE):
        ledger.keep_figures(petition.id, counted, seconds)
    progress = progress_of(petition, ledger.tally(petition.id))
    return _seen(petition, period, progress, counted, ledger=ledger, now=now)


def count(
    petition_id: int, *, ledger: Ledger, now: datetime, confirm_within: timedelta
) -> tuple[Figures, float]:
    """Count a petition's signatures in their own time; return them, and the seconds that it took."""
    began = time.monotonic()
    figures = ledger.count_figures(petition_id, now, confirm_within=confirm_within, unhurried=True)
    return figures, time.monotonic() - began


def _seen(
    petition: Petition,
    period: Period,
    progress: Progress,
    figures: Figures | None,
    *,
    ledger: Ledger,
    now: datetime,
) -> Seen:
    today, begins = now.astimezone(UTC).date(), since(period, now)
    audited = with_paper(ledger.audit(petition.id), ledger.paper(petition.id))
    carried = sum(figure.count for figure in ledger.carried_over(petition.id))
    days = day_figures(audited, ledger.imported_days(petition.id), before=carried, until=today)
    before, is_empty = carried, not days
    if begins is not None:
        earlier = [one.total for one in days if one.day < begins.date()]
        before = earlier[-1] if earlier else carried
        days = within(days, begins.date(), today, before=before)
    return Seen(petition, period, now, progress, before, tuple(days), figures, is_empty)


def _hours(at: datetime, until: datetime) -> Iterator[datetime]:
    while at <= until:
        yield at
        at += timedelta(hours=1)
