"""The geometry of charts: numbers in, places and paths out; a template prints them.

A chart is made in two widths, since its letters must not shrink with it: one for a phone, one for a desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from widget.domain.axes import Moment, Tick, clamped, length, round_steps, shortened, time_ticks
from widget.domain.days import Jump
from widget.domain.withholding import Withheld

WIDTHS = (288, 560)  # units, which are pixels at the narrowest screens that they are for
HEIGHT = 208
TOP, FLOOR = 30.0, 176.0  # where the highest and the lowest value are
ROW = 40  # units of height for a bar with its words
BARS = 8
MARK_APART = 17.0
LINE_HEIGHT = 13.0
INDENT = 4.0


@dataclass(frozen=True, slots=True)
class Note:
    """Words at a place in a chart."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class LineChart:
    """A line through time. `dots` are points that no line leads to; `peak` and `end` are labelled directly.

    `levels` are the round numbers, `marks` the goals, `notes` say what a jump is.
    """

    width: int
    height: int
    floor: float
    paths: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    levels: tuple[Note, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Note, ...] = ()
    marks: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A group: its words, and how long its bar is."""

    y: float
    name: str
    value: str
    length: float
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Groups below each other, the largest first."""

    width: int
    height: int
    bars: tuple[Bar, ...]


def flow(moments: Sequence[Moment], counts: Sequence[int | None], peak: str, width: int) -> LineChart:
    """Draw how many there were each hour, day, week or month; None leaves a gap.

    `peak` is said at the highest point.
    """
    known = [count for count in counts if count is not None]
    levels = round_steps(0, max(known, default=0))
    scale, places = (levels[0], levels[-1]), _places(len(moments), width)
    points = [
        None if count is None else (x, _height(count, scale)) for x, count in zip(places, counts, strict=True)
    ]
    paths, dots = _lines(points)
    top = max(known, default=0)
    high = (places[counts.index(top)], _height(top, scale)) if top else None
    labels = (_above(high, peak, width),) if high else ()
    return LineChart(
        *(width, HEIGHT, FLOOR, paths),
        dots=tuple(dict.fromkeys((*dots, high))) if high else dots,
        levels=_clear(_levels(levels, scale), labels),
        ticks=tuple(time_ticks(moments, places, width)),
        labels=labels,
    )


def climb(
    moments: Sequence[Moment],
    stood: Sequence[int],
    jumps: Sequence[Jump],
    goals: Sequence[int],
    width: int,
    *,
    from_zero: bool,
) -> LineChart:
    """Draw how the number grew, its jumps as steps and the goals that lie in between as marks.

    `stood` is what the number was when the first moment began, and where each was over. The goals are the
    scale, where there are enough of them; else there are round numbers, too.
    """
    course = _course(stood, jumps)
    low, high = min(count for _, count in course), max(count for _, count in course)
    near = [goal for goal in goals if from_zero or low < goal <= high + max(high - low, 1)]
    levels = round_steps(0 if from_zero else low, max(high, *near[-1:], 1))
    scale = (levels[0], max(high, near[-1]) if len(near) > 1 else levels[-1])
    places = _places(len(moments) + 1, width)
    points = [(places[at], _height(count, scale)) for at, count in course]
    end, notes = points[-1], _notes(jumps, places[1:], stood[1:], scale, width)
    labels = (_at_end(points, f"{stood[-1]:,}", width),)
    marks = _clear(_marks(near, scale, points), (*notes, *labels))
    return LineChart(
        *(width, HEIGHT, FLOOR, _lines(points)[0]),
        dots=(end,),
        levels=_levels(levels[:1] if len(near) > 1 else levels, scale, but=marks),
        ticks=tuple(time_ticks(moments, places[:-1], width)),
        labels=labels,
        marks=marks,
        notes=notes,
    )


def bars(groups: Sequence[tuple[str, int | Withheld]], named: int, width: int) -> BarChart:
    """Draw the largest groups; what is withheld has words in the place of a bar.

    The first `named` are groups with a name; those after them are shown more quietly, and all of them.
    """
    rest = groups[named:][: BARS // 2]
    shown = [*groups[:named][: BARS - len(rest)], *rest]
    most = max((count for _, count in shown if isinstance(count, int)), default=0)
    drawn = []
    for number, (name, count) in enumerate(shown):
        value = f"{count:,}" if isinstance(count, int) else count.value
        long = max(round(count / most * width, 1), 1.0) if isinstance(count, int) and count else 0.0
        words = shortened(name, width - length(value) - 16)
        drawn.append(Bar(number * ROW, words, value, long, is_quiet=number >= len(shown) - len(rest)))
    return BarChart(width, len(drawn) * ROW, tuple(drawn))


def _course(stood: Sequence[int], jumps: Sequence[Jump]) -> list[tuple[int, int]]:
    """Return what the number was, each with how many moments were over then."""
    by = {jump.at + 1: jump.by for jump in jumps}
    course = []
    for over, count in enumerate(stood):
        if over in by:
            course.append((over, count - by[over]))
        course.append((over, count))
    return course


def _places(many: int, width: int) -> list[float]:
    if many == 1:
        return [width / 2]
    return [round(INDENT + number * (width - 2 * INDENT) / (many - 1), 1) for number in range(many)]


def _height(count: int, scale: tuple[int, int]) -> float:
    share = (count - scale[0]) / (scale[1] - scale[0])
    return round(FLOOR - share * (FLOOR - TOP), 1)


def _above(point: tuple[float, float], text: str, width: int) -> Note:
    tick = clamped(point[0], text, width)
    return Note(tick.at, round(point[1] - 9, 1), text, tick.anchor)


def _at_end(points: Sequence[tuple[float, float]], text: str, width: int) -> Note:
    """Say where a line ends, beside the line: it may have fallen, and come from above."""
    x, y = points[-1]
    near = [other for at, other in points if at > x - length(text)]
    if min(near) < y == max(near) and y + 18 < FLOOR:
        return _above((x, y + 27), text, width)
    return _above((x, min(near)), text, width)


def _levels(levels: Sequence[int], scale: tuple[int, int], but: Sequence[Note] = ()) -> tuple[Note, ...]:
    """Return the lines of round numbers; the floor has no words, nor has what is close to others."""
    found = []
    for level in levels:
        y = _height(level, scale)
        free = level != levels[0] and all(abs(y - one.y) >= MARK_APART for one in but)
        found.append(Note(0.0, y, f"{level:,}" if free else ""))
    return tuple(found)


def _clear(lines: Sequence[Note], words: Sequence[Note]) -> tuple[Note, ...]:
    """Take the words off those lines, said at their left end, that other words would cover."""
    return tuple(
        Note(line.x, line.y, "", line.anchor) if any(_covers(one, line) for one in words) else line
        for line in lines
    )


def _covers(words: Note, line: Note) -> bool:
    long = length(words.text)
    start = words.x - {"start": 0.0, "middle": long / 2, "end": long}[words.anchor]
    return start < length(line.text) + 8 and abs(words.y - (line.y - 4)) < LINE_HEIGHT


def _lines(
    points: Sequence[tuple[float, float] | None],
) -> tuple[tuple[str, ...], tuple[tuple[float, float], ...]]:
    """Join what stands side by side; what stands alone is a dot."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    paths = ["M" + "L".join(f"{x:g},{y:g}" for x, y in run) for run in runs if len(run) > 1]
    return tuple(paths), tuple(run[0] for run in runs if len(run) == 1)


def _marks(
    goals: Sequence[int], scale: tuple[int, int], points: Sequence[tuple[float, float]]
) -> tuple[Note, ...]:
    """Return the goals from the highest down, but those too close to another one.

    They are said at the left, where the number is still low; where it runs through them, nothing is said.
    """
    found: list[Note] = []
    for goal in sorted(goals, reverse=True):
        y, words = _height(goal, scale), f"goal {goal:,}"
        if scale[0] < goal <= scale[1] and all(abs(y - one.y) >= MARK_APART for one in found):
            through = any(x < length(words) and y - LINE_HEIGHT - 2 < at < y for x, at in points)
            found.append(Note(0.0, y, "" if through else words))
    return tuple(found)


def _notes(
    jumps: Sequence[Jump], places: Sequence[float], totals: Sequence[int], scale: tuple[int, int], width: int
) -> tuple[Note, ...]:
    """Say of the largest jumps what they are; small ones can be read in the table."""
    found: list[Note] = []
    for jump in sorted(jumps, key=lambda one: -abs(one.by)):
        low, high = _height(totals[jump.at] - jump.by, scale), _height(totals[jump.at], scale)
        x, y, text = places[jump.at], round((low + high) / 2 + 4, 1), f"{jump.by:+,} {jump.because}"
        if length(text) > max(x, width - x) - 8:
            text = f"{jump.by:+,}"
        note = Note(x - 8, y, text, "end") if x > width / 2 else Note(x + 8, y, text)
        if abs(low - high) >= MARK_APART and all(abs(y - one.y) >= MARK_APART for one in found):
            found.append(note)
    return tuple(found[:3])
