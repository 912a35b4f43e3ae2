"""A petition's days, from the books that its public audit is made of: what each added, and the total then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from widget.domain.audit import AuditDay
from widget.domain.paper import paper_sum

DAYS_AT_MOST = 92  # points of a chart that are days; beyond it they are weeks
WEEKS_AT_MOST = 106  # two years; beyond it they are months


class Span(StrEnum):
    """What a line of a table, and a point of a chart, stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class DayFigure:
    """A day (UTC) or several from `day` on, and the number at their end.

    Of the signatures through the form `given` began to count. `imported` and `paper` came at once, and say
    nothing of when people signed. `left` were withdrawn or struck, `struck` are the latter of them;
    `corrected` is what recounts found.
    """

    day: date
    given: int = 0
    imported: int = 0
    paper: int = 0
    left: int = 0
    struck: int = 0
    corrected: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Jump:
    """The point of a chart in which the number rose or fell at once by `by`, and why."""

    at: int
    by: int
    because: str


def day_figures(
    days: Iterable[AuditDay], imported: Mapping[date, int], *, before: int, until: date
) -> list[DayFigure]:
    """Return every day from the first on which anything happened until `until`; none is left out.

    `days` are those of the audit with paper, the earliest first; `imported` is how many of the confirmed of a
    day an import brought; `before` is what was carried over.
    """
    known = {one.day: one for one in days}
    if not known:
        return []
    first, last = min(known), max(until, *known)
    figures, total = [], before
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        audited = known.get(day) or AuditDay(day)
        total += audited.change
        brought = min(imported.get(day, 0), audited.confirmed)
        figures.append(
            DayFigure(
                day,
                given=audited.confirmed - brought,
                imported=brought,
                paper=paper_sum(audited.on_paper),
                left=audited.withdrawn + audited.invalidated,
                struck=audited.invalidated,
                corrected=audited.corrected,
                total=total,
            )
        )
    return figures


def within(figures: Sequence[DayFigure], since: date, until: date, *, before: int) -> list[DayFigure]:
    """Return the days of a period, those before the petition's first among them; `before` was there then."""
    known = {one.day: one for one in figures}
    found: list[DayFigure] = []
    total = before
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        one = known.get(day) or DayFigure(day, total=total)
        found.append(one)
        total = one.total
    return found


def span_of(figures: Sequence[DayFigure]) -> Span:
    """Return what a point of a chart of so many days stands for, so that they do not run together."""
    days = (figures[-1].day - figures[0].day).days + 1 if figures else 0
    if days <= DAYS_AT_MOST:
        return Span.DAY
    return Span.WEEK if days <= WEEKS_AT_MOST * 7 else Span.MONTH


def summed(figures: Sequence[DayFigure], span: Span) -> list[DayFigure]:
    """Return the days added up by week (from Monday) or month; the total is that at their end."""
    found: list[DayFigure] = []
    for one in figures:
        first = _first(one.day, span)
        if found and found[-1].day == first:
            found[-1] = _added(found[-1], one)
        else:
            found.append(_added(DayFigure(first), one))
    return found


def jumps(points: Iterable[DayFigure], *, before: int) -> list[Jump]:
    """Return the steps of the number; `before` is what it was when the first point began.

    What was struck meanwhile is taken off an import first: a file that is taken back on its day never was in
    the number at the end of one. No step begins beyond what the number was before and after its point.
    """
    found, earlier = [], before
    for at, one in enumerate(points):
        brought = max(one.imported - one.struck, 0)
        grown = one.total - earlier
        by = min(max(brought + one.paper, min(grown, 0)), max(grown, 0))
        if by:
            is_net = by != brought + one.paper or brought not in {0, one.imported}
            found.append(Jump(at, by, _because(brought, one.paper, is_net=is_net)))
        earlier = one.total
    return found


def _because(brought: int, paper: int, *, is_net: bool) -> str:
    kinds = "imported, paper" if brought and paper else "imported" if brought else "on paper"
    return f"net {kinds}" if is_net else kinds


def _first(day: date, span: Span) -> date:
    if span is Span.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if span is Span.WEEK else day


def _added(one: DayFigure, other: DayFigure) -> DayFigure:
    return DayFigure(
        one.day,
        given=one.given + other.given,
        imported=one.imported + other.imported,
        paper=one.paper + other.paper,
        left=one.left + other.left,
        struck=one.struck + other.struck,
        corrected=one.corrected + other.corrected,
        total=other.total,
    )
