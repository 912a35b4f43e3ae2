"""The block and allow lists, as the ledger keeps them."""

from datetime import datetime

from sqlalchemy import Delete, delete, insert, select

from widget.domain.guard import Listing
from widget.domain.lists import Entry, Kind
from widget.store.engine import Database
from widget.store.tables import listings


class ListRecords:
    """What somebody wrote down about addresses, domains and networks."""

    _database: Database

    def put_listing(self, listing: Listing, kind: Kind, pattern: str, note: str, now: datetime) -> None:
        """Block or allow; what was said of the same pattern before is replaced."""
        with self._database.writing() as connection:
            connection.execute(_the(kind, pattern))
            connection.execute(
                insert(listings).values(kind=kind, pattern=pattern, listing=listing, note=note, listed_at=now)
            )

    def drop_listing(self, kind: Kind, pattern: str) -> bool:
        """Take an entry out; tell whether it was there."""
        with self._database.writing() as connection:
            return connection.execute(_the(kind, pattern)).rowcount > 0

    def listings(self) -> list[Entry]:
        """Return every entry, by kind and pattern."""
        wanted = select(listings).order_by(listings.c.kind, listings.c.pattern)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [Entry(Listing(r.listing), Kind(r.kind), r.pattern, r.note, r.listed_at) for r in rows]


def _the(kind: Kind, pattern: str) -> Delete:
    return delete(listings).where(listings.c.kind == kind, listings.c.pattern == pattern)
