"""Play the drills, one after another and at random, and print what came of them."""

import argparse
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence

from drills.disk import may_mount
from drills.drilling import DRILLS, Drill, How, Played, play
from drills.report import summed_up, table
from drills.staging import House

SHORT_TEMPO = 0.5
MOST_TIMES = 100


def main() -> int:
    """Play and print; the status is 1 when a promise broke or a bound was passed, 130 after Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):  # so that all that was started is ended
        signal.signal(number, signal.default_int_handler)
    chosen = _arguments()
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    drills, left_out = _chosen(chosen)
    print(f"{len(drills)} drills, {chosen.times} times, --seed {seed}", flush=True)
    played: list[Played] = []
    began, stopped = time.monotonic(), False
    try:
        with House() as house:
            for one in _rounds(chosen, drills, seed, house):
                played.append(one)
                _tell(one, chosen.times)
    except KeyboardInterrupt:  # all is ended by now; what was played by then counts
        stopped = True
    print(f"\n{table(played, left_out)}\n\n{time.monotonic() - began:.0f} s, --seed {seed}")
    for line in summed_up(played, chosen.times, len(drills)):
        print(line)
    return 130 if stopped else int(any(one.faults for one in played))


def _rounds(chosen: argparse.Namespace, drills: Sequence[Drill], seed: int, house: House) -> Iterator[Played]:
    for turn in range(chosen.times):
        chance = random.Random(f"{seed}.{turn}")
        order = list(drills)
        if turn:  # first in the order of the table, then in any
            chance.shuffle(order)
        for drill in order:
            of_its_own = random.Random(f"{seed}.{turn}.{drill.name}")
            tempo = SHORT_TEMPO if chosen.short else 1.0
            yield play(drill, house, of_its_own, How(tempo, chosen.patience, turn + 1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/drills", description="Break things under load.")
    parser.add_argument("--seed", type=int, help="the number that an earlier run printed plays it again")
    parser.add_argument("--times", type=_times, default=1, help="how often, each time in another order")
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


def _times(text: str) -> int:
    times = int(text)
    if not 1 <= times <= MOST_TIMES:
        raise argparse.ArgumentTypeError(f"takes 1 to {MOST_TIMES}")
    return times


def _chosen(chosen: argparse.Namespace) -> tuple[Sequence[Drill], Sequence[Drill]]:
    """Return what is played, and what has to be left out here."""
    wanted = [
        drill
        for drill in DRILLS
        if (drill.name in chosen.only) or (not chosen.only and (drill.short or not chosen.short))
    ]
    left_out = [drill for drill in wanted if drill.mounts and not may_mount()]
    return [drill for drill in wanted if drill not in left_out], left_out


def _tell(one: Played, times: int) -> None:
    which = f"{one.round}/{times} " if times > 1 else ""
    busy = f"  ({one.slowness:.1f} x a quiet machine)" if one.slowness > 1 else ""
    print(
        f"{which}{one.drill.name:28} {one.answers:6} answers {one.refusals:5} refusals"
        f"  signing {one.signing:5.1f} s  reading {one.reading:5.1f} s{busy}",
        flush=True,
    )
    for fault in one.faults:
        print(f"    FAILED: {fault}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
