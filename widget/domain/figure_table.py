"""The figures as tables: the same lines for a page, a spreadsheet and a terminal, with the same left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from widget.domain.axes import MONTHS
from widget.domain.days import DayFigure, Span
from widget.domain.figures import Asked, Figures, Kind, Part, Period
from widget.domain.signature import State
from widget.domain.withholding import SMALL, Shown, Withheld, withheld

Cell = str | Shown
KINDS = {
    Kind.NONE: "None named",
    Kind.IMPORTED: "Brought in by an import",
    Kind.FORGOTTEN: "Not known any more",
    Kind.OTHERS: "All others",
}
STATES = {
    State.CONFIRMED: "Count",
    State.PENDING: "Not confirmed yet",
    State.HELD: "Held for a look",
    State.WITHDRAWN: "Taken back by their signers",
    State.INVALIDATED: "Struck",
    State.ERASED: "Erased",
}
ASKED = {
    Asked.CONFIRMED: "Asked by letter, and confirmed",
    Asked.UNCONFIRMED: "Asked, and did not confirm while the link worked",
    Asked.WAITING: "Asked, and may still confirm",
    Asked.AT_ONCE: "Not asked: they count at once",
    Asked.HELD: "Held for a look first: not part of the rate",
}
GROUPED = {
    Part.SITE: ("sites", "Partner site"),
    Part.SOURCE: ("sources", "Source"),
    Part.COUNTRY: ("countries", "Country"),
    Part.LANG: ("languages", "Language"),
}


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table: its name in addresses, its columns, and lines of cells; the first cell says what a line is."""

    name: str
    heads: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]

    def pairs(self) -> list[tuple[str, Shown]]:
        """Return what each line is and its last number."""
        return [(str(line[0]), line[-1]) for line in self.lines if isinstance(line[-1], int | Withheld)]

    def without_empty_lines(self) -> "FigureTable":
        """Return the table without the lines that hold nothing but 0."""
        return FigureTable(self.name, self.heads, tuple(line for line in self.lines if any(line[1:])))

    def without_empty_columns(self) -> "FigureTable":
        """Return the table without the columns in the middle that hold nothing but 0."""
        last = len(self.heads) - 1
        kept = [at for at in range(last + 1) if at in {0, 1, last} or any(line[at] for line in self.lines)]
        lines = tuple(tuple(line[at] for at in kept) for line in self.lines)
        return FigureTable(self.name, tuple(self.heads[at] for at in kept), lines)


def days_table(days: Sequence[DayFigure], span: Span = Span.DAY) -> FigureTable:
    """Return the books: the public audit says the same, so that nothing is withheld."""
    heads = ("Given here", "Imported", "On paper", "Withdrawn or struck", "Corrected", "Number then")
    lines = tuple(
        (span_label(one.day, span), one.given, one.imported, one.paper, one.left, one.corrected, one.total)
        for one in days
    )
    return FigureTable("days", (f"{span.capitalize()} (UTC)", *heads), lines)


def hours_table(hours: Sequence[tuple[datetime, Shown]]) -> FigureTable:
    """Return the hours."""
    lines = tuple((f"{at:%Y-%m-%d %H:%M}", count) for at, count in hours)
    return FigureTable("hours", ("Hour (UTC)", "Signatures"), lines)


def told_period(period: Period, *, discreet: bool) -> Period:
    """Return the period of which this reader is told groups: of two they would be told the difference."""
    return Period.ALL if discreet else period


def groups_table(
    part: Part, figures: Figures, period: Period, name_of: Callable[[Part, str], str], *, discreet: bool
) -> FigureTable:
    """Return the signatures of a period that count, by what they have in common, the largest first."""
    name, head = GROUPED[part]
    groups = figures.of(part, told_period(period, discreet=discreet))
    counts = told([count for _, _, count in groups], discreet=discreet)
    lines = tuple(
        (name_of(part, said) if kind is Kind.NAMED else KINDS[kind], said, count)
        for (kind, said, _), count in zip(groups, counts, strict=True)
    )
    if part in {Part.COUNTRY, Part.LANG}:
        return FigureTable(name, (head, "Code", "Signatures"), lines)
    return FigureTable(name, (head, "Signatures"), tuple((words, count) for words, _, count in lines))


def states_table(figures: Figures, period: Period, *, discreet: bool) -> FigureTable:
    """Return what became of the signatures of a period."""
    period = told_period(period, discreet=discreet)
    counts = told([figures.count(Part.STATE, one, period) for one in STATES], discreet=discreet)
    return FigureTable("states", ("State", "Signatures"), tuple(zip(STATES.values(), counts, strict=True)))


def asked_table(figures: Figures, period: Period, *, discreet: bool) -> FigureTable:
    """Return who of a period was asked to confirm, and did."""
    period = told_period(period, discreet=discreet)
    counts = told([figures.count(Part.ASKED, one, period) for one in ASKED], discreet=discreet)
    lines = tuple(zip(ASKED.values(), counts, strict=True))
    return FigureTable("confirmation", ("Confirmation", "Signatures"), lines)


def told(counts: Sequence[int], *, discreet: bool) -> list[Shown]:
    """Return the numbers as this reader is told them."""
    return withheld(counts) if discreet else list(counts)


def told_hours(hours: Sequence[tuple[datetime, int]], *, discreet: bool) -> list[tuple[datetime, Shown]]:
    """Return the hours as this reader is told them: day by day, since the audit has each day's sum."""
    found: list[tuple[datetime, Shown]] = []
    for _, of_day in groupby(hours, key=lambda one: one[0].date()):
        day = list(of_day)
        counts = told([count for _, count in day], discreet=discreet)
        found += [(at, count) for (at, _), count in zip(day, counts, strict=True)]
    return found


def told_days(days: Sequence[DayFigure], *, discreet: bool) -> list[DayFigure]:
    """Return the days as this reader is told them: few who were imported are not told apart from the rest."""
    if not discreet:
        return list(days)
    return [_together(one) if 0 < one.imported < SMALL else one for one in days]


def _together(one: DayFigure) -> DayFigure:
    return replace(one, given=one.given + one.imported, imported=0)


def span_label(day: date, span: Span) -> str:
    """Return what a line of the books stands for, in a form that sorts."""
    return f"{day:%Y-%m}" if span is Span.MONTH else day.isoformat()


def day_words(day: date) -> str:
    """Return a day in words."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
