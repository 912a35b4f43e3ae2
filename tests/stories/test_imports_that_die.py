"""Imports whose process is killed in the middle, and two at once: nothing is lost, nobody counts twice."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.live_service import WITHOUT_DOTENV
from tests.logbook import new_file
from tests.petitions import MILL
from tests.stories.test_bringing_in import balanced
from widget import importing, uploading
from widget.domain.petition import Petition
from widget.domain.signature import State
from widget.domain.upload import Stage
from widget.store.counter import Counter
from widget.store.ledger import Ledger

pytestmark = pytest.mark.services

FLASK = Path(sys.executable).parent / "flask"
ROWS = 6_000
PATIENCE = 90.0


def table(rows: int = ROWS) -> bytes:
    lines = (f"sam.{n}@example.org,Sam,2026-03-01\n" for n in range(rows))
    return ("email,given_name,signed_at\n" + "".join(lines)).encode()


def begin(folder: Path, url: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a command of ours in a process of its own."""
    environ = {"PATH": os.environ["PATH"], **WITHOUT_DOTENV, "DATABASE_URL": url, "DATA_DIR": str(folder)}
    with new_file("import", folder).open("ab") as log:
        return subprocess.Popen([str(FLASK), *arguments], env=environ, stdout=log, stderr=log)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def killed(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    assert process.wait(PATIENCE) == -signal.SIGKILL


def whole(ledger: Ledger, mill: Petition) -> None:
    """Check that each row of the table came in, and once."""
    assert balanced(ledger, mill) == ROWS
    [one] = ledger.imports(mill.id)
    assert (one.last_row, one.added, one.merged, one.refused) == (ROWS, ROWS, 0, 0)
    assert one.finished_at is not None
    found = ledger.who_signed(mill.id, [f"sam.{n}@example.org" for n in range(ROWS)])
    assert len(found) == ROWS


def test_at_the_terminal_it_goes_on_with_resume(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(table())
    command = ("signatures", "import", MILL.slug, str(file), "--as", "confirmed")
    columns = [
        word for name in ("email", "given_name", "signed_at") for word in ("--column", f"{name}={name}")
    ]
    with closing(Ledger.connect(database_url)) as ledger:
        mill = ledger.add_petition(MILL, datetime.now(UTC))
        first = begin(tmp_path, database_url, *command, *columns)
        until(lambda: any(one.last_row for one in ledger.imports(mill.id)))
        killed(first)
        [at] = ledger.imports(mill.id)
        assert 0 < at.last_row < ROWS
        assert at.added == balanced(ledger, mill) == at.last_row
        again = begin(tmp_path, database_url, *command, *columns, "--resume", str(at.id))
        assert again.wait(PATIENCE) == 0
        whole(ledger, mill)


def test_two_workers_one_of_which_is_killed_again_and_again(tmp_path: Path, database_url: str) -> None:
    with closing(Ledger.connect(database_url)) as ledger:
        now = datetime.now(UTC)
        mill = ledger.add_petition(MILL, now)
        number = uploading.receive(
            mill, io.BytesIO(table()), "list.csv", sent_by="Anahit", ledger=ledger, now=now
        )

        def upload() -> uploading.Upload:
            return uploading.find(mill, number, ledger=ledger)

        columns = {"email": 0, "given_name": 1, "signed_at": 2}
        uploading.try_out(mill, upload(), columns, State.CONFIRMED, ledger=ledger, now=now)
        steady = begin(tmp_path, database_url, "deliver")
        victims = []
        try:
            until(lambda: upload().stage is Stage.TRIED)
            assert (upload().added, upload().merged) == (ROWS, 0)
            uploading.start(upload(), recorded_by="Anahit", ledger=ledger, now=now)
            killed(steady)  # the only one, somewhere in the middle
            for _ in range(2):
                victims.append(begin(tmp_path, database_url, "deliver"))
                rows = upload().at.row
                until(lambda rows=rows: upload().at.row > rows)  # type: ignore[misc]
                killed(victims[-1])
            victims += [begin(tmp_path, database_url, "deliver") for _ in range(2)]
            until(lambda: upload().stage is Stage.DONE)
        finally:
            for one in [steady, *victims]:
                one.kill()
                one.wait(PATIENCE)
        whole(ledger, mill)


def test_two_at_once_into_one_petition(database_url: str) -> None:
    """The same people in two files, one of them the other way round: they do not wait in a ring."""
    rows = 3_000
    with closing(Ledger.connect(database_url)) as ledger:
        now = datetime.now(UTC)
        mill = ledger.add_petition(MILL, now)
        head, *lines = table(rows).splitlines(keepends=True)
        files = [head + b"".join(lines), head + b"".join(lines[::-1])]

        def bring(content: bytes) -> None:
            with closing(Ledger.connect(database_url)) as own:
                counter = Counter(own.tally, redis_url=None, clock=lambda: now)
                file = importing.opened(io.BytesIO(content))
                where = importing.places(file, ready=None, columns={"email": "email"})
                how = importing.reading(mill, where, State.CONFIRMED, "list.csv", now)
                into = importing.begin(file, how, mapped={}, recorded_by="", ledger=own, now=now)
                list(importing.carry_on(into, file, how, ledger=own, counter=counter, clock=lambda: now))
                counter.close()

        with ThreadPoolExecutor() as pool:
            list(pool.map(bring, files))  # raises what one of them raised
        assert balanced(ledger, mill) == rows
        one, other = ledger.imports(mill.id)
        assert one.added + other.added == one.merged + other.merged == rows
