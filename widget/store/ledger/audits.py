"""The public audit and the history of a signature, as they were written with every move."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select, union_all

from widget.domain.audit import AuditDay
from widget.domain.seen import Move
from widget.domain.signature import Actor, State
from widget.store.engine import Database
from widget.store.figure_tables import imported_days
from widget.store.ledger.tallies import AUDIT_COLUMNS
from widget.store.paper_tables import paper
from widget.store.tables import audit_days, moves


class AuditRecords:
    """What the ledger can prove."""

    _database: Database

    def audit(self, petition_id: int) -> list[AuditDay]:
        """Return the days on which anything happened, the earliest first."""
        sums = [func.sum(audit_days.c[name]).label(name) for name in AUDIT_COLUMNS]
        wanted = (
            select(audit_days.c.day, *sums)
            .where(audit_days.c.petition_id == petition_id)
            .group_by(audit_days.c.day)
            .order_by(audit_days.c.day)
        )
        brought = select(imported_days.c.day, imported_days.c.counted).where(
            imported_days.c.petition_id == petition_id
        )
        # First, so that it is never more than began to count, whatever comes in between.
        days = self._database.ask(lambda connection: connection.execute(brought).all())
        imported = {day: int(counted) for day, counted in days}
        rows = self._database.ask(lambda connection: connection.execute(wanted).mappings().all())
        # The sums are of no type that a check could know.
        return [
            AuditDay(
                row["day"],
                **{str(name): int(row[name]) for name in AUDIT_COLUMNS},  # type: ignore[arg-type]
                imported=imported.get(row["day"], 0),
            )
            for row in rows
        ]

    def changed_on(self, day: date, petition_ids: Collection[int]) -> dict[int, int]:
        """Return by petition how a day (UTC) changed the number; where nothing happened it is left out."""
        begins = datetime.combine(day, time(), UTC)
        one, left = audit_days.c, audit_days.c.withdrawn + audit_days.c.invalidated
        changes = union_all(
            select(one.petition_id, (one.confirmed - left + one.corrected).label("by")).where(
                one.day == day, one.petition_id.in_(petition_ids)
            ),
            select(paper.c.petition_id, paper.c.count).where(
                paper.c.petition_id.in_(petition_ids),
                paper.c.recorded_at >= begins,
                paper.c.recorded_at < begins + timedelta(days=1),
            ),
        ).subquery()
        wanted = select(changes.c.petition_id, func.sum(changes.c.by)).group_by(changes.c.petition_id)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return {petition_id: int(count) for petition_id, count in rows}

    def history(self, signature_id: int) -> list[Move]:
        """Return every move of a signature, the earliest first."""
        wanted = select(moves).where(moves.c.signature_id == signature_id).order_by(moves.c.id)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [
            Move(
                *(State(row.origin), State(row.target), row.moved_at, Actor(row.moved_by)),
                reason=row.reason,
                batch=row.batch,
            )
            for row in rows
        ]
