"""Figures as Anahit prints them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.petitions import MILL, NOW, signature
from widget import cli
from widget.parts import Parts, connect


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> Iterator[Parts]:
    parts = connect(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}))
    mill = parts.ledger.add_petition(MILL, NOW)
    for number in range(3):
        new = signature(mill.id, f"sam.{number}@example.org", signed_at=parts.clock(), source="=1+1")
        parts.ledger.record(new, letter=None)
    yield parts
    parts.counter.close()
    parts.ledger.close()


@pytest.fixture
def flask_command(parts: Parts) -> FlaskCliRunner:
    app = Flask("widget")
    app.extensions["support_now"] = parts
    cli.register(app)
    return app.test_cli_runner()


@pytest.mark.parametrize("period", ["24h", "7d", "30d", "all"])
def test_words(flask_command: FlaskCliRunner, period: str) -> None:
    told = flask_command.invoke(args=["petition", "figures", "save-the-mill", "--period", period])
    assert told.exit_code == 0
    assert told.output.startswith("save-the-mill stands at 52, next goal 100\n")
    assert "By country: 1 country. Most are from Armenia: 3." in told.output
    assert "Not asked: they count at once" in told.output
    by_hour = period in {"24h", "7d"}
    assert ("By hour: " in told.output) is by_hour
    assert ("Hours without a signature are left out." in told.output) is by_hour
    assert (":00  " in told.output) is by_hour
    assert len(told.output.splitlines()) < 80


def test_json(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["petition", "figures", "save-the-mill", "--json"])
    found = json.loads(told.output)
    assert (found["count"], found["goal"], found["period"]) == (52, 100, "30d")
    assert found["confirmation_rate"] is None
    assert found["tables"]["countries"] == [{"country": "Armenia", "code": "AM", "signatures": 3}]
    assert len(found["tables"]["days"]) == 30
    assert found["tables"]["days"][-1]["number_then"] == 52
    assert set(found["tables"]) == {
        *("days", "hours", "sites", "sources", "countries", "languages", "states", "confirmation"),
    }


def test_what_is_not_there(flask_command: FlaskCliRunner) -> None:
    told = flask_command.invoke(args=["petition", "figures", "no-such-thing"])
    assert told.exit_code == 1
    assert flask_command.invoke(args=["petition", "figures", "save-the-mill", "--period", "9"]).exit_code == 2
