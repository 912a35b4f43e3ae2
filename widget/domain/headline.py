"""The message of a chart in a sentence, for its heading and for who does not see it."""

from collections.abc import Sequence
from datetime import date, datetime

from widget.domain.axes import MONTHS, day_label
from widget.domain.days import DayFigure, Span
from widget.domain.figure_table import day_words
from widget.domain.figures import Part, Period, Rate
from widget.domain.withholding import Shown

IN = {
    Period.DAY: "in the last 24 hours",
    Period.WEEK: "in the last 7 days",
    Period.MONTH: "in the last 30 days",
    Period.ALL: "so far",
}
WHERE = {
    Part.SITE: ("partner site", "partner sites", "Most signed on"),
    Part.SOURCE: ("source", "sources", "Most came by"),
    Part.COUNTRY: ("country", "countries", "Most are from"),
    Part.LANG: ("language", "languages", "Most signed in"),
}


def of_days(days: Sequence[DayFigure], span: Span, period: Period) -> str:
    """Say how many were given here in a period, and when most were."""
    total = sum(one.given for one in days)
    if not total:
        return f"No signature was given here {IN[period]}."
    most = max(days, key=lambda one: one.given)
    return _said(total, when(most.day, span), most.given, period)


def of_hours(hours: Sequence[tuple[datetime, Shown]], period: Period) -> str:
    """Say in which hour most signed; of hours that are withheld nothing is said."""
    known = [(at, count) for at, count in hours if isinstance(count, int)]
    if len(known) < len(hours):
        return "Hours with fewer than 5 signatures are not shown."
    total = sum(count for _, count in known)
    if not total:
        return f"No signature that counts was given here {IN[period]}."
    at, most = max(known, key=lambda one: one[1])
    return _said(total, hour_words(at), most, period)


def of_climb(before: int, total: int, goal: int) -> str:
    """Say where the number went."""
    if total > before:
        return f"The number rose from {before:,} to {total:,}. The next goal is {goal:,}."
    if total < before:
        return f"The number fell from {before:,} to {total:,}. The next goal is {goal:,}."
    return f"The number stands at {total:,}. The next goal is {goal:,}."


def of_groups(part: Part, named: Sequence[tuple[str, Shown]], *, anybody: bool) -> str:
    """Say which of the groups with a name is the largest."""
    if not anybody:
        return "No signature that counts was given in this time."
    one, many, most = WHERE[part]
    if not named:
        return f"No {one} is known of any of them."
    name, count = named[0]
    how_many = f"1 {one}" if len(named) == 1 else f"{len(named):,} {many}"
    return f"{how_many}. {most} {name}: {_many(count)}."


def of_rate(rate: Rate) -> str:
    """Say how many of those who were asked to confirm did."""
    decided = rate.confirmed + rate.unconfirmed
    waiting = f" {rate.waiting:,} more may still do so." if rate.waiting else ""
    if not decided and not rate.waiting:
        return "Nobody was asked to confirm in this time."
    if rate.share is None:
        return f"Nobody who was asked to confirm has decided yet.{waiting}"
    return f"{percent(rate.share)} confirmed their address: {rate.confirmed:,} of {decided:,}.{waiting}"


def percent(share: float) -> str:
    """Return a share as people read it; all is all, and a little less is not."""
    if share in {0.0, 1.0}:
        return f"{share:.0%}"
    return f"{min(max(share * 100, 0.1), 99.9):.1f}%"


def when(day: date, span: Span) -> str:
    """Return when something was."""
    if span is Span.MONTH:
        return f"in {MONTHS[day.month - 1]} {day.year}"
    return f"in the week of {day_words(day)}" if span is Span.WEEK else f"on {day_words(day)}"


def hour_words(at: datetime) -> str:
    """Return an hour in words."""
    return f"from {at:%H:%M} on {day_label(at)}"


def peak_words(count: int, day: date, span: Span) -> str:
    """Return what stands at the highest point of a chart."""
    label = f"{MONTHS[day.month - 1]} {day.year}" if span is Span.MONTH else day_label(day)
    return f"{count:,} · {label}"


def _said(total: int, where: str, most: int, period: Period) -> str:
    if total == 1:
        return f"1 signature {IN[period]}, {where}."
    return f"{total:,} signatures {IN[period]}, most {where}: {most:,}."


def _many(count: Shown) -> str:
    return f"{count:,}" if isinstance(count, int) else count.value
