"""Replicas that start together on an empty ledger: one migrates it, one loads the sample, none fails."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live_service import WITHOUT_DOTENV
from widget.store.ledger import Ledger

pytestmark = pytest.mark.lasting

if TYPE_CHECKING:
    from tests.postgres_server import PostgresServer

ROOT = Path(__file__).parents[2]
FLASK = Path(sys.executable).parent / "flask"
REPLICAS = 5


def together(command: str, **environ: str) -> list[tuple[int, str]]:
    """Run a flask command in as many processes at once; return how each ended and what it said."""
    running = [
        subprocess.Popen(
            [str(FLASK), *command.split()],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **WITHOUT_DOTENV, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(REPLICAS)
    ]
    said = [one.communicate(timeout=100)[0] for one in running]
    return [(one.returncode, text) for one, text in zip(running, said, strict=True)]


def brought_up(url: str, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "var"), "LOG_LEVEL": "error"}
    assert together("ledger migrate", **environ) == [(0, "The ledger is up to date.\n")] * REPLICAS
    loaded = together("petition load-sample", **environ)
    assert [status for status, _ in loaded] == [0] * REPLICAS, loaded
    assert sum(said.startswith("Loaded the sample") for _, said in loaded) == 1
    ledger = Ledger.connect(url)
    [sample] = ledger.petitions()
    assert ledger.tally(sample.id).count == 49
    ledger.close()


def test_five_replicas_on_an_empty_file(tmp_path: Path) -> None:
    brought_up(f"sqlite:///{tmp_path}/ledger.sqlite3", tmp_path)


@pytest.mark.services
def test_five_replicas_on_an_empty_database(postgres_server: "PostgresServer", tmp_path: Path) -> None:
    postgres_server.heal()
    name = postgres_server.create_database()
    brought_up(postgres_server.url(name), tmp_path)
    postgres_server.drop_database(name)
