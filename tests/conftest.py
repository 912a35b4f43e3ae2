"""The stores the tests run on, and the cast.

Anahit organises, Sam signs, Petra hosts a partner site, Mallory abuses, Omar operates. All of them
live at example.org, which no mail ever reaches (RFC 2606).

A missing program is an error here, never a skip: `make test` installs what is needed. What a fixture
needs is imported inside it, so that the domain's tests start without a database driver.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.logbook import pytest_configure, pytest_sessionfinish, pytest_terminal_summary

if TYPE_CHECKING:
    from flask.testing import FlaskCliRunner

    from tests.postgres_server import PostgresServer
    from tests.services import RedisServer
    from widget.parts import Parts
    from widget.store.ledger import Ledger

Fields = dict[str, str]
__all__ = ["pytest_configure", "pytest_sessionfinish", "pytest_terminal_summary"]  # hooks of this run
pytest_plugins = ["pytester"]

# The stores


@pytest.fixture(scope="session")
def postgres_server() -> "Iterator[PostgresServer]":
    """A real PostgreSQL. A test that kills or pauses it may leave it so: `postgresql_url` heals it."""
    from tests.postgres_server import PostgresServer

    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[RedisServer]":
    """A real Redis. A test that kills, fills or pauses it may leave it so: `redis_url` heals it."""
    from tests.services import RedisServer

    server = RedisServer(tmp_path_factory.mktemp("redis"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def redis_url(redis_server: "RedisServer") -> str:
    """The address of a running, empty Redis."""
    redis_server.heal()
    return redis_server.url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty ledger to copy."""
    from widget.store.migrating import migrate

    path = tmp_path_factory.mktemp("template") / "ledger.sqlite3"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that the one file is all of it
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgres_server: "PostgresServer") -> str:
    """Name a migrated, empty database to copy. Nobody may stay connected to it."""
    from widget.store.migrating import migrate

    name = postgres_server.create_database()
    migrate(postgres_server.url(name))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a migrated, empty SQLite ledger of this test's own."""
    path = tmp_path / "ledger.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgres_server: "PostgresServer", postgresql_template: str) -> Iterator[str]:
    """The address of a migrated, empty PostgreSQL ledger of this test's own."""
    postgres_server.heal()
    name = postgres_server.create_database(postgresql_template)
    yield postgres_server.url(name)
    postgres_server.heal()
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty ledger: the same test runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def ledger(database_url: str) -> "Iterator[Ledger]":
    """An empty ledger."""
    from widget.store.ledger import Ledger

    ledger = Ledger.connect(database_url)
    try:
        yield ledger
    finally:
        ledger.close()


# The cast


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> "Iterator[Parts]":
    """The parts of a service on an embedded ledger, without anything on the web."""
    from config import Settings
    from widget.parts import connect

    made = connect(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}))
    yield made
    made.counter.close()
    made.ledger.close()


@pytest.fixture
def flask_command(parts: "Parts") -> "FlaskCliRunner":
    """Run `flask` commands, on these parts."""
    from flask import Flask

    from widget import cli

    app = Flask("widget")
    app.extensions["support_now"] = parts
    cli.register(app)
    return app.test_cli_runner()


@pytest.fixture
def sam() -> Fields:
    """What Sam types into the standard form."""
    return typed_by("Sam")


@pytest.fixture
def mallory() -> Fields:
    """What Mallory types when she looks like anybody else."""
    return typed_by("Mallory")


@pytest.fixture
def crowd() -> Callable[[int], list[Fields]]:
    """Give that many signers, each with an address of their own."""
    return lambda size: [typed_by("Sam", email=f"sam.{number}@example.org") for number in range(1, size + 1)]


def typed_by(name: str, **fields: str) -> Fields:
    """Fill in the standard form for one of the cast; `fields` overrule."""
    return {
        "given_name": name,
        "family_name": "of the Cast",
        "email": f"{name.lower()}@example.org",
        "country": "AM",
        **fields,
    }
