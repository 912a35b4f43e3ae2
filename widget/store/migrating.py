"""Bringing a ledger to the current schema, once, however many processes start together."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, exc, make_url

from widget.domain.refusals import LedgerUnavailable
from widget.store.engine import begin_private, translated
from widget.store.pooler import opened, without_session

MIGRATIONS = Path(__file__).parents[2] / "migrations"
# Any number no other program takes as an advisory lock in the same database.
ADVISORY_LOCK = 7_305_803_117
LOCK_TIMEOUT = 2_000  # milliseconds a step waits for a table, less than a visitor who queues behind it
# What tells that others had a lock first, so that a step is undone: lock_not_available, deadlock_detected.
NOT_LOCKED = {"55P03", "40P01"}
LOCKED_OUT = 900.0  # seconds until it is given up, as long as a look through millions of rows may take
LOOK_EVERY = 0.1  # seconds between two tries


def migrate(database_url: str) -> None:
    """Create the ledger or bring it up to date; do nothing where it is. Safe to run in parallel.

    Raises LedgerUnavailable.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        with _file_lock(Path(f"{url.database}.migrating")):
            begin_private(Path(url.database))
            _upgrade(database_url)
    else:
        _upgrade(database_url)


def take_turn(connection: Connection, *, lasting: bool = False) -> None:
    """Wait until nobody else migrates this PostgreSQL database: until the transaction ends, or the session.

    A statement that waits for the lock would hold a snapshot, for which an index that is built beside
    signers waits in its turn, for ever. So it is asked for again and again.
    """
    kind = "pg_try_advisory_lock" if lasting else "pg_try_advisory_xact_lock"
    while not connection.exec_driver_sql(f"SELECT {kind}({ADVISORY_LOCK})").scalar_one():
        if lasting:
            connection.rollback()
        time.sleep(LOOK_EVERY)


def _upgrade(database_url: str) -> None:
    address, pooled = opened(database_url)
    by_steps = address.get_backend_name() != "sqlite" and not pooled
    bounds = {"options": f"-c statement_timeout=0 -c lock_timeout={LOCK_TIMEOUT}"} if by_steps else {}
    engine = create_engine(address, connect_args={**without_session(pooled), **bounds})
    try:
        with translated():
            if by_steps:
                _upgrade_by_steps(engine)
            else:
                _upgrade_at_once(engine)
    finally:
        engine.dispose()


def _upgrade_at_once(engine: Engine) -> None:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Behind a pooler, which lends a connection for one transaction.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            take_turn(connection)
        upgrade(connection)


def _upgrade_by_steps(engine: Engine) -> None:
    """Commit each revision by itself, so that no lock on a table outlasts its step.

    A lock that is not had soon is let go and asked for again: behind whoever waits for a table all others
    queue.
    """
    with engine.connect() as connection:
        take_turn(connection, lasting=True)
        connection.commit()
        deadline = time.monotonic() + LOCKED_OUT
        while True:
            try:
                upgrade(connection)
                connection.commit()
            except exc.OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in NOT_LOCKED or time.monotonic() > deadline:
                    raise
                connection.rollback()
                time.sleep(LOOK_EVERY)
            else:
                return


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate on a connection: in its transaction, or in one for each revision where there is none."""
    # Imported here: a web process never migrates, and Alembic takes eight megabytes of each.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["by_steps"] = not connection.in_transaction()
    command.upgrade(config, revision)


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        begin_private(path)
        handle = path.open("w")
    except OSError as error:
        raise LedgerUnavailable(str(error)) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
