"""Which sites have shown a petition's widget: told by web processes, forgotten after a while."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.site import AT_MOST, Sighting, kept
from widget.store.engine import Database
from widget.store.sighting_tables import sightings
from widget.store.tables import petitions


class SightingRecords:
    """What the ledger knows of partner sites."""

    _database: Database

    def note_sightings(self, seen: Mapping[tuple[int, str], datetime]) -> None:
        """Note that sites were seen, by petition and site, each at its hour; what `kept` leaves out goes.

        Two processes may tell of the same sites at once: they are written in one order, and what is taken out
        waits for nobody, so that neither ever waits for the other in a ring.
        """
        rows = [
            {"petition": petition_id, "called": site, "at": at}
            for (petition_id, site), at in sorted(seen.items())
        ]
        if not rows:
            return
        with self._database.writing() as connection:
            connection.execute(_NOTE[connection.dialect.name], rows)
        for petition_id in sorted({petition_id for petition_id, _ in seen}):
            self._make_room(petition_id)

    def sightings(self, petition_id: int) -> list[Sighting]:
        """Return the sites that have shown a petition's widget, the one seen last first."""
        wanted = _listed(petition_id).limit(AT_MOST)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [_sighting(row) for row in rows]

    def count_sightings(self, before: datetime) -> int:
        """Return how many sites of all petitions were last seen before a moment."""
        old = select(func.count()).where(sightings.c.last_seen_at < before)
        return self._database.ask(lambda connection: int(connection.scalar(old) or 0))

    def forget_sightings(self, before: datetime) -> int:
        """Forget the sites that were last seen before a moment; tell how many."""
        with self._database.writing() as connection:
            return _take_out(connection, sightings.c.last_seen_at < before)

    def _make_room(self, petition_id: int) -> None:
        wanted = _listed(petition_id).limit(10 * AT_MOST)
        found = [_sighting(row) for row in self._database.ask(lambda one: one.execute(wanted).all())]
        if len(found) <= AT_MOST:
            return
        of_list = select(petitions.c.allowed_origins).where(petitions.c.id == petition_id)
        allowed = self._database.ask(lambda connection: connection.scalar(of_list)) or ()
        staying = {one.site for one in kept(found, allowed)}
        surplus = [one.site for one in found if one.site not in staying]
        with self._database.writing() as connection:
            _take_out(connection, sightings.c.petition_id == petition_id, sightings.c.site.in_(surplus))


def _sighting(row: Any) -> Sighting:
    return Sighting(row.site, row.first_seen_at, row.last_seen_at)


def _listed(petition_id: int) -> Any:
    # Of those seen in the same hour the ones known for longest come first.
    return (
        select(sightings)
        .where(sightings.c.petition_id == petition_id)
        .order_by(sightings.c.last_seen_at.desc(), sightings.c.first_seen_at, sightings.c.site)
    )


def _take_out(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    """Take out those that nobody else has in hand."""
    key = (sightings.c.petition_id, sightings.c.site)
    free = connection.execute(select(*key).where(*conditions).with_for_update(skip_locked=True)).all()
    gone = delete(sightings).where(
        sightings.c.petition_id == bindparam("petition"), sightings.c.site == bindparam("called")
    )
    if free:
        connection.execute(gone, [{"petition": row.petition_id, "called": row.site} for row in free])
    return len(free)


def _note(dialect: Any) -> Any:
    # From the petitions there are: one that a restore has taken away is no matter.
    at = bindparam("at", type_=sightings.c.first_seen_at.type)
    row = select(petitions.c.id, bindparam("called", type_=sightings.c.site.type), at, at).where(
        petitions.c.id == bindparam("petition")
    )
    names = ["petition_id", "site", "first_seen_at", "last_seen_at"]
    told = dialect.insert(sightings).from_select(names, row)
    return told.on_conflict_do_update(
        index_elements=[sightings.c.petition_id, sightings.c.site],
        set_={"last_seen_at": told.excluded.last_seen_at},
        where=told.excluded.last_seen_at > sightings.c.last_seen_at,
    )


_NOTE = {"sqlite": _note(sqlite), "postgresql": _note(postgresql)}
