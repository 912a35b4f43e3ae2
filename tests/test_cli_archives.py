"""`flask ledger backup` and `restore` as Omar types them."""

import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.petitions import NOW, draft, signature
from widget import cli
from widget.domain.signature import Occasion
from widget.parts import Parts, connect

pytestmark = pytest.mark.lasting


@pytest.fixture
def flask_command(database_url: str, tmp_path: Path) -> Iterator[FlaskCliRunner]:
    made = connect(Settings.from_env({"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path / "var")}))
    app = Flask("widget")
    app.extensions["support_now"] = made
    cli.register(app)
    petition = made.ledger.add_petition(draft(), NOW)
    made.ledger.record(signature(petition.id), Occasion.RECEIPT)
    yield app.test_cli_runner()
    made.counter.close()
    made.ledger.close()


def parts(runner: FlaskCliRunner) -> Parts:
    found: Parts = runner.app.extensions["support_now"]
    return found


def test_a_backup_is_for_its_owner_and_written_once(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    told = flask_command.invoke(args=["ledger", "backup", str(file)])
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.startswith("Wrote 1 petitions and 1 signatures (schema ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_bytes()
    again = flask_command.invoke(args=["ledger", "backup", str(file)])
    assert (again.exit_code, again.stderr) == (1, f"Error: {file} exists; --force writes over it\n")
    assert file.read_bytes() == first
    forced = flask_command.invoke(args=["ledger", "backup", "--force", "--json", str(file)])
    assert json.loads(forced.stdout) == {"revision": json.loads(forced.stdout)["revision"]} | {
        "petitions": 1,
        "signatures": 1,
    }
    assert [one.name for one in tmp_path.iterdir() if "backup" in one.name] == ["backup"]


def test_what_cannot_be_written_leaves_nothing(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    told = flask_command.invoke(args=["ledger", "backup", str(tmp_path / "nowhere" / "backup")])
    assert told.exit_code == 1
    assert "cannot be written: No such file or directory" in told.stderr


def test_back_and_forth(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    flask_command.invoke(args=["ledger", "backup", str(file)])
    ledger = parts(flask_command).ledger
    petition = ledger.petition("save-the-mill")
    ledger.record(signature(petition.id, "petra@example.org"), Occasion.RECEIPT)
    refused = flask_command.invoke(args=["ledger", "restore", str(file)])
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Error: nothing was changed: the ledger has petitions; --replace puts the backup in their place\n",
    )
    assert ledger.tally(petition.id).here == 2
    told = flask_command.invoke(args=["ledger", "restore", "--replace", str(file)])
    assert (told.exit_code, told.stdout) == (0, "Restored 1 petitions and 1 signatures.\n")
    assert ledger.tally(petition.id).here == 1
    assert parts(flask_command).counter.read(petition.id).here == 1


def test_a_number_that_was_off_is_said(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    ledger = parts(flask_command).ledger
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE tally SET here = here + 5 WHERE slot = 0")
    file = tmp_path / "backup"
    flask_command.invoke(args=["ledger", "backup", str(file)])
    told = flask_command.invoke(args=["ledger", "restore", "--replace", "--json", str(file)])
    assert json.loads(told.stdout)["drifts"] == {"save-the-mill": 5}
    assert told.stderr == (
        "The number of save-the-mill was +5 off in the backup: flask petition recount save-the-mill\n"
    )


def test_a_backup_goes_through_a_pipe(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["ledger", "backup", "-"])
    assert told.stderr.startswith("Wrote 1 petitions")
    back = flask_command.invoke(
        args=["ledger", "restore", "--replace", "-"], input=io.BytesIO(told.stdout_bytes)
    )
    assert (back.exit_code, back.stdout) == (0, "Restored 1 petitions and 1 signatures.\n")


def test_nonsense_is_refused(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "nonsense").write_text("nonsense")
    told = flask_command.invoke(args=["ledger", "restore", "--replace", str(tmp_path / "nonsense")])
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: nothing was changed: this is no whole backup")
