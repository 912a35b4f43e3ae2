"""Signers page by page, the newest first, and the reviews that there were."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text

from widget.domain.criteria import Criteria
from widget.domain.signature import Signature, State
from widget.store.bounded import PAGE_PATIENCE
from widget.store.engine import Database
from widget.store.ledger.reviewing import _conditions
from widget.store.ledger.signatures import _signature
from widget.store.tables import moves, signatures, wordings

# Written out, since SQLite takes an index of a part only when the query says which part.
_SET_ASIDE = text("signatures.state <> 'confirmed'")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review: its name, how many it moved where and why, and when it began."""

    batch: str
    moved: int
    target: State
    reason: str
    began_at: datetime


class BrowsingRecords:
    """What an organiser leafs through."""

    _database: Database

    def newest(
        self,
        petition_id: int,
        criteria: Criteria,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> list[Signature]:
        """Return signatures, the newest first: of those numbered below `before`, or just above `after`.

        A number is where a page goes on, so that the thousandth page costs what the first does.
        """
        numbers = _narrowed(petition_id, criteria)
        if before is not None:
            numbers = numbers.where(signatures.c.id < before)
        upwards = before is None and after is not None
        if upwards:
            numbers = numbers.where(signatures.c.id > after)
        order = signatures.c.id.asc() if upwards else signatures.c.id.desc()
        # The numbers alone stand in the index, with what a search compares; the rows are few.
        found = numbers.order_by(order).limit(limit).correlate(None)
        wanted = select(signatures).where(signatures.c.id.in_(found)).order_by(signatures.c.id.desc())
        with self._database.unhurried(along_indexes=True) as connection:
            return [_signature(row) for row in connection.execute(wanted)]

    def count_of_wording(self, petition_id: int, text_version: str, most: int) -> int:
        """Return how many signatures that count are under a wording; `most` where there are more."""
        first = (
            select(wordings.c.signed_after)
            .where(wordings.c.petition_id == petition_id, wordings.c.text_version == text_version)
            .scalar_subquery()
        )
        some = select(signatures.c.id).where(
            signatures.c.petition_id == petition_id,
            signatures.c.id > first,
            signatures.c.text_version == text_version,
            signatures.c.state == State.CONFIRMED.value,
        )
        counted = select(func.count()).select_from(some.limit(most).subquery())
        with self._database.unhurried(along_indexes=True) as connection:
            return int(connection.scalar(counted) or 0)

    def reviews(self, petition_id: int, *, limit: int) -> list[Reviewed]:
        """Return what was moved together, the latest first."""
        last = func.max(moves.c.id)
        wanted = (
            select(
                moves.c.batch,
                func.count().label("moved"),
                func.max(moves.c.target).label("target"),
                func.max(moves.c.reason).label("reason"),
                func.min(moves.c.moved_at).label("began_at"),
            )
            .where(moves.c.petition_id == petition_id, moves.c.batch.is_not(None))
            .group_by(moves.c.batch)
            .order_by(last.desc())
            .limit(limit)
        )
        with self._database.unhurried(within=PAGE_PATIENCE) as connection:
            rows = connection.execute(wanted).all()
        return [Reviewed(row.batch, row.moved, State(row.target), row.reason, row.began_at) for row in rows]


def _narrowed(petition_id: int, criteria: Criteria) -> Select[tuple[int]]:
    wanted = select(signatures.c.id).where(*_conditions(petition_id, criteria))
    if criteria.states and State.CONFIRMED not in criteria.states:
        return wanted.where(_SET_ASIDE)
    return wanted
