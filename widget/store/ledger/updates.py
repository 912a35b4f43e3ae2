"""Updates: drafted, published once and for good; mailings.py sends them out."""

from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import (
    Row,
    delete,
    func,
    insert,
    select,
    update,
)

from widget.domain.refusals import EditedMeanwhile, UpdateNotFound, UpdatePublished
from widget.domain.update import Kind, Mailing, Update, UpdateDraft
from widget.store.engine import Database
from widget.store.letter_tables import updates
from widget.store.tables import petitions, signatures


class UpdateRecords:
    """What the ledger knows of updates."""

    _database: Database

    def add_update(self, petition_id: int, draft: UpdateDraft, now: datetime) -> Update:
        """Keep a draft. Nobody but the organiser sees it."""
        values = {"petition_id": petition_id, "created_at": now, "mailing": Mailing.NONE, **_written(draft)}
        fresh = insert(updates).values(**values, reached=0, up_to=0, mailed=0)
        with self._database.writing() as connection:
            return _update(connection.execute(fresh.returning(*updates.c)).one())

    def rewrite_update(self, update_id: int, draft: UpdateDraft, *, seen: Update | None = None) -> Update:
        """Put other words into a draft; it is untested then.

        `seen` is the draft as it was read: with other words in it by now nothing is stored. Raises
        UpdateNotFound, UpdatePublished, EditedMeanwhile.
        """
        return self._while_draft(update_id, seen, **_written(draft), tested_at=None)

    def note_tested(self, update_id: int, now: datetime, *, seen: Update | None = None) -> Update:
        """Note that a draft was sent as a test. Raises as `rewrite_update`."""
        return self._while_draft(update_id, seen, tested_at=now)

    def publish_update(
        self, update_id: int, now: datetime, *, mailing: bool, seen: Update | None = None
    ) -> Update:
        """Put a draft on the petition's page, and begin to mail it to those who have signed by now.

        Of two that publish at once one does. Raises as `rewrite_update`.
        """
        last = select(func.coalesce(func.max(signatures.c.id), 0)).scalar_subquery()
        goes = Mailing.GOING if mailing else Mailing.NONE
        return self._while_draft(update_id, seen, published_at=now, mailing=goes, up_to=last)

    def remove_draft(self, update_id: int, *, seen: Update | None = None) -> None:
        """Delete a draft for good. Raises as `rewrite_update`."""
        with self._database.writing() as connection:
            gone = connection.execute(delete(updates).where(*_draft(update_id, seen))).rowcount
        if not gone:
            self._refuse(update_id)

    def update_by_id(self, update_id: int, petition_id: int | None = None) -> Update:
        """Return an update, of a petition if one is named. Raises UpdateNotFound."""
        wanted = select(updates).where(updates.c.id == update_id)
        if petition_id is not None:
            wanted = wanted.where(updates.c.petition_id == petition_id)
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        if row is None:
            raise UpdateNotFound(str(update_id))
        return _update(row)

    def updates(self, petition_id: int, *, published: bool = False, limit: int = 1_000) -> list[Update]:
        """Return the updates of a petition, the newest first; `published` leaves out the drafts."""
        newest = func.coalesce(updates.c.published_at, updates.c.created_at)
        wanted = select(updates).where(updates.c.petition_id == petition_id)
        if published:
            wanted = wanted.where(updates.c.published_at.is_not(None))
        wanted = wanted.order_by(newest.desc(), updates.c.id.desc()).limit(limit)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [_update(row) for row in rows]

    def _while_draft(self, update_id: int, seen: Update | None, **values: Any) -> Update:
        with self._database.writing() as connection:
            row = connection.execute(
                update(updates).where(*_draft(update_id, seen)).values(values).returning(*updates.c)
            ).one_or_none()
            if row is not None and "published_at" in values:
                connection.execute(
                    update(petitions)
                    .where(petitions.c.id == row.petition_id)
                    .values(revision=petitions.c.revision + 1)
                )
        return _update(row) if row is not None else self._refuse(update_id)

    def _refuse(self, update_id: int) -> NoReturn:
        """Say why an update is not the draft that somebody has in hand."""
        if self.update_by_id(update_id).published_at is None:
            raise EditedMeanwhile(str(update_id))
        raise UpdatePublished(str(update_id))


def _draft(update_id: int, seen: Update | None) -> list[Any]:
    words = _written(seen) if seen is not None else {}
    known = [updates.c[name] == value for name, value in words.items()]
    return [updates.c.id == update_id, updates.c.published_at.is_(None), *known]


def _written(draft: UpdateDraft | Update) -> dict[str, Any]:
    return {"kind": draft.kind, "lang": draft.lang, "title": draft.title, "text": draft.text}


def _update(row: Row[Any]) -> Update:
    known = {name: row._mapping[name] for name in Update.__dataclass_fields__}
    return Update(**known | {"kind": Kind(row.kind), "mailing": Mailing(row.mailing)})
