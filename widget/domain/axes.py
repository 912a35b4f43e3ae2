"""The axes of a chart: round numbers upwards, days and hours along, as many as there is room for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import ceil, floor, log10
from unicodedata import east_asian_width

LETTER = 6.7  # wide, in the units of a chart: a letter of 12 px, on the generous side
APART = 10.0  # between two labels
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Tick:
    """A place along a chart with its words; `anchor` says which end of them is there, as SVG has it."""

    at: float
    label: str
    anchor: str = "middle"


def round_steps(low: int, high: int, *, at_most: int = 4) -> list[int]:
    """Return round whole numbers from at or below `low` to at or above `high`, evenly apart."""
    span = max(high - low, 1)
    rough = span / at_most
    size = 10 ** floor(log10(rough)) if rough > 1 else 1
    step = next(int(size * many) for many in (1, 2, 5, 10, 20) if size * many >= rough)
    while ceil(high / step) - low // step > at_most:
        step = _larger(step)
    return list(range(low // step * step, max(ceil(high / step), low // step + 1) * step + 1, step))


def _larger(step: int) -> int:
    return step * 2 if str(step)[0] in "15" else step * 5 // 2


def time_ticks(moments: Sequence[Moment], places: Sequence[float], width: float) -> list[Tick]:
    """Return the finest labels of moments that do not run together within `width`.

    `places` are where the moments are. Where nothing fits, there are the first and the last of them.
    """
    if not moments:
        return []
    for key, label in _CLOCK if isinstance(moments[0], datetime) else _CALENDAR:
        ticks = [
            clamped(places[at], label(moments[at]), width) for at in _changes([key(one) for one in moments])
        ]
        if len(ticks) > 1 and _apart(ticks):
            return ticks
    label = _hour if isinstance(moments[0], datetime) else _whole
    ends = dict.fromkeys((0, len(moments) - 1))
    ticks = [clamped(places[at], label(moments[at]), width) for at in ends]
    return ticks if _apart(ticks) else ticks[:1]


def clamped(at: float, label: str, width: float) -> Tick:
    """Return a label above or below a place, moved inwards where it would pass an edge."""
    half = length(label) / 2
    if at - half < 0:
        return Tick(0.0, label, "start")
    return Tick(width, label, "end") if at + half > width else Tick(at, label)


def length(text: str) -> float:
    """Return about how wide a text is."""
    return LETTER * sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def shortened(text: str, room: float) -> str:
    """Return a text that fits, its end cut off where it does not."""
    if length(text) <= room:
        return text
    while text and length(text) + LETTER > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def day_label(day: Moment) -> str:
    """Return a day as an axis has it."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def _whole(day: Moment) -> str:
    return f"{day_label(day)} {day.year}"


def _month(day: Moment) -> str:
    return str(day.year) if day.month == 1 else MONTHS[day.month - 1]


def _year(day: Moment) -> str:
    return str(day.year)


def _hour(at: Moment) -> str:
    return f"{at:%H:%M}" if isinstance(at, datetime) and at.hour else day_label(at)


def _clock(hours: int) -> Callable[[Moment], object]:
    return lambda at: (at.toordinal(), at.hour // hours if isinstance(at, datetime) else 0)


def _days(many: int) -> Callable[[Moment], object]:
    return lambda at: (at.toordinal() - 1) // many  # day 1 was a Monday


def _months(many: int) -> Callable[[Moment], object]:
    return lambda at: (at.year * 12 + at.month - 1) // many


# What changes at a label, and what it says, the finest first.
_Rule = tuple[Callable[[Moment], object], Callable[[Moment], str]]
_CALENDAR: tuple[_Rule, ...] = (
    *((_days(many), day_label) for many in (1, 2, 7, 14)),
    *((_months(many), _month) for many in (1, 3, 6)),
    *((_months(12 * many), _year) for many in (1, 2, 5, 10)),
)
_CLOCK: tuple[_Rule, ...] = (
    *((_clock(many), _hour) for many in (1, 3, 6, 12)),
    *((_days(many), day_label) for many in (1, 2, 7)),
)


def _changes(keys: Sequence[object]) -> Iterator[int]:
    """Yield where something else begins; what was there at the start may have begun long before."""
    for at in range(1, len(keys)):
        if keys[at] != keys[at - 1]:
            yield at


def _apart(ticks: Sequence[Tick]) -> bool:
    ends = [_reach(tick) for tick in ticks]
    return all(later[0] - earlier[1] >= APART for earlier, later in pairwise(ends))


def _reach(tick: Tick) -> tuple[float, float]:
    wide = length(tick.label)
    start = tick.at - {"start": 0.0, "middle": wide / 2, "end": wide}[tick.anchor]
    return start, start + wide
