"""Which processes worked how long for an answer: what bounds a figure when the processors are busy."""

import os
from pathlib import Path

_KINDS = {"postgres": "PostgreSQL", "redis-server": "Redis", "nginx": "nginx", "python": "Python"}
_TICKS = os.sysconf("SC_CLK_TCK")


def seconds() -> dict[str, float]:
    """Return the processor time of all that this process started and that runs, by kind.

    With that of their children which have ended, such as those who help PostgreSQL with one query.
    """
    running = _processes()
    family, grown = {os.getpid()}, 0
    while len(family) > grown:  # a child may have a lower number than its parent: numbers start over
        grown = len(family)
        family |= {pid for pid, parent, *_ in running if parent in family}
    spent: dict[str, float] = {}
    for pid, _, name, time in running:
        kind = _KINDS.get(name.split(":")[0].rstrip("0123456789.")) if pid in family else None
        if kind and pid != os.getpid():
            spent[kind] = spent.get(kind, 0) + time
    return spent


def an_answer(before: dict[str, float], after: dict[str, float], answered: int) -> dict[str, float]:
    """Return the microseconds each kind worked for one of so many answers, leaving out what did nothing."""
    worked = {kind: (after[kind] - before.get(kind, 0)) * 1e6 / max(answered, 1) for kind in after}
    return {kind: round(time, 1) for kind, time in worked.items() if time >= 0.5}


def _processes() -> list[tuple[int, int, str, float]]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(") ")
        except OSError:  # it ended meanwhile
            continue
        fields = rest.split()
        own, ended = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
        found.append((int(folder.name), int(fields[1]), name, (own + ended) / _TICKS))
    return found
