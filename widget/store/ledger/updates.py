"""Updates: drafted, published once and for good, and mailed step by step to those who asked for news."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain import update as rules
from widget.domain.refusals import EditedMeanwhile, UpdateNotFound, UpdatePublished
from widget.domain.signature import Occasion
from widget.domain.update import Course, Kind, Mailing, Update, UpdateDraft
from widget.store.bounded import PAGE_PATIENCE
from widget.store.engine import Database
from widget.store.ledger.outbox import LETTER_COLUMNS
from widget.store.letter_tables import outbox, updates
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

    def stop_mailing(self, update_id: int) -> Update:
        """Let no more letters of an update go out; it stays on the page. Raises UpdateNotFound."""
        going = (updates.c.id == update_id, updates.c.mailing.in_([Mailing.GOING, Mailing.DONE]))
        with self._database.writing() as connection:
            connection.execute(update(updates).where(*going).values(mailing=Mailing.STOPPED))
        return self.update_by_id(update_id)

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

    def count_who_want_news(self, petition_id: int) -> int:
        """Return how many of a petition's signers would get an update now."""
        wanted = select(func.count()).select_from(signatures)
        mine = wanted.where(signatures.c.petition_id == petition_id, _WANT_NEWS)
        with self._database.unhurried(within=PAGE_PATIENCE) as connection:
            return int(connection.scalar(mine) or 0)

    def course(self, update_id: int) -> Course:
        """Tell how far a mailing is. Raises UpdateNotFound."""
        with self._database.unhurried(within=PAGE_PATIENCE) as connection:
            found = connection.execute(_COURSE, {"update": update_id}).one_or_none()
        if found is None:
            raise UpdateNotFound(str(update_id))
        return Course(**found._mapping)

    def feed_outbox(self, now: datetime, *, per_minute: int) -> int:
        """Write the next few letters of the mailing that has waited longest; tell how many.

        Never more than `per_minute` of all mailings together, and none while those of the last step still
        wait. The rows of all mailings that go on are locked first, so that several workers take turns. A
        step is one transaction: killed at any point it is done or it is not, and the unique index lets nobody
        get an update twice.
        """
        limit, apart = rules.step(per_minute)
        if not self._database.ask(lambda connection: connection.scalar(_ANY_GOING)):
            return 0
        with self._database.writing() as connection:
            going = connection.execute(_GOING).all()
            if not going or max(one.fed_at or _LONG_AGO for one in going) + apart > now:
                return 0
            if connection.scalar(_WAITING) is not None:
                return 0
            next_one = min(going, key=lambda one: (one.fed_at or _LONG_AGO, one.id))
            return _feed(connection, next_one, now, limit)

    def _while_draft(self, update_id: int, seen: Update | None, **values: Any) -> Update:
        draft = [updates.c.id == update_id, updates.c.published_at.is_(None)]
        if seen is not None:
            draft += [updates.c[name] == value for name, value in _written(seen).items()]
        with self._database.writing() as connection:
            row = connection.execute(
                update(updates).where(*draft).values(values).returning(*updates.c)
            ).one_or_none()
            if row is not None and "published_at" in values:
                connection.execute(
                    update(petitions)
                    .where(petitions.c.id == row.petition_id)
                    .values(revision=petitions.c.revision + 1)
                )
        if row is not None:
            return _update(row)
        if self.update_by_id(update_id).published_at is None:
            raise EditedMeanwhile(str(update_id))
        raise UpdatePublished(str(update_id))


def _feed(connection: Connection, one: Row[Any], now: datetime, limit: int) -> int:
    wanted = (
        select(signatures.c.id)
        .where(signatures.c.petition_id == one.petition_id, signatures.c.id > one.reached)
        .where(signatures.c.id <= one.up_to, _WANT_NEWS)
        .order_by(signatures.c.id)
        .limit(limit)
    )
    found = connection.scalars(wanted).all()
    written = 0
    if found:
        written = len(connection.execute(_LETTERS[connection.dialect.name](one.id, found, now)).all())
    ended = len(found) < limit
    connection.execute(
        update(updates)
        .where(updates.c.id == one.id)
        .values(
            reached=one.up_to if ended else found[-1],
            fed_at=now,
            mailed=updates.c.mailed + written,
            mailing=Mailing.DONE if ended else Mailing.GOING,
        )
    )
    return written


def _letters(dialect: Any) -> Any:
    def statement(update_id: int, signature_ids: list[int], now: datetime) -> Any:
        # Still there and still wanting: somebody may have left since they were found.
        letter = select(
            signatures.c.id,
            literal(Occasion.UPDATE.value),
            literal(now, outbox.c.written_at.type),
            literal(now, outbox.c.due_at.type),
            literal(0),
            literal(update_id),
        ).where(signatures.c.id.in_(signature_ids), _WANT_NEWS)
        return (
            dialect.insert(outbox)
            .from_select([*LETTER_COLUMNS, "update_id"], letter)
            .on_conflict_do_nothing(
                index_elements=["update_id", "signature_id"], index_where=text("update_id IS NOT NULL")
            )
            .returning(outbox.c.id)
        )

    return statement


def _written(draft: UpdateDraft | Update) -> dict[str, Any]:
    return {"kind": draft.kind, "lang": draft.lang, "title": draft.title, "text": draft.text}


def _update(row: Row[Any]) -> Update:
    known = {name: row._mapping[name] for name in Update.__dataclass_fields__}
    return Update(**known | {"kind": Kind(row.kind), "mailing": Mailing(row.mailing)})


_LETTERS = {"sqlite": _letters(sqlite), "postgresql": _letters(postgresql)}
# As the index ix_signatures_news says it.
_WANT_NEWS = text("state = 'confirmed' AND consent_at IS NOT NULL")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_ANY_GOING = select(updates.c.id).where(updates.c.mailing == Mailing.GOING).limit(1)
_GOING = select(updates).where(updates.c.mailing == Mailing.GOING).order_by(updates.c.id).with_for_update()
# Letters by what became of them: each count has an index of its own, however many there are in all.
_UNSENT = text("sent_at IS NULL AND given_up_because IS NULL")
_GIVEN_UP = text("given_up_because IS NOT NULL AND update_id IS NOT NULL")
_NEEDLESS = outbox.c.given_up_because.startswith("not needed")


def _letters_that(*conditions: Any) -> Any:
    return select(func.count()).where(outbox.c.update_id == updates.c.id, *conditions).scalar_subquery()


_UNWRITTEN = (
    select(func.count())
    .select_from(signatures)
    .where(signatures.c.petition_id == updates.c.petition_id, signatures.c.id > updates.c.reached)
    .where(signatures.c.id <= updates.c.up_to, updates.c.mailing == Mailing.GOING, _WANT_NEWS)
    .scalar_subquery()
)
_others = updates.alias()
_COURSE = select(
    updates.c.mailed.label("written"),
    _UNWRITTEN.label("unwritten"),
    _letters_that(_UNSENT).label("waiting"),
    _letters_that(_GIVEN_UP, ~_NEEDLESS).label("failed"),
    _letters_that(_GIVEN_UP, _NEEDLESS).label("needless"),
    updates.c.fed_at.label("stepped_at"),
    select(func.count()).where(_others.c.mailing == Mailing.GOING).scalar_subquery().label("mailings"),
).where(updates.c.id == bindparam("update"))
_WAITING = (
    select(outbox.c.id)
    .where(text("sent_at IS NULL AND given_up_because IS NULL"))
    .where(outbox.c.update_id.is_not(None), outbox.c.attempts == 0)
    .limit(1)
)
