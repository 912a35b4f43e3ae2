"""Signatures on paper, as books are kept: every line stays, and the number moves with it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from widget.domain.paper import PaperEntry, PaperFigure, counter_entry
from widget.domain.paper_names import PaperName
from widget.domain.refusals import PaperNotFound, ReferenceTaken
from widget.store.engine import Database
from widget.store.ledger.tallies import shift_paper
from widget.store.paper_tables import paper, paper_names


class PaperRecords:
    """What the ledger knows of signatures on paper."""

    _database: Database

    def add_paper(
        self,
        petition_id: int,
        figure: PaperFigure,
        recorded_by: str,
        now: datetime,
        names: Sequence[PaperName] = (),
    ) -> PaperEntry:
        """Add a figure, with the people on it if they are known, and move the number with it.

        Raises ReferenceTaken, decided by the unique constraint: one scan counts once, also when two people
        record it at the same moment, or one does so again because no answer came.
        """
        try:
            with self._database.writing() as connection:
                entry = _enter(connection, petition_id, figure, recorded_by, now)
                if names:
                    rows = [{"paper_id": entry.id, **asdict(name)} for name in names]
                    connection.execute(insert(paper_names), rows)
                return replace(entry, names=len(names))
        except IntegrityError as error:
            raise ReferenceTaken(f"a scan '{figure.reference}' of this petition counts already") from error

    def take_back_paper(
        self, petition_id: int, entry_id: int, because: str, recorded_by: str, now: datetime
    ) -> PaperEntry:
        """Add the counter-entry of a figure that counts; two at once give one. Raises PaperNotFound.

        The people on it are forgotten: nothing is left for which they would be kept.
        """
        with self._database.writing() as connection:
            ended = connection.execute(
                update(paper)
                .where(paper.c.id == entry_id, paper.c.petition_id == petition_id, paper.c.stands)
                .values(stands=False)
                .returning(*paper.c)
            ).one_or_none()
            if ended is None:
                raise PaperNotFound(f"this petition has no figure {entry_id} that counts")
            connection.execute(delete(paper_names).where(paper_names.c.paper_id == entry_id))
            figure = counter_entry(_entry(ended).figure, because)
            return _enter(connection, petition_id, figure, recorded_by, now, takes_back=entry_id)

    def paper(self, petition_id: int) -> list[PaperEntry]:
        """Return every line of a petition's books about paper, the earliest first."""
        known = select(func.count()).where(paper_names.c.paper_id == paper.c.id).scalar_subquery()
        wanted = select(paper, known.label("names")).where(paper.c.petition_id == petition_id)
        rows = self._database.ask(lambda connection: connection.execute(wanted.order_by(paper.c.id)).all())
        return [_entry(row, names=row.names) for row in rows]

    def paper_names(self, petition_id: int, entry_id: int) -> list[tuple[int, PaperName]]:
        """Return who stands on a figure of this petition, each with a number, in the order of the sheet."""
        wanted = (
            select(paper_names)
            .join(paper)
            .where(paper.c.id == entry_id, paper.c.petition_id == petition_id)
            .order_by(paper_names.c.id)
        )
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [(row.id, PaperName(row.name, row.from_place)) for row in rows]

    def forget_paper_name(self, petition_id: int, entry_id: int, name_id: int) -> bool:
        """Delete one name, and tell whether it was there. The figure stays what it was."""
        mine = select(paper.c.id).where(paper.c.id == entry_id, paper.c.petition_id == petition_id)
        chosen = paper_names.c.id == name_id, paper_names.c.paper_id.in_(mine)
        with self._database.writing() as connection:
            return connection.execute(delete(paper_names).where(*chosen)).rowcount > 0


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


def _entry(row: Row[Any], names: int = 0) -> PaperEntry:
    return PaperEntry(
        id=row.id,
        figure=PaperFigure(row._mapping["count"], row.place, row.collected_on, row.reference, row.note),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        takes_back=row.takes_back,
        stands=row.stands,
        names=names,
    )
