"""The service on an empty SQLite ledger, with Anahit's petition for the mill in it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from tests.petitions import MILL, NOW
from widget import create_app
from widget.parts import Parts


@pytest.fixture
def app(sqlite_url: str, tmp_path: object) -> Iterator[Flask]:
    """Build the service as operators do, from an environment."""
    made = create_app(
        Settings.from_env(
            {"DATABASE_URL": sqlite_url, "PUBLIC_URL": "https://our.example.org", "DATA_DIR": str(tmp_path)}
        )
    )
    parts: Parts = made.extensions["support_now"]
    parts.ledger.add_petition(MILL, NOW)
    yield made
    parts.counter.close()
    parts.ledger.close()


@pytest.fixture
def parts(app: Flask) -> Parts:
    """The parts of that service."""
    found: Parts = app.extensions["support_now"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's program."""
    return app.test_client()
