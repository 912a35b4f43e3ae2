"""From single measurements to the table: medians, ratios within a round, reached or missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.subjects import Against, Subject

HEAD = (
    "subject",
    "per second (min - max)",
    "p50 ms",
    "p99 ms",
    "CPU us an answer",
    "ratio (min - max)",
    "target",
    "",
    "MB",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One subject in one round. `rate` counts what counts; `idle` is how quiet the machine was before."""

    name: str
    round: int
    rate: float
    p50: float
    p99: float
    memory: float
    idle: float
    spent: dict[str, float] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def ratios(measured: Sequence[Measured], name: str, other: str) -> list[float]:
    """Divide the rates of two subjects round by round: what disturbs a round disturbs both."""
    rates = {(one.name, one.round): one.rate for one in measured}
    rounds = sorted({one.round for one in measured})
    pairs = [(rates.get((name, which)), rates.get((other, which))) for which in rounds]
    return [ours / theirs for ours, theirs in pairs if ours is not None and theirs]


def table(subjects: Sequence[Subject], measured: Sequence[Measured], missing: dict[str, str]) -> str:
    """Write the table in Markdown; `missing` says why a subject was not measured."""
    lines: list[tuple[str, ...]] = [
        HEAD,
        ("---", "---:", "---:", "---:", "---", "---:", "---", "---", "---:"),
    ]
    for subject in subjects:
        own = [one for one in measured if one.name == subject.name]
        if own:
            lines += _rows(subject, own, measured)
        elif subject.name in missing:
            lines.append((subject.says, f"not measured: {missing[subject.name]}", *[""] * 7))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rows(subject: Subject, own: list[Measured], measured: Sequence[Measured]) -> Iterator[tuple[str, ...]]:
    rates = [one.rate for one in own]
    p99 = median(one.p99 for one in own)
    figures = (
        subject.says,
        f"{_number(median(rates))} ({_number(min(rates))} - {_number(max(rates))})",
        f"{median(one.p50 for one in own):.1f}",
        f"{p99:.1f}",
        _spent(own),
    )
    memory = median(one.memory for one in own)
    judged = list(_judged(subject, median(rates), p99, measured)) or [("", "", "")]
    yield (*figures, *judged[0], f"{memory:.0f}" if memory else "")
    for more in judged[1:]:
        yield ("", "", "", "", "", *more, "")


def _judged(
    subject: Subject, rate: float, p99: float, measured: Sequence[Measured]
) -> Iterator[tuple[str, str, str]]:
    """Yield ratio, target and verdict, one for each figure that is asked for."""
    for against in subject.against:
        found = ratios(measured, subject.name, against.name)
        if found:
            yield _compared(against, found)
    if subject.rate is not None:
        yield "", f">= {subject.rate:.0f} a second", _verdict(rate >= subject.rate)
    if subject.p99 is not None:
        yield "", f"p99 under {subject.p99:.0f} ms", _verdict(p99 < subject.p99)


def _compared(against: Against, found: list[float]) -> tuple[str, str, str]:
    middle = median(found)
    ratio = f"{middle:.2f} ({min(found):.2f} - {max(found):.2f}) of {against.name}"
    if against.at_least is None:
        return ratio, "", ""
    return ratio, f">= {against.at_least:.2f}", _verdict(middle >= against.at_least)


def _spent(own: Sequence[Measured]) -> str:
    kinds = dict.fromkeys(kind for one in own for kind in one.spent)
    return ", ".join(f"{kind} {median(one.spent.get(kind, 0) for one in own):.0f}" for kind in sorted(kinds))


def _verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def _number(figure: float) -> str:
    return f"{figure:,.0f}".replace(",", " ")
