"""A petition's signatures stretch by stretch, for a table that goes out while others sign."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from widget.domain.signature import Signature, State
from widget.store.engine import Database
from widget.store.ledger.signatures import _signature
from widget.store.tables import signatures

# Signatures that one question looks at. However few of millions are wanted, each question is short.
STRETCH = 10_000


class ExportRecords:
    """What is taken out."""

    _database: Database

    def stretch(
        self, petition_id: int, states: Collection[State], *, after: int, limit: int
    ) -> tuple[list[Signature], int | None]:
        """Return the next signatures in these states, `limit` at most, and the number to go on after.

        In the order they came. There may be none though more follow; None is the end. No connection is
        kept, and the limits are those of any visitor's question. Raises LedgerUnavailable.
        """
        mine = signatures.c.petition_id == petition_id, signatures.c.id > after
        last = select(signatures.c.id).where(*mine).order_by(signatures.c.id).offset(STRETCH - 1).limit(1)
        wanted = (
            select(signatures)
            .where(*mine, signatures.c.state.in_(sorted(states)))
            .order_by(signatures.c.id)
            .limit(limit)
        )

        def question(connection: Connection) -> tuple[list[Signature], int | None]:
            end = connection.scalar(last)
            within = wanted if end is None else wanted.where(signatures.c.id <= end)
            found = [_signature(row) for row in connection.execute(within)]
            return found, found[-1].id if len(found) == limit else end

        return self._database.ask(question)
