"""Play the drills, one after another and at random, and print what came of them."""

import argparse
import random
import signal
import sys
import time
from collections.abc import Sequence

from drills.disk import may_mount
from drills.drilling import DRILLS, Drill, Played, play
from drills.report import table
from drills.staging import House

SHORT_TEMPO = 0.5


def main() -> int:
    """Play and print; the status is 1 when a promise broke or a bound was passed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is ended
    chosen = _arguments()
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    drills, left_out = _chosen(chosen)
    print(f"{len(drills)} drills, {chosen.times} times, --seed {seed}", flush=True)
    played: list[Played] = []
    began = time.monotonic()
    with House() as house:
        for turn in range(chosen.times):
            chance = random.Random(f"{seed}.{turn}")
            order = list(drills)
            if turn:  # first in the order of the table, then in any
                chance.shuffle(order)
            for drill in order:
                of_its_own = random.Random(f"{seed}.{turn}.{drill.name}")
                tempo = SHORT_TEMPO if chosen.short else 1.0
                played.append(play(drill, house, of_its_own, tempo=tempo, patience=chosen.patience))
                _tell(played[-1])
    print(f"\n{table(played, left_out)}\n\n{time.monotonic() - began:.0f} s, --seed {seed}")
    return int(any(one.faults for one in played))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/drills", description="Break things under load.")
    parser.add_argument("--seed", type=int, help="the number that an earlier run printed plays it again")
    parser.add_argument("--times", type=int, default=1, help="how often, each time in another order")
    parser.add_argument("--short", action="store_true", help="a few of them, and everything is away for less")
    parser.add_argument(
        "--patience", type=float, default=1.0, help="how many times slower than a quiet machine this one is"
    )
    parser.add_argument("only", nargs="*", metavar="DRILL", help="names as in the table; all if none")
    chosen = parser.parse_args()
    unknown = set(chosen.only) - {drill.name for drill in DRILLS}
    if unknown:
        parser.error(f"no such drill: {', '.join(sorted(unknown))}")
    return chosen


def _chosen(chosen: argparse.Namespace) -> tuple[Sequence[Drill], Sequence[Drill]]:
    """Return what is played, and what has to be left out here."""
    wanted = [
        drill
        for drill in DRILLS
        if (drill.name in chosen.only) or (not chosen.only and (drill.short or not chosen.short))
    ]
    left_out = [drill for drill in wanted if drill.mounts and not may_mount()]
    return [drill for drill in wanted if drill not in left_out], left_out


def _tell(one: Played) -> None:
    print(
        f"{one.drill.name:28} {one.answers:6} answers {one.refusals:5} refusals"
        f"  signing {one.signing:5.1f} s  reading {one.reading:5.1f} s",
        flush=True,
    )
    for fault in one.faults:
        print(f"    FAILED: {fault}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
