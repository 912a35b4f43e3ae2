"""The service on an empty SQLite ledger, with Anahit's petition for the mill in it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from tests.organisers import Desk, enrol, signed_in
from tests.petitions import MILL, NOW
from widget import create_app
from widget.domain.organiser import Organiser, Role
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


@pytest.fixture
def anahit(parts: Parts) -> Organiser:
    """Anahit, who owns the first organisation and with it the mill's petition."""
    return enrol(parts.ledger, "Anahit")


@pytest.fixture
def anahit_signed_in(app: Flask, anahit: Organiser) -> Desk:
    """Anahit's browser at the console."""
    return signed_in(app, anahit)


@pytest.fixture
def viewer_signed_in(app: Flask, parts: Parts) -> Desk:
    """The browser of Petra, who may only look."""
    return signed_in(app, enrol(parts.ledger, "Petra", Role.VIEWER))


@pytest.fixture
def elsewhere_signed_in(app: Flask, parts: Parts) -> Desk:
    """The browser of Mallory, who owns another organisation."""
    other = parts.ledger.add_organisation("elsewhere", "Elsewhere", NOW)
    return signed_in(app, enrol(parts.ledger, "Mallory", Role.OWNER, other))
