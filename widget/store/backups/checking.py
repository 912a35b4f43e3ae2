"""What every backup is asked before and after: is it ours, is it known, do its numbers add up."""

from datetime import UTC, datetime

from sqlalchemy import Connection, case, func, inspect, select, update

from widget.domain.signature import COUNTABLE
from widget.store.migrating import MIGRATIONS
from widget.store.organiser_tables import one_time_links, organisers
from widget.store.tables import petitions, signatures, tally

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# More than any ledger changes one petition in a second: a version made from a later moment is a higher one.
_VERSIONS_A_SECOND = 10_000


class Unrestorable(Exception):
    """A ledger that cannot be copied, or a copy that cannot be restored; the text says why."""


def revision_of(connection: Connection) -> str:
    """Return the revision of a ledger's schema. Raises Unrestorable where there is none."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - see migrating.upgrade

    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        raise Unrestorable("there is no ledger in this database")
    return found


def is_known(revision: str) -> bool:
    """Tell whether this version of the service has heard of a schema."""
    from alembic.config import Config  # noqa: PLC0415 - see migrating.upgrade
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return revision in {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}


def check_known(revision: str) -> None:
    """Refuse a schema that this version of the service has never heard of."""
    if not is_known(revision):
        raise Unrestorable(f"the backup is of a newer version (schema {revision}): update first")


def check_empty(connection: Connection) -> None:
    """Refuse to write over petitions."""
    if inspect(connection).has_table("petitions") and size(connection)[0]:
        raise Unrestorable("the ledger has petitions; --replace puts the backup in their place")


def size(connection: Connection) -> tuple[int, int]:
    """Return how many petitions and signatures there are."""
    counts = (connection.scalar(select(func.count()).select_from(table)) for table in (petitions, signatures))
    return next(counts) or 0, next(counts) or 0


def raise_versions(connection: Connection, now: datetime) -> None:
    """Give every tally a version above all that was ever published of it, also since the backup."""
    least = int((now - _BEGINNING).total_seconds() * _VERSIONS_A_SECOND)
    sums = select(tally.c.petition_id, func.sum(tally.c.changes)).group_by(tally.c.petition_id)
    for petition_id, version in connection.execute(sums).all():
        connection.execute(
            update(tally)
            .where(tally.c.petition_id == petition_id, tally.c.slot == 0)
            .values(changes=tally.c.changes + max(1, least - int(version)))
        )


def shut_the_door(connection: Connection, now: datetime) -> None:
    """End every session of organisers and every open link, also what was ended or used since the backup."""
    least = int((now - _BEGINNING).total_seconds())  # nobody ends sessions once a second for years
    epoch = organisers.c.session_epoch
    connection.execute(update(organisers).values(session_epoch=case((epoch < least, least), else_=epoch + 1)))
    still_open = one_time_links.c.used_at.is_(None) & (one_time_links.c.expires_at > now)
    connection.execute(update(one_time_links).where(still_open).values(expires_at=now))


def drifts(connection: Connection) -> dict[int, int]:
    """Count all signatures one by one; return by petition how many too many the tally says, where it does."""
    told = dict.fromkeys(connection.scalars(select(petitions.c.id)), 0)
    sums = select(tally.c.petition_id, func.sum(tally.c.here)).group_by(tally.c.petition_id)
    for petition_id, here in connection.execute(sums):
        told[petition_id] = int(here)
    states = [str(state) for state in COUNTABLE]
    counted = (
        select(signatures.c.petition_id, func.count())
        .where(signatures.c.state.in_(states))
        .group_by(signatures.c.petition_id)
    )
    for petition_id, rows in connection.execute(counted):
        told[petition_id] = told.get(petition_id, 0) - int(rows)
    return {petition_id: drift for petition_id, drift in told.items() if drift}
