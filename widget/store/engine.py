"""Connections to the ledger's database: how they are opened, and how a write is made on each kind."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc

from widget.domain.refusals import LedgerUnavailable
from widget.store.bounded import ANSWER_TIMEOUT, PATIENCE, BoundedConnection, Silent
from widget.store.gate import Gate
from widget.store.pooler import is_undeclared, opened, without_session

POOL_TIMEOUT = 2  # seconds; the gate lets no more in than there are connections
CONNECT_TIMEOUT = 2  # seconds; libpq takes no less
STATEMENT_TIMEOUT = 3_000  # milliseconds, for what a visitor waits for
BUSY_TIMEOUT = 5  # seconds a writer of another process may hold SQLite's lock
_RESERVED = "superuser_reserved_connections"
LOOK_EVERY = 0.001  # seconds between two looks whether it does

# What the database says when it is away, full, locked or read-only, as against a fault of ours.
_AWAY = (
    *(exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError),
    sqlite3.OperationalError,
)


T = TypeVar("T")


class Database:
    """One database, SQLite or PostgreSQL, and the two ways to use it: reading and writing."""

    def __init__(self, url: str, *, pool: int) -> None:
        address, self.pooled = opened(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self._engine = _sqlite(address, pool) if self.is_sqlite else _postgresql(address, pool, self.pooled)
        # SQLite has one writer. Waiting here, in order, beats its own sleeping and trying again.
        self._writer = threading.Lock()
        self.gate = Gate(pool)

    def ask(self, question: Callable[[Connection], T]) -> T:
        """Run something that may be run twice, on a connection where each statement stands alone.

        A pooled connection whose server was restarted meanwhile looks alive until it is used: then all
        of them are dropped and the question is put once more. Raises LedgerUnavailable.
        """
        with self.gate.visit(), translated():
            try:
                with self._engine.connect() as connection:
                    return question(connection)
            except exc.DBAPIError as error:
                if not error.connection_invalidated or isinstance(error.orig, Silent):
                    raise  # a server that stands still is not asked twice
            with self._engine.connect() as connection:
                return question(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection on which each statement stands alone. Raises LedgerUnavailable."""
        with self.gate.visit(), translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def unhurried(self, *, within: float = PATIENCE, along_indexes: bool = False) -> Iterator[Connection]:
        """Give a connection as `reading` does, for a look through millions of rows in `within` seconds.

        No visitor's request may use it, since it holds a connection for as long; a page of an organiser's
        may, within PAGE_PATIENCE.
        `along_indexes` tells PostgreSQL that a page of an index costs no more than one of a table: its own
        settings are those of spinning disks, and lead it to read a whole table. Raises LedgerUnavailable.
        """
        if self.pooled:  # a limit that is lifted outlasts a transaction, and would be somebody else's then
            with self.writing(unhurried=within, along_indexes=along_indexes) as connection:
                yield connection
        else:
            with (
                self.reading() as connection,
                _patient(connection, "SET", within, along_indexes=along_indexes),
            ):
                yield connection

    @contextmanager
    def writing(self, *, unhurried: float | None = None, along_indexes: bool = False) -> Iterator[Connection]:
        """Give a connection inside one transaction, committed at the end. Raises LedgerUnavailable.

        `unhurried` is for one that looks through millions of rows before it writes: seconds that it may take.
        `along_indexes` as above.
        """
        if self.is_sqlite:
            with self.gate.visit(), translated(), self._writer, self._engine.connect() as connection:
                yield from _immediately(connection)
        else:
            engine = self._engine.execution_options(isolation_level="READ COMMITTED")
            with self.gate.visit(), translated(), engine.begin() as connection, ExitStack() as patience:
                if unhurried:
                    patience.enter_context(
                        _patient(connection, "SET LOCAL", unhurried, along_indexes=along_indexes)
                    )
                yield connection

    def connections(self) -> tuple[int, int]:
        """Return how many connections this process uses now, and how many it may."""
        pool: Any = self._engine.pool
        return pool.checkedout(), pool.size()

    def room(self) -> int | None:
        """Return how many connections the server grants to all together; None for SQLite or a pooler."""
        if self.is_sqlite or self.pooled:
            return None
        limit, kept = (f"current_setting('{name}')::int" for name in ("max_connections", _RESERVED))
        asked = f"SELECT {limit} - {kept}"
        with self.reading() as connection:
            return int(connection.exec_driver_sql(asked).scalar_one())

    def is_unbounded(self) -> bool:
        """Tell whether a statement may run for ever, since a pooler keeps our bound from the server."""
        if not self.pooled:
            return False
        with self.reading() as connection:
            return str(connection.exec_driver_sql("SHOW statement_timeout").scalar_one()) == "0"

    def dispose(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


@contextmanager
def _patient(
    connection: Connection, how: str, within: float, *, along_indexes: bool = False
) -> Iterator[None]:
    """Let server and us wait so many seconds for an answer, for a while; `how` is SET or SET LOCAL."""
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    also = f"; {how} random_page_cost = 1" if along_indexes else ""
    connection.exec_driver_sql(f"{how} statement_timeout = {int(within * 1000)}{also}")
    driver.answer_timeout = within + ANSWER_TIMEOUT
    try:
        yield
    finally:
        driver.answer_timeout = ANSWER_TIMEOUT
        if how == "SET" and not driver.closed:
            connection.exec_driver_sql("RESET statement_timeout; RESET random_page_cost")


def _immediately(connection: Connection) -> Iterator[Connection]:
    # IMMEDIATE takes the write lock first: a transaction that reads and then writes cannot be told
    # half way that somebody else wrote in between.
    driver: Any = connection.connection.driver_connection
    _take_turn(driver)
    try:
        yield connection
    except BaseException:
        driver.execute("ROLLBACK")
        raise
    driver.execute("COMMIT")


def _take_turn(driver: sqlite3.Connection) -> None:
    """Begin, as soon as no other process writes.

    SQLite itself looks for the lock ever more seldom, up to ten times a second, while others pass by.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while not _begun(driver, last=time.monotonic() > deadline):
            time.sleep(LOOK_EVERY)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT * 1000)}")


def _begun(driver: sqlite3.Connection, *, last: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the rest says why it is busy
            raise
        return False
    return True


@contextmanager
def translated() -> Iterator[None]:
    """Raise LedgerUnavailable for what a database says when it is away, full, locked or read-only."""
    try:
        yield
    except _AWAY as error:
        if isinstance(error, exc.DBAPIError):
            is_undeclared(error)
        raise LedgerUnavailable(type(error).__name__) from error
    except exc.ProgrammingError as error:
        if is_undeclared(error):
            raise LedgerUnavailable(type(error).__name__) from error
        raise


def begin_private(file: Path) -> None:
    """Make an empty file that only its owner may read, where there is none.

    SQLite gives what it puts beside a ledger (-wal, -shm, -journal) the mode of the ledger. A file that is
    there is never opened, only SQLite may: closing it would let go of the locks of this process.
    """
    with suppress(OSError):  # there already, or nowhere to be: SQLite says the latter best
        file.touch(mode=0o600, exist_ok=False)


def _sqlite(url: URL, pool: int) -> Engine:
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
    )

    @event.listens_for(engine, "do_connect")
    def begin(_dialect: Any, _record: Any, words: Any, _options: Any) -> None:
        begin_private(Path(words[0]))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # a signature answered 201 is on disk (promise 1)
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine


def _postgresql(url: URL, pool: int, pooled: bool) -> Engine:
    bounds = f"-c statement_timeout={STATEMENT_TIMEOUT} -c lock_timeout={STATEMENT_TIMEOUT}"
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT,
            "application_name": "support-now",
            **({} if pooled else {"options": bounds}),  # a pooler takes them from the role alone
            **without_session(pooled),
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": 5_000,
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, words: Any, options: Any) -> BoundedConnection:
        return BoundedConnection.connect(*words, **options)

    return engine
