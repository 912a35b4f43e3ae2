"""Those who let their names be shown, for the petitions whose organisers want a list."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select, text

from widget.store.engine import Database
from widget.store.tables import signatures


@dataclass(frozen=True, slots=True)
class Named:
    """A signer as everybody may see them. `place` orders the list, and names where a page of it ends."""

    place: int
    given_name: str
    family_name: str
    country: str
    day: date


class NamedRecords:
    """Who stands in a public list."""

    _database: Database

    def named(self, petition_id: int, *, before: int | None, limit: int) -> list[Named]:
        """Return those who count and show their name, the newest first, from `before` a place on."""
        columns = signatures.c
        wanted = (
            select(columns.id, columns.given_name, columns.family_name, columns.country, columns.signed_at)
            .where(columns.petition_id == petition_id, _LISTED, _HAS_A_NAME)
            .order_by(columns.id.desc())
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(columns.id < before)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [
            Named(row.id, row.given_name, row.family_name, row.country, row.signed_at.date()) for row in rows
        ]

    def count_named(self, petition_id: int) -> int:
        """Return how many there are of them."""
        wanted = (
            select(func.count())
            .select_from(signatures)
            .where(signatures.c.petition_id == petition_id, _LISTED, _HAS_A_NAME)
        )
        with self._database.unhurried() as connection:
            return int(connection.scalar(wanted) or 0)


# A form may ask for no name at all.
_HAS_A_NAME = or_(signatures.c.given_name != "", signatures.c.family_name != "")
# As the index ix_signatures_public says it.
_LISTED = text("state = 'confirmed' AND show_name")
