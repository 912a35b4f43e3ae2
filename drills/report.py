"""The table at the end of a run."""

from collections.abc import Iterator, Sequence

from drills.drilling import Drill, Played

HEAD = (
    *("drill", "times", "answers", "refused once", "lost", "double", "away s"),
    *("signing refused s", "bound", "reading refused s", "bound", "verdict"),
)


def table(played: Sequence[Played], left_out: Sequence[Drill]) -> str:
    """Write the table in Markdown, a line a drill: sums, and the longest of all times."""
    lines = [HEAD, tuple("---" if name in {"drill", "verdict", "bound"} else "---:" for name in HEAD)]
    for name in dict.fromkeys(one.drill.name for one in played):
        lines.append(tuple(_line([one for one in played if one.drill.name == name])))
    lines += [(drill.name, *[""] * (len(HEAD) - 2), "left out: needs root") for drill in left_out]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(times: Sequence[Played]) -> Iterator[str]:
    drill = times[0].drill
    failed = sum(bool(one.faults) for one in times)
    yield drill.name
    yield str(len(times))
    yield str(sum(one.answers for one in times))
    yield str(sum(one.refusals for one in times))
    yield str(sum(one.checked.lost for one in times))
    yield str(sum(one.checked.double for one in times))
    yield f"{max(one.away for one in times):.1f}"
    yield f"{max(one.signing for one in times):.1f}"
    yield str(drill.signing)
    yield f"{max(one.reading for one in times):.1f}"
    yield str(drill.reading)
    yield f"**failed** {failed} of {len(times)}" if failed else "held"


def summed_up(played: Sequence[Played], times: int, drills: int) -> Iterator[str]:
    """Yield each round that failed, and in what; last how many rounds were played and how many held."""
    rounds: dict[int, list[Played]] = {}
    for one in played:
        rounds.setdefault(one.round, []).append(one)
    failed = 0
    for which, ones in sorted(rounds.items()):
        faults = [f"{one.drill.name}: {fault}" for one in ones for fault in one.faults]
        failed += bool(faults)
        yield from (f"round {which}: {fault}" for fault in faults)
    whole = sum(len(ones) == drills for ones in rounds.values())
    yield f"{whole} of {times} rounds were played to the end, {failed} failed"
