"""Filling what a search compares into signatures that were written without it, few at a time.

Those of before there was a search, and what a process of the version before writes beside a new one.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select, update

from widget.domain.folding import found_by
from widget.store.engine import Database
from widget.store.tables import signatures

# Of somebody with an address it is never empty: it has two ends of line at the least.
_MISSING = (signatures.c.found_by == "", signatures.c.canonical_email.is_not(None))
_FILL = update(signatures).where(signatures.c.id == bindparam("number")).values(found_by=bindparam("words"))


class IndexingRecords:
    """What the ledger has yet to let a search find."""

    _database: Database

    def last_signature(self) -> int:
        """Return the highest number of a signature, 0 where there is none."""
        wanted = select(func.max(signatures.c.id))
        return self._database.ask(lambda connection: connection.scalar(wanted)) or 0

    def unindexed(self, after: int, until: int, limit: int) -> list[int]:
        """Return signatures that no search finds, above one number and up to another, the lowest first."""
        here = signatures.c.id > after, signatures.c.id <= until
        wanted = select(signatures.c.id).where(*here, *_MISSING).order_by(signatures.c.id).limit(limit)
        return list(self._database.ask(lambda connection: connection.scalars(wanted).all()))

    def index(self, found: Sequence[int]) -> list[int]:
        """Let a search find those of them that still are not and that nobody has in hand; return these."""
        column = signatures.c
        wanted = (
            select(column.id, column.given_name, column.family_name, column.canonical_email, column.page_url)
            .where(column.id.in_(found), *_MISSING)
            .order_by(column.id)
            .with_for_update(skip_locked=True, key_share=True)
        )
        with self._database.writing() as connection:
            rows = connection.execute(wanted).all()
            if rows:
                connection.execute(_FILL, [{"number": row[0], "words": found_by(*row[1:])} for row in rows])
        return [row.id for row in rows]
