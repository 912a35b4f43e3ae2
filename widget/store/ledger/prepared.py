"""Statements that every visitor causes: written out once, and put to the driver as they are.

SQLAlchemy writes them for the database at hand. Running them through it again each time costs more
processor time than all that they do (docs/performance.md).
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Dialect, Executable, exc
from sqlalchemy.dialects import postgresql, sqlite

from widget.store import pipeline

Rows = list[tuple[Any, ...]]

# psycopg takes $1 as it is, and reads any other style anew with every run of a long statement.
_DIALECTS: dict[str, Callable[[], Dialect]] = {
    "postgresql": lambda: postgresql.psycopg.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
    "sqlite": lambda: sqlite.dialect(paramstyle="numeric"),
}


class Prepared:
    """One statement, written when it is first run on a kind of database."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._written: dict[str, _Written] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Run it with values by name, of which it takes what it needs; return all rows.

        Raises what SQLAlchemy would.
        """
        written = self.written(connection.dialect.name)
        run = _RUN[connection.dialect.name]
        try:
            return run(connection.connection.driver_connection, written.sql, written.order(values))
        except (psycopg.Error, sqlite3.Error) as error:
            raise _translated(connection, error) from error

    def written(self, name: str) -> "_Written":
        """Return it as a kind of database reads it."""
        written = self._written.get(name)
        if written is None:
            written = self._written[name] = _write(self._statement, _DIALECTS[name]())
        return written


def in_one_trip(
    connection: Connection,
    first: tuple[Prepared, Mapping[str, Any]],
    second: tuple[Prepared, Mapping[str, Any]],
) -> tuple[Rows, Rows]:
    """Run one statement, commit it and run another, with one wait for PostgreSQL; return the rows of both.

    Raises what SQLAlchemy would. Where the first fails the second may have been run all the same.
    """
    statements = []
    for prepared, values in (first, second):
        written = prepared.written("postgresql")
        statements.append((written.sql.encode(), written.order(values)))
    driver: Any = connection.connection.driver_connection
    try:
        return pipeline.run(driver, *statements)
    except psycopg.Error as error:
        raise _translated(connection, error) from error


@dataclass(frozen=True, slots=True)
class _Written:
    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    convert: Mapping[str, Callable[[Any], Any]]

    def order(self, values: Mapping[str, Any]) -> list[Any]:
        given, convert = {**self.fixed, **values}, self.convert
        return [convert[name](given[name]) if name in convert else given[name] for name in self.names]


def _write(statement: Executable, dialect: Dialect) -> _Written:
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    names = tuple(compiled.positiontup)
    converters = {
        name: compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names
    }
    return _Written(
        sql=str(compiled),
        names=names,
        fixed=dict(compiled.params),
        convert={name: convert for name, convert in converters.items() if convert is not None},
    )


def _on_postgresql(connection: Any, sql: str, values: list[Any]) -> Rows:
    cursor = psycopg.RawCursor(connection)
    cursor.execute(sql.encode(), values)
    # Whether there are rows to fetch; `cursor.description` would describe each column of them, every time.
    told = cursor.pgresult
    return cursor.fetchall() if told and told.nfields else []


def _on_sqlite(connection: Any, sql: str, values: list[Any]) -> Rows:
    rows: Rows = connection.execute(sql, values).fetchall()
    return rows


_RUN: dict[str, Callable[[Any, str, list[Any]], Rows]] = {
    "postgresql": _on_postgresql,
    "sqlite": _on_sqlite,
}


def _translated(connection: Connection, error: psycopg.Error | sqlite3.Error) -> BaseException:
    """Put a driver's error as SQLAlchemy does.

    It is made to look at the connection: if that is dead, it drops all pooled ones of the same server.
    """
    with suppress(exc.DBAPIError):
        connection.exec_driver_sql("SELECT 1")
    kind = sqlite3.Error if isinstance(error, sqlite3.Error) else psycopg.Error
    return exc.DBAPIError.instance(
        None, None, error, kind, connection_invalidated=connection.invalidated, dialect=connection.dialect
    )
