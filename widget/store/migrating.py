"""Bringing a ledger to the current schema, once, however many processes start together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url

from widget.domain.refusals import LedgerUnavailable
from widget.store.engine import begin_private, translated
from widget.store.pooler import opened, without_session

MIGRATIONS = Path(__file__).parents[2] / "migrations"
# Any number no other program takes as an advisory lock in the same database.
ADVISORY_LOCK = 7_305_803_116


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


def _upgrade(database_url: str) -> None:
    address, pooled = opened(database_url)
    engine = create_engine(address, connect_args=without_session(pooled))
    try:
        with translated(), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Held until the transaction ends; a replica that waited finds nothing left to do.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            upgrade(connection)
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate on a connection, in its transaction."""
    # Imported here: a web process never migrates, and Alembic takes eight megabytes of each.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
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
