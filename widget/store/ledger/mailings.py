"""Mailings: an update on its way to those who asked for news, step by step, stopped, and on again."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, func, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain import update as rules
from widget.domain.letter import NOT_NEEDED, STOPPED
from widget.domain.refusals import UpdateNotFound
from widget.domain.signature import Occasion
from widget.domain.update import Course, Mailing, Update
from widget.store.bounded import PAGE_PATIENCE
from widget.store.ledger.outbox import LETTER_COLUMNS
from widget.store.ledger.updates import UpdateRecords
from widget.store.letter_tables import outbox, updates
from widget.store.tables import signatures

UNFINISHED = (Mailing.GOING, Mailing.STOPPED)


class MailingRecords(UpdateRecords):
    """What the ledger knows of updates and of how far they are."""

    def stop_mailing(self, update_id: int) -> Update:
        """Let no more letters of an update go out; it stays on the page. Raises UpdateNotFound."""
        going = (updates.c.id == update_id, updates.c.mailing.in_([Mailing.GOING, Mailing.DONE]))
        with self._database.writing() as connection:
            connection.execute(update(updates).where(*going).values(mailing=Mailing.STOPPED))
        return self.update_by_id(update_id)

    def resume_mailing(self, update_id: int, now: datetime) -> bool:
        """Let a mailing that was stopped go on, from where it was; tell whether it was stopped.

        Of two that press at once one does. Its letters that were given up because it was stopped wait again,
        if whoever they are for still counts and wants news; one that was sent is not touched.
        """
        stopped = (updates.c.id == update_id, updates.c.mailing == Mailing.STOPPED)
        # The pace is kept, and a long stop is not taken for a worker that stands still.
        at_least = literal(now - rules.STEP_AT_MOST, updates.c.fed_at.type)
        fed_at = case((updates.c.fed_at > at_least, updates.c.fed_at), else_=at_least)
        with self._database.writing(unhurried=PAGE_PATIENCE) as connection:
            # The mailing first: a worker that is giving one of its letters up waits for us, or we for it.
            on = update(updates).where(*stopped).values(mailing=Mailing.GOING, fed_at=fed_at)
            if connection.execute(on).rowcount == 0:
                return False
            # One that is being erased at the moment is passed over: so nobody waits in a ring.
            again = _cut_off(update_id).order_by(outbox.c.id).with_for_update(skip_locked=True, of=outbox)
            fresh = {"given_up_because": None, "due_at": now, "attempts": 0}
            connection.execute(update(outbox).where(outbox.c.id.in_(again)).values(fresh))
        return True

    def count_left_out(self, update_id: int) -> int:
        """Return how many would get a letter if a mailing that was stopped went on. Raises UpdateNotFound."""
        cut_off = select(func.count()).select_from(_cut_off(update_id).subquery()).scalar_subquery()
        with self._database.unhurried(within=PAGE_PATIENCE) as connection:
            wanted = select(_UNWRITTEN + _STILL_WAITING + cut_off).where(updates.c.id == update_id)
            found = connection.scalar(wanted)
        if found is None:
            raise UpdateNotFound(str(update_id))
        return int(found)

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


def _cut_off(update_id: int) -> Select[Any]:
    """Find the letters that were given up because the mailing was stopped, and are wanted still."""
    return (
        select(outbox.c.id)
        .select_from(outbox.join(signatures))
        .where(outbox.c.update_id == update_id, outbox.c.sent_at.is_(None), _GIVEN_UP)
        .where(outbox.c.given_up_because == NOT_NEEDED + STOPPED, _WANT_NEWS)
    )


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


_LETTERS = {"sqlite": _letters(sqlite), "postgresql": _letters(postgresql)}
# As the index ix_signatures_news says it.
_WANT_NEWS = text("state = 'confirmed' AND consent_at IS NOT NULL")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_ANY_GOING = select(updates.c.id).where(updates.c.mailing == Mailing.GOING).limit(1)
_GOING = select(updates).where(updates.c.mailing == Mailing.GOING).order_by(updates.c.id).with_for_update()
# Letters by what became of them: each count has an index of its own, however many there are in all.
_UNSENT = text("sent_at IS NULL AND given_up_because IS NULL")
_GIVEN_UP = text("given_up_because IS NOT NULL AND update_id IS NOT NULL")
_NEEDLESS = outbox.c.given_up_because.startswith(NOT_NEEDED)


def _letters_that(*conditions: Any) -> Any:
    return select(func.count()).where(outbox.c.update_id == updates.c.id, *conditions).scalar_subquery()


_UNWRITTEN = (
    select(func.count())
    .select_from(signatures)
    .where(signatures.c.petition_id == updates.c.petition_id, signatures.c.id > updates.c.reached)
    .where(signatures.c.id <= updates.c.up_to, updates.c.mailing.in_(UNFINISHED), _WANT_NEWS)
    .scalar_subquery()
)
_STILL_WAITING = (
    select(func.count())
    .select_from(outbox.join(signatures))
    .where(outbox.c.update_id == updates.c.id, _UNSENT, _WANT_NEWS)
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
    select(outbox.c.id).where(_UNSENT).where(outbox.c.update_id.is_not(None), outbox.c.attempts == 0).limit(1)
)
