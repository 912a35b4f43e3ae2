"""Signatures taken out as Anahit types it."""

import json
import stat
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from tests.petitions import MILL, NOW, signature
from widget.parts import Parts

SLUG = "save-the-mill"


@pytest.fixture
def parts(parts: Parts) -> Parts:
    mill = parts.ledger.add_petition(MILL, NOW)
    parts.ledger.record(signature(mill.id), letter=None)
    return parts


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
    assert "Wrote 1 signature to" in told.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,")
    again = flask_command.invoke(args=command)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    assert flask_command.invoke(args=[*command, "--replace"]).exit_code == 0


def test_an_unknown_petition_is_refused(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["signatures", "export", "none"])
    assert told.exit_code == 1
    assert "no petition has this slug" in told.stderr


def test_what_is_said_about_a_line_opens_safely_too(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("E-Mail,Land\npetra@example.org,Mars;=1+1\n")
    columns = ("--column", "email=E-Mail", "--column", "country=Land", "--as", "confirmed")
    flask_command.invoke(args=["signatures", "import", SLUG, str(file), *columns, "--dry-run"])
    [line] = (tmp_path / "list.csv.errors.csv").read_text().splitlines()[1:]
    assert line.count("Mars;'=1+1") == 2
    assert "Mars;=1+1" not in line


LIST = "E-Mail,Vorname\npetra@example.org,Petra\nnobody,=1+1\nsam@example.org,Sam\n"
BY_HAND = ("--column", "email=E-Mail", "--column", "given_name=Vorname", "--as", "confirmed")


def test_a_table_is_looked_at_then_brought_in(
    flask_command: FlaskCliRunner, parts: Parts, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    command = ["signatures", "import", SLUG, str(file), *BY_HAND]
    told = flask_command.invoke(args=[*command, "--dry-run"])
    assert told.exit_code == 0, told.output
    assert "petra@example.org" in told.stdout
    assert "Would add 1; 1 had signed before; 1 lines not taken.\nNothing was stored." in told.stdout
    (tmp_path / "list.csv.errors.csv").unlink()

    told = flask_command.invoke(args=[*command, "--by", "Anahit"])
    assert told.exit_code == 0, told.output
    assert "Import 1: added 1; 1 had signed before; 1 lines not taken." in told.stdout
    wrong = tmp_path / "list.csv.errors.csv"
    assert wrong.read_bytes() == (b"line,why,E-Mail,Vorname\r\n3,E-Mail is no mail address,nobody,'=1+1\r\n")
    assert stat.S_IMODE(wrong.stat().st_mode) == 0o600
    assert parts.ledger.tally(1).here == 2

    wrong.write_text(wrong.read_text().replace("nobody", "omar@example.org"))
    told = flask_command.invoke(args=["signatures", "import", SLUG, str(wrong), *BY_HAND])
    assert "Import 2: added 1" in told.stdout
    omar = parts.ledger.signature(1, "omar@example.org")
    assert omar is not None
    assert omar.given_name == "=1+1"
    listed = flask_command.invoke(args=["signatures", "imports", SLUG]).output
    assert "list.csv" in listed
    assert "Anahit" in listed
    told = flask_command.invoke(
        args=["signatures", "invalidate", "--petition", SLUG, "--import", "1", "--because", "x", "--yes"]
    )
    assert "1 done" in told.output
    assert parts.ledger.tally(1).here == 2


def test_slips_are_told_in_words(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    command = ["signatures", "import", SLUG, str(file)]
    assert (
        "say which column is what; the file has E-Mail, Vorname" in flask_command.invoke(args=command).stderr
    )
    assert "no column says whether" in flask_command.invoke(args=[*command, *BY_HAND[:-2]]).stderr
    assert (
        "no column is the mail address"
        in flask_command.invoke(args=[*command, "--mapping", "speakout"]).stderr
    )
    assert "no import 7" in flask_command.invoke(args=[*command, *BY_HAND, "--resume", "7"]).stderr
    assert flask_command.invoke(args=[*command, "--column", "email"]).exit_code == 2
    assert "Nothing was brought in" in flask_command.invoke(args=["signatures", "imports", SLUG]).output


def test_what_became_of_a_file_is_told_in_json(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("E-Mail\npetra@example.org\nsam@example.org\nnobody\n")
    command = ["signatures", "import", SLUG, str(file), "--column", "email=E-Mail", "--as", "confirmed"]
    would = json.loads(flask_command.invoke(args=[*command, "--dry-run", "--json"]).stdout)
    assert (would["dry_run"], would["number"], would["errors"]) == (True, None, f"{file}.errors.csv")
    done = json.loads(flask_command.invoke(args=[*command, "--by", "Anahit", "--json"]).stdout)
    assert (done["dry_run"], done["number"], done["recorded_by"]) == (False, 1, "Anahit")
    assert done.keys() == would.keys()
    for said in (would, done):
        assert (said["file_name"], said["added"], said["merged"], said["refused"]) == ("list.csv", 1, 1, 1)
    [listed] = json.loads(flask_command.invoke(args=["signatures", "imports", SLUG, "--json"]).stdout)
    assert listed.items() <= done.items()
    file.write_text("E-Mail\nomar@example.org\n")
    clean = flask_command.invoke(args=[*command, "--errors", str(tmp_path / "none"), "--json"])
    assert json.loads(clean.stdout)["errors"] is None
