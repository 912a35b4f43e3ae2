"""Signatures in and out: rows a second, and how much memory the process takes at most."""

import argparse
import io
import os
import re
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bench.stores import Stores
from bench.subjects import Subject
from widget import uploading
from widget.domain.upload import Stage
from widget.store.ledger import Ledger

FLASK = str(Path(sys.executable).parent / "flask")
SLUG = "petition-0"
HEAD = "email,given_name,family_name,country,signed_at,confirmed\n"
COLUMNS = {"email": 0, "given_name": 1, "family_name": 2, "country": 3, "signed_at": 4, "confirmed": 5}


def main() -> None:
    """Print a line for each way."""
    asked = argparse.ArgumentParser(prog="bench/transfer", description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000, help="rows to bring in")
    asked.add_argument("--out", type=int, default=1_000_000, help="signatures to take out")
    given = asked.parse_args()
    with Stores() as stores:
        for kind in ("sqlite", "postgresql"):
            books = stores.open(Subject(kind, kind, ledger=kind, redis=False))
            if books is not None:
                _bring_in(books.url, stores.folder, given.rows, kind)
                _take_out(books.url, stores.folder, 2 * given.rows, kind)
                stores.close(books)
        many = given.out * 10 // 9 + 20  # nine of ten are under one petition
        stores.fill({many})
        _take_out(stores.filled(many).url, stores.folder, given.out, "postgresql")


def _bring_in(url: str, folder: Path, rows: int, kind: str) -> None:
    file = folder / "list.csv"
    columns = [word for name in COLUMNS for word in ("--column", f"{name}={name}")]
    file.write_text(_table("terminal", rows), encoding="utf-8")
    began = time.monotonic()
    peak = _run(url, folder, "signatures", "import", SLUG, str(file), *columns)
    _say(f"{kind}: in, at the terminal", rows, time.monotonic() - began, peak)
    with closing(Ledger.connect(url)) as ledger:
        petition, now = ledger.petition(SLUG), datetime.now(UTC)
        table = io.BytesIO(_table("worker", rows).encode())
        began = time.monotonic()
        number = uploading.receive(petition, table, "list.csv", sent_by="bench", ledger=ledger, now=now)
        _say(f"{kind}: in, the file sent", rows, time.monotonic() - began)
        upload = uploading.find(petition, number, ledger=ledger)
        uploading.try_out(petition, upload, COLUMNS, None, ledger=ledger, now=now)
        worker = subprocess.Popen([FLASK, "deliver"], env=_environ(url, folder), stdout=subprocess.DEVNULL)
        try:
            _until(ledger, number, Stage.TRIED, f"{kind}: in, tried by the worker", rows)
            tried = uploading.find(petition, number, ledger=ledger)
            uploading.start(tried, recorded_by="bench", ledger=ledger, now=now)
            _until(ledger, number, Stage.DONE, f"{kind}: in, by the worker", rows)
        finally:
            worker.terminate()
            worker.wait()
        assert ledger.tally(petition.id).here == 2 * rows


def _until(ledger: Ledger, number: int, stage: Stage, what: str, rows: int) -> None:
    """Wait for a worker that has begun; its start is not counted."""
    petition = ledger.petition(SLUG)
    began = None
    while True:
        upload = uploading.find(petition, number, ledger=ledger)
        if began is None and upload.at.row:
            began, skipped = time.monotonic(), upload.at.row
        if upload.stage is stage:
            break
        time.sleep(0.02)
    if began is not None:
        _say(what, rows - skipped, time.monotonic() - began)


def _take_out(url: str, folder: Path, rows: int, kind: str) -> None:
    file = folder / "export.csv"
    began = time.monotonic()
    peak = _run(url, folder, "signatures", "export", SLUG, "--output", str(file), "--replace")
    took = time.monotonic() - began
    with file.open("rb") as lines:
        found = sum(1 for _ in lines) - 1
    assert found >= rows, (found, rows)
    _say(f"{kind}: out, at the terminal", found, took, peak)
    file.unlink()


def _run(url: str, folder: Path, *arguments: str) -> float:
    """Run a command; return its peak of memory, in MB."""
    process = subprocess.Popen([FLASK, *arguments], env=_environ(url, folder), stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:  # what wait4 tells of memory is that of whoever forked, too
        peak = max(peak, _most(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"flask {' '.join(arguments)} ended with {process.returncode}")
    return peak / 1024


def _most(pid: int) -> int:
    """Return the most memory that a process has had, in KB; 0 when it is gone."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _environ(url: str, folder: Path) -> dict[str, str]:
    plain = {
        "PATH": os.environ["PATH"],
        "FLASK_SKIP_DOTENV": "1",
        "FLASK_APP": "server",
        "LOG_LEVEL": "error",
    }
    return plain | {"DATABASE_URL": url, "DATA_DIR": str(folder)}


def _table(whose: str, rows: int) -> str:
    lines = (
        f"{whose}.{n}@mail{n % 40}.example.org,Sam,of the Cast,AM,2026-05-{1 + n % 28:02}T10:00:00,yes\n"
        for n in range(rows)
    )
    return HEAD + "".join(lines)


def _say(what: str, rows: int, took: float, peak: float | None = None) -> None:
    memory = "" if peak is None else f", {peak:.0f} MB at most"
    print(f"{what:36} {rows:>9,} rows in {took:6.1f} s: {rows / took:>8,.0f} a second{memory}", flush=True)


if __name__ == "__main__":
    main()
