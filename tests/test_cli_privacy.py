"""`flask privacy retain` as Omar types it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.petitions import draft, signature
from widget import cli, tokens
from widget.domain.signature import Occasion, State
from widget.parts import Parts, connect
from widget.tokens import Purpose

LONG_AGO = datetime.now(UTC) - timedelta(days=40)


@pytest.fixture
def flask_command(sqlite_url: str, tmp_path: object) -> FlaskCliRunner:
    made = connect(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}))
    app = Flask("widget")
    app.extensions["support_now"] = made
    cli.register(app)
    petition = made.ledger.add_petition(draft(), LONG_AGO)
    for name, state in (("sam", State.CONFIRMED), ("petra", State.PENDING)):
        new = signature(
            petition.id, f"{name}@example.org", state=state, signed_at=LONG_AGO, network_key="k" * 32
        )
        made.ledger.record(new, Occasion.CONFIRMATION)
    return app.test_cli_runner()


def parts(runner: FlaskCliRunner) -> Parts:
    found: Parts = runner.app.extensions["support_now"]
    return found


def test_a_dry_run_says_what_would_go_and_changes_nothing(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["privacy", "retain", "--dry-run"])
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "Would be forgotten (nothing was changed):",
        "          1  never confirmed, 21 days after the last letter",
        "          0  held for a look that nobody took in 90 days",
        "          1  hashes of networks of those who signed more than 30 days ago",
        "          0  files to bring in, untouched for 7 days",
        "          0  sites that showed no widget for 90 days",
    ]
    again = flask_command.invoke(args=["privacy", "retain", "--dry-run"])
    assert again.stdout == told.stdout


def test_what_is_due_goes(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["privacy", "retain", "--json"])
    assert json.loads(told.stdout) == {
        "dry_run": False,
        "unconfirmed": 1,
        "unreviewed": 0,
        "network_keys": 1,
        "uploads": 0,
        "sites": 0,
        "anonymised": [],
    }
    ledger = parts(flask_command).ledger
    petition = ledger.petition("save-the-mill")
    sam = ledger.signature(petition.id, "sam@example.org")
    assert sam is not None
    assert sam.network_key is None
    assert ledger.signature(petition.id, "petra@example.org") is None
    after = flask_command.invoke(args=["privacy", "retain", "--json"])
    assert json.loads(after.stdout)["unconfirmed"] == 0


def test_a_ledger_that_is_away_is_said_in_words(flask_command: FlaskCliRunner) -> None:
    made = parts(flask_command)
    with made.ledger._database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    told = flask_command.invoke(args=["privacy", "retain"])
    assert told.exit_code == 1
    assert "the ledger cannot be read or written now" in told.stderr


@pytest.mark.parametrize("address", ["sam@example.org", "Sam+mill@EXAMPLE.org"])
def test_a_link_that_was_lost_is_printed_again(flask_command: FlaskCliRunner, address: str) -> None:
    made = parts(flask_command)
    told = flask_command.invoke(args=["privacy", "link", "save-the-mill", address])
    assert told.exit_code == 0
    base, _, token = told.stdout.strip().rpartition("/")
    assert base == f"{made.settings.public_url}/signature"
    link = tokens.read(made.settings.secret_key, Purpose.OWN_PAGE, token)
    assert link is not None
    found = made.ledger.signature_by_id(link.signature_id)
    assert found is not None
    assert (found.email, found.link) == ("sam@example.org", link)


@pytest.mark.parametrize(
    ("slug", "address", "said"),
    [
        ("save-the-mill", "mallory@example.org", "nobody signed this petition with this address"),
        ("save-the-lake", "sam@example.org", "no petition has this slug"),
    ],
)
def test_there_is_no_link_for_nobody(
    flask_command: FlaskCliRunner, slug: str, address: str, said: str
) -> None:
    told = flask_command.invoke(args=["privacy", "link", slug, address])
    assert (told.exit_code, told.stdout) == (1, "")
    assert said in told.stderr
