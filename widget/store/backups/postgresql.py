r"""A backup of a PostgreSQL ledger: its tables in the server's own text form, in one snapshot.

    {"format": "support-now ledger", "version": 1, "revision": "0012", "made_at": "2026-05-01T12:00:00Z"}
    {"table": "petitions", "columns": ["id", "slug", ...]}
    1   save-the-mill   ...
    \.
    ...
    {"rows": {"petitions": 1, ...}}

The last line finds what was left out.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, LiteralString, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, MetaData, create_engine

from widget.domain.refusals import LedgerUnavailable
from widget.store.backups import checking
from widget.store.backups.checking import Unrestorable
from widget.store.columns import metadata
from widget.store.migrating import take_turn, upgrade
from widget.store.pooler import opened, without_session

FORMAT = {"format": "support-now ledger", "version": 1}
END = b"\\.\n"
TOGETHER = 1 << 16  # bytes handed to the server at once


class Archive:
    """How a PostgreSQL ledger is written and read."""

    @staticmethod
    def write(database_url: str, to: BinaryIO, now: datetime) -> tuple[str, int, int]:
        """Read all tables in one snapshot, beside everybody who signs."""
        with _transaction(database_url, "REPEATABLE READ") as connection:
            revision = checking.revision_of(connection)
            _say(to, {**FORMAT, "revision": revision, "made_at": now.isoformat()})
            rows = {
                name: _write_table(connection, to, name, columns)
                for name, columns in _tables(connection).items()
            }
            _say(to, {"rows": rows})
        return revision, rows["petitions"], rows["signatures"]

    @staticmethod
    def read(
        database_url: str, source: BinaryIO, now: datetime, *, replace: bool
    ) -> tuple[str, int, int, dict[int, int]]:
        """Make the tables anew, fill them, bring them up to date: all in one transaction."""
        with _transaction(database_url, "READ COMMITTED") as connection:
            head = _head(source)
            take_turn(connection)
            if not replace:
                checking.check_empty(connection)
            _drop(connection)
            upgrade(connection, head["revision"])
            rows = _read_tables(connection, source)
            _number_on(connection)
            upgrade(connection)
            checking.raise_versions(connection, now)
            checking.shut_the_door(connection, now)
            found = checking.drifts(connection)
        return head["revision"], rows["petitions"], rows["signatures"], found


@contextmanager
def _transaction(database_url: str, isolation: Any) -> Iterator[Connection]:
    """Give a connection of its own, without the bounds that visitors need, that writes as any other reads."""
    address, pooled = opened(database_url)
    engine = create_engine(address, isolation_level=isolation, connect_args=without_session(pooled))
    try:
        with engine.begin() as connection:
            for setting in ("statement_timeout = 0", "client_encoding = 'UTF8'", "datestyle = 'ISO, YMD'"):
                connection.exec_driver_sql(f"SET LOCAL {setting}")
            yield connection
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise Unrestorable(f"PostgreSQL does not take what is in it: {type(error).__name__}") from error
    except psycopg.OperationalError as error:
        raise LedgerUnavailable(type(error).__name__) from error
    finally:
        engine.dispose()


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection).cursor()


def _tables(connection: Connection) -> dict[str, list[str]]:
    """Return our tables as they are in this database, referred ones first, with their columns."""
    there = MetaData()
    there.reflect(connection, only=lambda name, _: name in metadata.tables)
    return {table.name: [column.name for column in table.columns] for table in there.sorted_tables}


def _copying(name: str, columns: list[str], direction: str) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    words = "COPY {} ({}) TO STDOUT" if direction == "out" else "COPY {} ({}) FROM STDIN"
    return sql.SQL(words).format(sql.Identifier(name), listed)


def _write_table(connection: Connection, to: BinaryIO, name: str, columns: list[str]) -> int:
    _say(to, {"table": name, "columns": columns})
    rows = 0
    with _cursor(connection) as cursor, cursor.copy(_copying(name, columns, "out")) as copy:
        for block in copy:
            to.write(block)
            rows += bytes(block).count(b"\n")  # inside a value it is written as two other characters
    to.write(END)
    return rows


def _say(to: BinaryIO, facts: dict[str, Any]) -> None:
    to.write(json.dumps(facts).encode() + b"\n")


def _said(lines: BinaryIO) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(lines.readline())
    except ValueError as error:
        raise Unrestorable("this is no whole backup of a PostgreSQL ledger") from error
    if not isinstance(said, dict):
        raise Unrestorable("this is no whole backup of a PostgreSQL ledger")
    return said


def _head(lines: BinaryIO) -> dict[str, Any]:
    head = _said(lines)
    if {name: head.get(name) for name in FORMAT} != FORMAT:
        raise Unrestorable("this is no backup of a ledger, or one of a newer version")
    checking.check_known(head["revision"])
    return head


def _drop(connection: Connection) -> None:
    _to_all(connection, "DROP TABLE IF EXISTS {}", [*_tables(connection), "alembic_version"])


def _to_all(connection: Connection, words: LiteralString, names: Iterable[str]) -> None:
    with _cursor(connection) as cursor:
        cursor.execute(sql.SQL(words).format(sql.SQL(", ").join(map(sql.Identifier, names))))


def _read_tables(connection: Connection, lines: BinaryIO) -> dict[str, int]:
    """Fill the tables; return how many rows each got, which must be what the last line says."""
    rows: dict[str, int] = {}
    known = _tables(connection)
    _to_all(connection, "TRUNCATE {}", known)  # a migration may have put something there
    while (said := _said(lines)).keys() == {"table", "columns"}:
        name, columns = said["table"], said["columns"]
        if name not in known or not set(columns) <= set(known[name]):
            raise Unrestorable(f"the backup has a table that its schema does not know: {name}")
        rows[name] = _read_table(connection, lines, _copying(name, columns, "in"))
    if said.get("rows") != rows or lines.read(1):
        raise Unrestorable("the backup is not whole: its rows are not as many as it says")
    return rows


def _read_table(connection: Connection, lines: BinaryIO, copying: sql.Composed) -> int:
    rows, waiting = 0, bytearray()
    with _cursor(connection) as cursor, cursor.copy(copying) as copy:
        for line in lines:
            if line == END:
                break
            waiting += line
            rows += 1
            if len(waiting) >= TOGETHER:
                copy.write(bytes(waiting))
                waiting.clear()
        copy.write(bytes(waiting))
    return rows


def _number_on(connection: Connection) -> None:
    """Let new rows be numbered from where the old ones end."""
    for name, columns in _tables(connection).items():
        if "id" in columns:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "  # noqa: S608 - a name of ours
                f"coalesce(max(id), 0) + 1, false) FROM {name}"
            )
