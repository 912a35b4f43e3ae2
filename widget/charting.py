"""The figures as they are shown: every chart with its sentence and its table, and every table by its name.

`discreet` is for readers who see figures but no person: small groups are withheld from them, in charts,
tables and files alike, and all groups are of all time, whatever the period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from widget import i18n
from widget.domain import headline
from widget.domain.axes import Moment
from widget.domain.charts import WIDTHS, BarChart, LineChart, bars, climb, flow
from widget.domain.days import DayFigure, Span, jumps, span_of, summed
from widget.domain.figure_table import (
    GROUPED,
    FigureTable,
    asked_table,
    days_table,
    groups_table,
    hours_table,
    states_table,
    told_days,
    told_hours,
    told_period,
)
from widget.domain.figures import Figures, Kind, Part, Period, rate
from widget.figures import Seen

LANG = "en"  # of the console and of the commands
DRAWN = 20  # signatures in the hours shown; a line of fewer goes up and down and says nothing


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart, once for each width, the sentence that it says, and the table behind it.

    `file` is the table to be had as a file: it may say more than the one on the page.
    """

    title: str
    message: str
    table: FigureTable
    file: str
    lines: tuple[LineChart, ...] = ()
    bars: tuple[BarChart, ...] = ()


def panels(seen: Seen, *, discreet: bool) -> list[Panel]:
    """Return the charts through time, and those of groups, in the order of the page."""
    through_time = [*_days(seen, discreet=discreet), *_hours(seen, discreet=discreet), *_climb(seen)]
    return [*through_time, *_groups(seen, discreet=discreet)]


def states(found: Figures, period: Period, *, discreet: bool) -> Panel:
    """Return what became of the signatures of a period."""
    table = states_table(found, period, discreet=discreet)
    return Panel("What became of them", "", table, table.name)


def confirmation(found: Figures, period: Period, *, discreet: bool) -> Panel:
    """Return who confirmed, with the rate; where any of its numbers is withheld, without."""
    table = asked_table(found, period, discreet=discreet)
    asked = [count for _, count in table.pairs()[:3]]
    if all(isinstance(count, int) for count in asked):
        return Panel(
            "Confirmation",
            headline.of_rate(rate(found, told_period(period, discreet=discreet))),
            table,
            table.name,
        )
    return Panel("Confirmation", "Too few were asked to confirm to say how many did.", table, table.name)


def tables(seen: Seen, *, discreet: bool) -> dict[str, FigureTable]:
    """Return every table by its name; but for the days there is none while nobody has counted."""
    found = [days_table(told_days(seen.days, discreet=discreet))]
    if seen.figures is not None:
        found += [
            hours_table(
                [one for one in told_hours(seen.hours(), discreet=discreet) if seen.is_inside(one[0])]
            ),
            *(groups_table(part, seen.figures, seen.period, name_of, discreet=discreet) for part in GROUPED),
            states_table(seen.figures, seen.period, discreet=discreet),
            asked_table(seen.figures, seen.period, discreet=discreet),
        ]
    return {table.name: table for table in found}


def period_of(table: str, period: Period, *, discreet: bool) -> Period:
    """Return of which period a table is, where one is asked for."""
    return period if table in {"days", "hours"} else told_period(period, discreet=discreet)


def name_of(part: Part, name: str) -> str:
    """Return a country or a language by its name, anything else as it is."""
    if part is Part.COUNTRY:
        return _countries().get(name, name)
    return i18n.language(LANG, name) if part is Part.LANG else name


@cache
def _countries() -> dict[str, str]:
    return dict(i18n.countries(LANG))


def _days(seen: Seen, *, discreet: bool) -> list[Panel]:
    days = told_days(seen.days, discreet=discreet)
    if seen.period is Period.DAY or not days:
        return []
    span = span_of(days)
    points, moments = _points(days, span)
    peak = max(points, key=lambda one: one.given)
    words = headline.peak_words(peak.given, peak.day, span)
    counts = [one.given for one in points]
    return [
        Panel(
            f"By {span}",
            headline.of_days(points, span, seen.period),
            days_table(points, span).without_empty_columns(),
            "days",
            lines=tuple(flow(moments, counts, words, width) for width in WIDTHS),
        )
    ]


def _hours(seen: Seen, *, discreet: bool) -> list[Panel]:
    if seen.figures is None or seen.period not in {Period.DAY, Period.WEEK}:
        return []
    hours = [one for one in told_hours(seen.hours(), discreet=discreet) if seen.is_inside(one[0])]
    known = [(at, count) for at, count in hours if isinstance(count, int)]
    at, most = max(known, key=lambda one: one[1], default=(seen.now, 0))
    moments: list[Moment] = [at for at, _ in hours]
    words = f"{most:,} · {at:%H:%M}"
    # Where some hours are withheld, those that are left would draw a wrong picture.
    whole = len(known) == len(hours) and sum(count for _, count in known) >= DRAWN
    drawn = tuple(flow(moments, [n for _, n in known], words, width) for width in WIDTHS) if whole else ()
    return [
        Panel(
            "By hour",
            headline.of_hours(hours, seen.period),
            hours_table(hours),
            "hours",
            lines=drawn,
        )
    ]


def _climb(seen: Seen) -> list[Panel]:
    if seen.period is Period.DAY or not seen.days:
        return []
    span = span_of(seen.days)
    points, moments = _points(seen.days, span)
    totals, whole = [one.total for one in points], seen.period is Period.ALL
    steps, goals = jumps(points, before=seen.before), seen.goals()
    stood = [seen.before, *totals]
    drawn = [climb(moments, stood, steps, goals, width, from_zero=whole) for width in WIDTHS]
    table = days_table(points, span)
    shown = FigureTable(
        "days", (table.heads[0], table.heads[-1]), tuple((line[0], line[-1]) for line in table.lines)
    )
    message = headline.of_climb(seen.before, totals[-1], seen.progress.goal)
    return [Panel("All together", message, shown, "days", lines=tuple(drawn))]


def _groups(seen: Seen, *, discreet: bool) -> list[Panel]:
    if seen.figures is None:
        return []
    found = []
    for part, (name, head) in GROUPED.items():
        table = groups_table(part, seen.figures, seen.period, name_of, discreet=discreet)
        groups = table.pairs()
        period = told_period(seen.period, discreet=discreet)
        named = sum(kind is Kind.NAMED for kind, *_ in seen.figures.of(part, period))
        message = headline.of_groups(part, groups[:named], anybody=bool(groups))
        drawn = tuple(bars(groups, named, width) for width in WIDTHS) if groups else ()
        found.append(Panel(f"By {head.lower()}", message, table, name, bars=drawn))
    return found


def _points(days: Sequence[DayFigure], span: Span) -> tuple[list[DayFigure], list[Moment]]:
    points = summed(days, span)
    return points, [one.day for one in points]
