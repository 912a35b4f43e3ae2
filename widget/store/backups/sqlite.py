"""A backup of a SQLite ledger: one SQLite file, which any tool can open once it is unpacked."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, create_engine, make_url, text

from widget.store.backups import checking
from widget.store.backups.checking import Unrestorable
from widget.store.migrating import migrate, upgrade

MAGIC = b"SQLite format 3\0"
BUSY = 30.0  # seconds to wait for whoever writes


class File:
    """How a SQLite ledger is written and read."""

    @staticmethod
    def write(database_url: str, to: BinaryIO, _now: datetime) -> tuple[str, int, int]:
        """Copy through SQLite itself, which sees one moment whoever writes meanwhile; check the copy."""
        ledger = _path(database_url)
        if not ledger.exists():
            raise Unrestorable("there is no ledger in this database")
        with _beside(ledger) as copy:
            _copy(ledger, copy)
            facts = _sound(copy)
            if checking.is_known(facts[0]):
                _check_ours(copy, facts[0])  # it could not be restored: better known now than then
            with copy.open("rb") as made:
                shutil.copyfileobj(made, to)
        return facts

    @staticmethod
    def read(
        database_url: str, source: BinaryIO, now: datetime, *, replace: bool
    ) -> tuple[str, int, int, dict[int, int]]:
        """Bring a copy of the backup up to date, then write it over the ledger in one transaction."""
        ledger = _path(database_url)
        ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _beside(ledger) as copy:
            with copy.open("wb") as draft:
                shutil.copyfileobj(source, draft)
            revision, *_ = _sound(copy)
            checking.check_known(revision)
            _check_ours(copy, revision)
            migrate(f"sqlite:///{copy}")
            with _opened(copy) as connection:
                checking.raise_versions(connection, now)
                checking.shut_the_door(connection, now)
                found = checking.drifts(connection)
                petitions, signatures = checking.size(connection)
            migrate(database_url)  # takes turns with a service that starts now
            with _opened(ledger) as connection:
                if not replace:
                    checking.check_empty(connection)
            _copy(copy, ledger)
        return revision, petitions, signatures, found


def _path(database_url: str) -> Path:
    return Path(make_url(database_url).database or "")


@contextmanager
def _beside(ledger: Path) -> Iterator[Path]:
    """Give a file in a closed folder on the ledger's own disk; remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=ledger.parent) as folder:
        yield Path(folder) / "copy.sqlite3"


def _copy(origin: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(origin, timeout=BUSY)) as reading,
        closing(sqlite3.connect(target, timeout=BUSY)) as writing,
    ):
        reading.backup(writing)  # all pages in one step: one snapshot, and one transaction over there


def _sound(copy: Path) -> tuple[str, int, int]:
    """Check every page of a copy and make it one file; return its revision and its size."""
    with copy.open("rb") as begun:
        if begun.read(len(MAGIC)) != MAGIC:
            raise Unrestorable("this is no backup of a SQLite ledger")
    try:
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            said = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Unrestorable(f"SQLite cannot read it: {error}") from error
    if said != "ok":
        raise Unrestorable(f"SQLite finds it damaged: {said}")
    with _opened(copy) as connection:
        return checking.revision_of(connection), *checking.size(connection)


def _check_ours(copy: Path, revision: str) -> None:
    """Refuse what no migration has made: a trigger would go on acting in the ledger."""
    with tempfile.TemporaryDirectory() as folder, _opened(Path(folder) / "model.sqlite3") as model:
        upgrade(model, revision)
        ours = _objects(model)
    with _opened(copy) as connection:
        foreign = sorted(_objects(connection) - ours)
    if foreign:
        named = ", ".join(f"{kind} {name!r}" for kind, name in foreign[:5])
        raise Unrestorable(f"there is in it what belongs to no ledger: {named}")


def _objects(connection: Connection) -> set[tuple[str, str]]:
    """Return what a file holds, but for what SQLite itself keeps there."""
    own = "name LIKE 'sqlite\\_%' ESCAPE '\\' AND type IN ('table', 'index')"
    found = connection.execute(text(f"SELECT type, name FROM sqlite_master WHERE NOT ({own})"))  # noqa: S608 - ours
    return {(kind, name) for kind, name in found}


@contextmanager
def _opened(ledger: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{ledger}")
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
