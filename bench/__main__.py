"""One run: every subject in random order, several rounds, one table."""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import checks, isso, load, pgbench, servers, spending
from bench.report import Measured, table
from bench.stores import Books, Stores
from bench.subjects import ALL, PROGRESS, SIZED, SIZES, Subject, sized
from config import Settings

OUT = Path(__file__).with_name("out")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds, and the seconds of each part of a measurement."""

    rounds: int
    seconds: int
    warm_up: int
    patience: float


QUICK = Plan(rounds=1, seconds=2, warm_up=1, patience=2)
FULL = Plan(rounds=3, seconds=6, warm_up=2, patience=3)
AT_SIZES = Plan(rounds=2, seconds=6, warm_up=2, patience=2)


def main() -> int:
    """Measure and print; the status is 1 when an answer was wrong, never for being slow."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is ended
    chosen = _arguments()
    plan = QUICK if chosen.quick else AT_SIZES if chosen.sizes else FULL
    rounds = chosen.rounds or plan.rounds
    subjects = _subjects(chosen.only, chosen.sizes)
    missing = _missing(subjects)
    out = OUT / datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S")
    out.mkdir(parents=True)
    measured: list[Measured] = []
    with Stores() as stores:
        for which in range(1, rounds + 1):
            order = [one for one in subjects if one.name not in missing]
            stores.fill({one.signatures for one in order if one.signatures}, checkpoint=chosen.checkpoint)
            random.shuffle(order)
            for subject in order:
                measured.append(_measure(subject, which, plan, stores, out))
                _tell(measured[-1], rounds)
                (out / "measured.json").write_text(json.dumps([asdict(one) for one in measured], indent=1))
    text = f"{_heading(plan, rounds, measured)}\n\n{table(subjects, measured, missing)}\n"
    (out / "table.md").write_text(text)
    print(f"\n{text}\nRaw output: {out.relative_to(servers.ROOT)}")
    return int(any(one.faults for one in measured))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Time the service beside plain Flask.")
    parser.add_argument("--quick", action="store_true", help="one short round: about two minutes")
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument(
        "--sizes",
        nargs="?",
        const=",".join(map(str, SIZES)),
        type=_numbers,
        metavar="N,N",
        help="with so many signatures in the ledger, one after another; without numbers with the usual ones",
    )
    parser.add_argument(
        "--checkpoint",
        action="store_true",
        help="with --sizes: begin right after a checkpoint, when a signing is dearest, not between two",
    )
    parser.add_argument(
        "only", nargs="*", metavar="SUBJECT", help="names from bench/subjects.py; all if none"
    )
    chosen = parser.parse_args()
    unknown = set(chosen.only) - {one.name for one in ALL}
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    return chosen


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _subjects(only: Sequence[str], sizes: Sequence[int] | None) -> list[Subject]:
    """Return what is measured: everything or what was named, at several sizes of the ledger if asked."""
    if sizes:
        return sized(only or list(SIZED), sizes)
    return [one for one in ALL if not only or one.name in only]


def _missing(subjects: Sequence[Subject]) -> dict[str, str]:
    nginx, neighbour = servers.NGINX.exists(), isso.PYTHON.exists()
    without = {one.name: "nginx missing" for one in subjects if one.front and not nginx}
    return without | {one.name: "Isso missing" for one in subjects if one.entries and not neighbour}


def _measure(subject: Subject, which: int, plan: Plan, stores: Stores, out: Path) -> Measured:
    """Bring a subject up, warm it, load it, and look whether what it said is true."""
    books = stores.open(subject)
    if subject.pgbench and books:
        inserted = _insert(subject, books, which, plan, out)
        stores.close(books)
        return inserted
    with tempfile.TemporaryDirectory(dir=stores.folder) as name:
        folder = Path(name)
        settings = servers.environment(subject, books.url if books else "", stores.redis.url, folder)
        with servers.serve(subject, settings, folder) as stage:
            url, headers = stage.origin + subject.path, _headers(subject, stage)
            for which_one in range(subject.petitions if subject.front == "cache" else 0):
                stage.get(PROGRESS.replace("petition-0", f"petition-{which_one}"))
            warm, _ = load.press(url, plan.warm_up, subject.script, _words(f"warm{which}", subject), headers)
            idle = load.wait_until_quiet(plan.patience)
            before = spending.seconds()
            answers, said = load.press(
                url, plan.seconds, subject.script, _words(f"run{which}", subject), headers
            )
            spent = spending.an_answer(before, spending.seconds(), answers.answered)
            memory = stage.memory()
            faults = list(checks.faults(subject, [warm, answers], books, stage))
        (out / f"{subject.name}.{which}.txt").write_text(said + "\n".join(faults))
        (out / f"{subject.name}.{which}.log").write_bytes(
            b"".join(file.read_bytes() for file in sorted([*folder.glob("*.log"), *folder.glob("nginx.out")]))
        )
    stores.close(books)
    rate = answers.rate * subject.share
    return Measured(subject.name, which, rate, answers.p50, answers.p99, memory, idle, spent, tuple(faults))


def _insert(subject: Subject, books: Books, which: int, plan: Plan, out: Path) -> Measured:
    """Ask PostgreSQL itself; nothing else is brought up."""
    assert subject.pgbench
    with tempfile.TemporaryDirectory() as name:
        warm, _ = pgbench.press(subject.pgbench, books, plan.warm_up, Path(name))
        idle = load.wait_until_quiet(plan.patience)
        answers, said = pgbench.press(subject.pgbench, books, plan.seconds, Path(name))
    rows, told = books.rows(), warm.good + answers.good
    faults = () if rows == told else (f"the ledger holds {rows} rows, pgbench wrote {told}",)
    (out / f"{subject.name}.{which}.txt").write_text(said + "\n".join(faults))
    return Measured(subject.name, which, answers.rate, answers.p50, answers.p99, 0.0, idle, faults=faults)


def _headers(subject: Subject, stage: servers.Stage) -> list[str]:
    if not subject.conditional:
        return []
    return [f"If-None-Match: {stage.get(subject.path)[1]['ETag']}"]


def _words(phase: str, subject: Subject) -> list[str]:
    """Return what the script is told: what makes its addresses its own, and how many petitions there are."""
    prefix = f"{phase}.{subject.name.replace('@', '-')}"  # a large ledger still has those of the last one
    return [prefix, str(subject.petitions)] if subject.script else []


def _tell(one: Measured, rounds: int) -> None:
    noise = "" if one.idle >= load.QUIET else f"  (only {one.idle:.0%} idle before)"
    print(f"{one.round}/{rounds} {one.name:22} {one.rate:9.0f}/s  p99 {one.p99:7.1f} ms{noise}", flush=True)
    for fault in one.faults:
        print(f"    WRONG: {fault}", file=sys.stderr)


def _heading(plan: Plan, rounds: int, measured: Sequence[Measured]) -> str:
    settings = Settings.from_env(servers.asked() | {"SECRET_KEY": servers.SECRET})
    noisy = sum(one.idle < load.QUIET for one in measured)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, gunicorn with "
        f"{settings.web_concurrency} x {settings.web_threads} gthread; medians of {rounds} rounds of "
        f"{plan.seconds} s, {load.CONNECTIONS} connections; {noisy} of {len(measured)} on a busy machine"
    )


if __name__ == "__main__":
    sys.exit(main())
