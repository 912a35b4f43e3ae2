"""What bounds a figure: where Python spends its time, and which statements PostgreSQL spends it on."""

import argparse
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import psycopg

from bench import load, servers, spending
from bench.stores import Stores
from bench.subjects import ALL, Subject

SECONDS = 8
WARM_UP = 2
LINES = 25
_EXTENSION = "pg_stat_statements"
_STATEMENTS = """
SELECT calls, total_exec_time * 1000 / calls, wal_bytes / calls, shared_blks_hit / calls,
    left(regexp_replace(query, '\\s+', ' ', 'g'), 90)
FROM pg_stat_statements WHERE calls > 20 ORDER BY total_exec_time DESC LIMIT 12
"""


def main() -> int:
    """Load one subject and print where the time goes."""
    parser = argparse.ArgumentParser(prog="bench/profile", description="Say what bounds a figure.")
    parser.add_argument("subject", nargs="?", default="signing", choices=[one.name for one in ALL])
    subject = next(one for one in ALL if one.name == parser.parse_args().subject)
    with Stores() as stores:
        _observe_statements(stores)
        books = stores.open(subject)
        with tempfile.TemporaryDirectory(dir=stores.folder) as name:
            folder = Path(name)
            url = books.url if books else ""
            settings = servers.environment(subject, url, stores.redis.url, folder)
            with servers.serve(subject, settings, folder) as stage:
                _profile(subject, stage, url, folder)
    return 0


def _profile(subject: Subject, stage: servers.Stage, url: str, folder: Path) -> None:
    address = stage.origin + subject.path
    words = [str(subject.petitions)] if subject.script else []
    load.press(address, WARM_UP, subject.script, ["warm", *words] if words else [])
    if url.startswith("postgresql"):
        _ask(url, "SELECT pg_stat_statements_reset()")
    sampled = folder / "samples"
    watching = threading.Thread(target=_sample, args=(stage.workers()[0], sampled))
    watching.start()
    before = spending.seconds()
    answers, _ = load.press(address, SECONDS, subject.script, ["run", *words] if words else [])
    spent = spending.an_answer(before, spending.seconds(), answers.answered)
    watching.join()
    print(f"{subject.says}\n{answers.rate:.0f}/s, p50 {answers.p50:.1f} ms, p99 {answers.p99:.1f} ms")
    print("CPU us an answer: " + ", ".join(f"{kind} {time:.0f}" for kind, time in sorted(spent.items())))
    for line in _where(sampled):
        print(line)
    if url.startswith("postgresql"):
        print("\nPostgreSQL: calls, us a call, bytes of log a call, blocks a call, statement")
        for calls, time, log, blocks, text in _ask(url, _STATEMENTS):
            print(f"{calls:8} {time:8.0f} {log:8.0f} {blocks:6}  {text}")


def _observe_statements(stores: Stores) -> None:
    """Load what counts statements; it has to be there when PostgreSQL starts."""
    address = stores.postgresql.url()
    _ask(address, f"ALTER SYSTEM SET shared_preload_libraries = '{_EXTENSION}'")
    stores.postgresql.stop()
    stores.postgresql.start()
    _ask(stores.postgresql.url(stores.template), f"CREATE EXTENSION {_EXTENSION}")


def _ask(url: str, question: str) -> list[tuple[int, float, float, int, str]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        answer = connection.execute(question.encode())
        return list(answer.fetchall()) if answer.description else []


def _sample(pid: int, into: Path) -> None:
    program = which("py-spy") or str(Path(sys.executable).with_name("py-spy"))
    if not Path(program).exists():
        print("py-spy is not here (pip install py-spy): Python is not looked into", file=sys.stderr)
        return
    command = [program, "record", "--gil", "--rate", "200", "--duration", str(SECONDS - 1)]
    words = [*command, "--format", "raw", "--output", str(into), "--pid", str(pid)]
    subprocess.run(words, check=False, capture_output=True)


def _where(sampled: Path) -> Iterator[str]:
    """Yield the shares of time: by line of ours, all it calls included, then by function, by itself."""
    if not sampled.exists():
        return
    within: Counter[str] = Counter()
    itself: Counter[str] = Counter()
    total = 0
    for line in sampled.read_text().splitlines():
        stack, _, number = line.rpartition(" ")
        frames = [frame.rpartition(":")[0] for frame in stack.split(";")]
        total += int(number)
        itself[frames[-1]] += int(number)
        for frame in {one for one in frames if "(widget/" in one}:
            within[frame] += int(number)
    for heading, counted in (("ours, with all it calls", within), ("by itself", itself)):
        yield f"\nPython, a worker that holds its lock: share of time, {heading}"
        yield from (f"{many / total:6.1%}  {frame}" for frame, many in counted.most_common(LINES))


if __name__ == "__main__":
    sys.exit(main())
