"""The question of a webmaster, asked at the terminal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.petitions import MILL, NOW
from widget import cli
from widget.domain.site import hour
from widget.parts import Parts, connect

PETRA = "https://petra.example.org"


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> Iterator[Parts]:
    parts = connect(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}))
    parts.ledger.add_petition(MILL, NOW)
    yield parts
    parts.counter.close()
    parts.ledger.close()


@pytest.fixture
def flask_command(parts: Parts) -> FlaskCliRunner:
    app = Flask("widget")
    app.extensions["support_now"] = parts
    cli.register(app)
    return app.test_cli_runner()


def test_nothing_was_seen(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["petition", "sites", "save-the-mill"])
    assert (told.exit_code, told.stdout) == (
        0,
        "No site has shown it within 90 days, as far as is known here.\n",
    )
    missing = flask_command.invoke(args=["petition", "sites", "save-the-lake"])
    assert (missing.exit_code, missing.stdout) == (1, "")


def test_what_was_seen_as_a_table_and_as_json(flask_command: FlaskCliRunner, parts: Parts) -> None:
    mill, now = parts.ledger.petition("save-the-mill").id, hour(parts.clock())
    parts.ledger.change(mill, {"allowed_origins": (PETRA, "https://later.example.org")})
    parts.ledger.note_sightings({(mill, PETRA): now, (mill, "https://xn--bcher-kva.example"): NOW})
    told = flask_command.invoke(args=["petition", "sites", "save-the-mill"]).stdout.splitlines()
    assert [line.split("  ")[0] for line in told] == [
        "SITE",
        PETRA,
        "https://bücher.example",
        "allowed, and not seen: https://later.example.org",
    ]
    assert "live " in told[1]
    assert "quiet, not allowed  2026-05-01 12h" in told[2]
    facts = json.loads(flask_command.invoke(args=["petition", "sites", "save-the-mill", "--json"]).stdout)
    assert facts["allowed_and_not_seen"] == ["https://later.example.org"]
    assert facts["sites"][0] == {
        "site": PETRA,
        "live": True,
        "allowed": True,
        "last_seen_at": now.isoformat(),
        "first_seen_at": now.isoformat(),
    }
