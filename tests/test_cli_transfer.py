"""Signatures taken out as Anahit types it."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.petitions import MILL, NOW, signature
from widget import cli
from widget.parts import Parts, connect

SLUG = "save-the-mill"


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> Iterator[Parts]:
    parts = connect(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}))
    mill = parts.ledger.add_petition(MILL, NOW)
    parts.ledger.record(signature(mill.id), letter=None)
    yield parts
    parts.counter.close()
    parts.ledger.close()


@pytest.fixture
def flask_command(parts: Parts) -> FlaskCliRunner:
    app = Flask("widget")
    app.extensions["support_now"] = parts
    cli.register(app)
    return app.test_cli_runner()


def test_to_standard_output(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["signatures", "export", SLUG])
    assert told.exit_code == 0
    assert told.stdout_bytes.startswith(b"id,state,")
    assert b"sam@example.org" in told.stdout_bytes
    held = flask_command.invoke(args=["signatures", "export", SLUG, "--state", "held"])
    assert held.stdout_bytes.count(b"\r\n") == 1


def test_to_a_file_that_only_its_owner_reads_and_that_is_not_written_over(
    flask_command: FlaskCliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "signatures.csv"
    command = ["signatures", "export", SLUG, "--bom", "--output", str(file)]
    told = flask_command.invoke(args=command)
    assert told.exit_code == 0
    assert "Wrote 1 signatures" in told.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,")
    again = flask_command.invoke(args=command)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    assert flask_command.invoke(args=[*command, "--replace"]).exit_code == 0


def test_an_unknown_petition_is_refused(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["signatures", "export", "none"])
    assert told.exit_code == 1
    assert "no petition has this slug" in told.stderr
