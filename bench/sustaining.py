"""The same load for a long time: does it keep its pace, does memory grow, is every answer in the ledger?"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

from bench import checks, load, servers
from bench.servers import Memory, Stage
from bench.stores import Stores
from bench.subjects import ALL, PROGRESS, Subject

LONGEST = 180  # minutes
MINUTE = 60  # seconds
WARM_UP = 5  # seconds
SUBJECT = "viral-nginx"
MOST_MEMORY = 90.0  # MB resident, of each worker
# What a worker may still gain in the second half of a run: lines of the allocator, not a leak.
STILL = 2.0  # MB
HEAD = ("minute", "signatures/s", "looks/s", "p50 ms", "p99 ms", "MB of each worker: resident (its own)")


@dataclass(frozen=True, slots=True)
class Minute:
    """What one minute brought; `memories` by process."""

    answers: load.Answers
    memories: dict[int, Memory]


def main() -> int:
    """Load, print minute by minute, and judge; the status is 1 when an answer was wrong, never if slow."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is ended
    minutes = _arguments()
    subject = next(one for one in ALL if one.name == SUBJECT)
    if not servers.NGINX.exists():
        sys.exit("nginx is missing: bench/prepare says how to get it")
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores: {subject.says}\n", flush=True)
    _say(HEAD)
    _say(["---:"] * (len(HEAD) - 1) + ["---"])
    done: list[Minute] = []
    with Stores() as stores, tempfile.TemporaryDirectory(dir=stores.folder) as name:
        books = stores.open(subject)
        assert books
        settings = servers.environment(subject, books.url, stores.redis.url, Path(name))
        with servers.serve(subject, settings, Path(name)) as stage:
            loads = [_press(subject, stage, "warm", WARM_UP)]
            for which in range(1, minutes + 1):
                loads.append(_press(subject, stage, f"minute{which}", MINUTE))
                done.append(Minute(loads[-1], stage.memories()))
                _say(_row(which, done[-1], subject))
            faults = list(checks.faults(subject, loads, books, stage))
            rows = books.rows()
    print()
    for line in _judged(done, subject):
        print(line)
    lowest, highest = checks.expected(subject, loads)
    print(f"rows in the ledger: {rows}; the answers allow {lowest} to {highest} (wrk hangs up on the last)")
    for fault in faults:
        print(f"WRONG: {fault}", file=sys.stderr)
    return int(bool(faults))


def _arguments() -> int:
    parser = argparse.ArgumentParser(prog="bench/sustained", description=__doc__)
    parser.add_argument(
        "--minutes", type=int, default=10, help=f"how long; 10 unless said, {LONGEST} at most"
    )
    minutes = int(parser.parse_args().minutes)
    if not 1 <= minutes <= LONGEST:
        parser.error(f"--minutes takes 1 to {LONGEST}")
    return minutes


def _press(subject: Subject, stage: Stage, phase: str, seconds: int) -> load.Answers:
    words = [f"{phase}.sustained", str(subject.petitions)]
    if phase == "warm":
        for which in range(subject.petitions):
            stage.get(PROGRESS.replace("petition-0", f"petition-{which}"))
    return load.press(stage.origin + subject.path, seconds, subject.script, words)[0]


def _row(which: int, minute: Minute, subject: Subject) -> Iterator[str]:
    signed = minute.answers.rate * subject.share
    yield str(which)
    yield f"{signed:.0f}"
    yield f"{minute.answers.rate - signed:.0f}"
    yield f"{minute.answers.p50:.1f}"
    yield f"{minute.answers.p99:.1f}"
    yield ", ".join(f"{one.resident:.0f} ({one.own:.0f})" for _, one in sorted(minute.memories.items()))


def _judged(done: Sequence[Minute], subject: Subject) -> Iterator[str]:
    rates = [one.answers.rate * subject.share for one in done]
    slowest = max(one.answers.p99 for one in done)
    yield (
        f"signatures a second: median {median(rates):.0f}, least {min(rates):.0f} "
        f"(at least {subject.rate:.0f}: {_verdict(min(rates) >= (subject.rate or 0))})"
    )
    in_time = _verdict(slowest <= (subject.p99 or 0))
    yield f"p99: {slowest:.0f} ms at most (up to {subject.p99:.0f}: {in_time})"
    most = max(memory.resident for one in done for memory in one.memories.values())
    yield f"memory: {most:.0f} MB at most (up to {MOST_MEMORY:.0f}: {_verdict(most <= MOST_MEMORY)})"
    gained = growth(done)
    if gained is None:
        yield "growth: too short to tell, or every worker was replaced; take ten minutes"
    else:
        still = _verdict(gained < STILL)
        yield f"growth: {gained:+.1f} MB in the second half (less than {STILL:.0f}: {still})"


def growth(done: Sequence[Minute]) -> float | None:
    """Return how many MB a worker gained from the third quarter to the fourth; None where nobody can tell.

    Only workers that were there all that time count: one that made room for a new one begins anew.
    """
    half = done[len(done) // 2 :]
    if len(half) < 4:
        return None
    third, fourth = half[: len(half) // 2], half[len(half) // 2 :]
    there = set.intersection(*(set(one.memories) for one in half))
    gains = [
        mean(one.memories[pid].resident for one in fourth) - mean(one.memories[pid].resident for one in third)
        for pid in there
    ]
    return max(gains, default=None)


def _verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def _say(cells: Sequence[str] | Iterator[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
