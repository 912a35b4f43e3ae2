"""Signatures on paper, as books are kept: every line stays, and the number moves with it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from widget.domain.paper import PaperEntry, PaperFigure, counter_entry
from widget.domain.refusals import PaperNotFound, ReferenceTaken
from widget.store.engine import Database
from widget.store.ledger.tallies import shift_paper
from widget.store.tables import paper


class PaperRecords:
    """What the ledger knows of signatures on paper."""

    _database: Database

    def add_paper(self, petition_id: int, figure: PaperFigure, recorded_by: str, now: datetime) -> PaperEntry:
        """Add a figure and move the number with it.

        Raises ReferenceTaken, decided by the unique constraint: one scan counts once, also when two people
        record it at the same moment, or one does so again because no answer came.
        """
        try:
            with self._database.writing() as connection:
                return _enter(connection, petition_id, figure, recorded_by, now)
        except IntegrityError as error:
            raise ReferenceTaken(f"a scan '{figure.reference}' of this petition counts already") from error

    def take_back_paper(
        self, petition_id: int, entry_id: int, because: str, recorded_by: str, now: datetime
    ) -> PaperEntry:
        """Add the counter-entry of a figure that counts; two at once give one. Raises PaperNotFound."""
        with self._database.writing() as connection:
            ended = connection.execute(
                update(paper)
                .where(paper.c.id == entry_id, paper.c.petition_id == petition_id, paper.c.stands)
                .values(stands=False)
                .returning(*paper.c)
            ).one_or_none()
            if ended is None:
                raise PaperNotFound(f"this petition has no figure {entry_id} that counts")
            figure = counter_entry(_entry(ended).figure, because)
            return _enter(connection, petition_id, figure, recorded_by, now, takes_back=entry_id)

    def paper(self, petition_id: int) -> list[PaperEntry]:
        """Return every line of a petition's books about paper, the earliest first."""
        wanted = select(paper).where(paper.c.petition_id == petition_id).order_by(paper.c.id)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [_entry(row) for row in rows]


def _enter(
    connection: Connection,
    petition_id: int,
    figure: PaperFigure,
    recorded_by: str,
    now: datetime,
    *,
    takes_back: int | None = None,
) -> PaperEntry:
    values = asdict(figure) | {
        "petition_id": petition_id,
        "canonical_reference": figure.canonical_reference,
        "recorded_by": recorded_by,
        "recorded_at": now,
        "takes_back": takes_back,
        "stands": takes_back is None,
    }
    row = connection.execute(insert(paper).values(values).returning(*paper.c)).one()
    shift_paper(connection, petition_id, figure.count)
    return _entry(row)


def _entry(row: Row[Any]) -> PaperEntry:
    return PaperEntry(
        id=row.id,
        figure=PaperFigure(row._mapping["count"], row.place, row.collected_on, row.reference, row.note),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        takes_back=row.takes_back,
        stands=row.stands,
    )
