"""The drills themselves: the short form is played, a loss is seen, and the docs state every bound."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from drills.books import Checked, check
from drills.crowd import Crowd
from drills.drilling import DRILLS, QUIET, SLOWEST, Bound, Played, slower
from drills.report import summed_up, table
from drills.stage import Stage
from tests.test_docs import table as table_of

ROOT = Path(__file__).parents[1]
SLUG = "save-the-mill"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, ledger=f"sqlite:///{tmp_path}/ledger.sqlite3", webs=1, letters=False)
    try:
        yield made.start()
    finally:
        made.stop()


def played(name: str, *faults: str, lost: int = 0) -> Played:
    drill = next(one for one in DRILLS if one.name == name)
    return Played(drill, 100, 3, 1.25, 0.5, 2.0, Checked(lost, 0, faults), faults)


@pytest.mark.services
@pytest.mark.timeout(600)
def test_the_short_form_holds() -> None:
    # The machine may be busy with other tests: bounds are for a quiet one.
    words = [sys.executable, "-m", "drills", "--short", "--patience", "10"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("| held |") == sum(drill.short for drill in DRILLS)


@pytest.mark.services
def test_a_signature_that_is_lost_is_seen(stage: Stage, tmp_path: Path) -> None:
    stage.open(SLUG)
    crowd = Crowd(stage.port, SLUG).come()
    crowd.wait_for(5)
    crowd.leave()
    assert check(stage, crowd, never=set(), perhaps=set()).faults == ()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as book:
        book.execute("DELETE FROM signatures WHERE id = (SELECT max(id) FROM signatures)")
        book.execute("UPDATE signatures SET canonical_email = 'petra@example.org' WHERE id = 1")
        book.commit()
    found = check(stage, crowd, never={"petra@example.org"}, perhaps=set())
    assert (found.lost, found.double) == (2, 0)
    said = "\n".join(found.faults)
    for words in ("2 answered, and not in", "1 in the ledger, and never whole", "tally", "shown", "audit"):
        assert words in said


def test_a_bound_may_go_beyond_an_outage() -> None:
    assert Bound(3).holds(3.0, away=60.0, patience=1.0)
    assert not Bound(3).holds(3.1, away=60.0, patience=1.0)
    assert Bound(3).holds(5.9, away=0.0, patience=2.0)
    assert Bound(5, outage=True).holds(7.0, away=2.0, patience=1.0)
    assert not Bound(5, outage=True).holds(7.1, away=2.0, patience=1.0)


def test_the_table_says_what_failed_and_what_was_left_out() -> None:
    mounts = next(one for one in DRILLS if one.mounts)
    times = [played("Redis killed"), played("Redis killed", "3 lost", lost=3), played("worker killed")]
    lines = table(times, [mounts]).splitlines()
    assert (
        lines[2] == "| Redis killed | 2 | 200 | 6 | 3 | 0 | 2.0 | 1.2 | 3 s | 0.5 | 3 s | **failed** 1 of 2 |"
    )
    assert lines[3].endswith("| held |")
    assert lines[4].startswith(f"| {mounts.name} |")
    assert lines[4].endswith("| left out: needs root |")


def test_every_bound_stands_in_the_docs() -> None:
    rows = table_of((ROOT / "docs/operating.md").read_text(encoding="utf-8"), "drill")
    stated = [row[:3] for row in rows]
    assert stated == [[drill.name, str(drill.signing), str(drill.reading)] for drill in DRILLS]


def test_the_report_names_the_round_that_failed() -> None:
    good, bad = played("Redis killed"), replace(played("Redis frozen", "1 lost"), round=2)
    ones = [good, replace(good, round=2), bad]
    assert list(summed_up(ones, 3, 1)) == [
        "round 2: Redis frozen: 1 lost",
        "1 of 3 rounds were played to the end, 1 failed",
    ]
    assert list(summed_up([good], 1, 1)) == ["1 of 1 rounds were played to the end, 0 failed"]


def test_bounds_are_wider_where_everything_takes_longer_and_not_for_ever() -> None:
    assert (slower(0.0), slower(QUIET), slower(2 * QUIET), slower(100.0)) == (1.0, 1.0, 2.0, SLOWEST)


@pytest.mark.services
def test_ctrl_c_ends_all_and_still_reports() -> None:
    words = [sys.executable, "-m", "drills", "--times", "9", "--patience", "10", "Redis flushed"]
    running = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    assert running.stdout
    said = []
    for line in running.stdout:
        said.append(line)
        if "answers" in line:  # the first has been played, the second begins
            break
    started = family_of(running.pid)
    os.killpg(running.pid, signal.SIGINT)
    said += running.communicate(timeout=120)[0].splitlines(keepends=True)
    assert running.returncode == 130, "".join(said)
    assert "of 9 rounds were played to the end" in said[-1]
    assert [pid for pid in started if Path(f"/proc/{pid}/exe").exists()] == []


def family_of(pid: int) -> list[int]:
    """Return what a process started, and what that started."""
    found: list[int] = []
    for folder in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (folder / "children").read_text().split()):
            found += [child, *family_of(child)]
    return found
