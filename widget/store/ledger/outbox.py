"""The outbox: letters written with what causes them, claimed by one worker at a time, sent and marked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Insert,
    Select,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.guard import WITHOUT_LETTER
from widget.domain.letter import NOT_NEEDED, REMIND_AFTER, STOPPED, Letter
from widget.domain.signature import LETTER_PAUSE, LETTERS_AT_MOST, Occasion, State
from widget.domain.update import Mailing
from widget.store.engine import Database
from widget.store.ledger.letters import READ, letter_of
from widget.store.letter_tables import outbox, updates
from widget.store.tables import signatures

LETTER_COLUMNS = ["signature_id", "occasion", "written_at", "due_at", "attempts"]
FAILURE_LENGTH = 200
COUNTED = 100_000  # letters that are counted; beyond that the number says enough


@dataclass(frozen=True, slots=True)
class Standing:
    """How many letters are due and not sent, and the seconds since the first of them is; 0 if none."""

    waiting: int
    age: float


class OutboxRecords:
    """What the ledger knows of letters."""

    _database: Database

    def letter_is_due(self, now: datetime) -> bool:
        """Tell whether there is a letter that nobody else has in hand."""
        found = self._database.ask(lambda connection: connection.scalar(_NEXT, {"now": now}))
        return found is not None

    def claim_letter(self, now: datetime, *, worker: str, until: datetime) -> Letter | None:
        """Take the letter that has waited longest, for this worker alone until `until`; None if none waits.

        Taking it counts as an attempt, so that a letter which ends its worker each time is seen.
        """
        values = {"now": now, "worker": worker, "until": until}
        with self._database.writing() as connection:
            # News only when nobody waits for a letter about their own signature.
            letter_id = connection.scalar(_CLAIM_OWN, values) or connection.scalar(_CLAIM_NEWS, values)
            return None if letter_id is None else letter_of(connection.execute(READ, {"letter": letter_id}))

    def mark_letter_sent(self, letter_id: int, now: datetime) -> bool:
        """Mark a letter as sent, whoever has it in hand by now; tell whether it was not marked before.

        A letter that asks to confirm leaves its reminder behind, once, if the person may get another.
        """
        with self._database.writing() as connection:
            # The signature before its letter, as whoever erases it, and as strongly: else both might get past
            # the signature and wait for each other at the letter.
            connection.execute(_KEEP, {"letter": letter_id})
            row = connection.execute(_SENT, {"letter": letter_id, "now": now}).one_or_none()
            if row is None:
                return False
            if row.occasion == Occasion.CONFIRMATION:
                values = {"signature": row.signature_id, "written": row.written_at}
                due = now + REMIND_AFTER
                connection.execute(_REMINDER[connection.dialect.name], values | {"due": due})
        return True

    def put_letter_off(self, letter_id: int, due_at: datetime, *, worker: str, because: str) -> None:
        """Let a letter wait for its next attempt, unless another worker has it in hand by now."""
        self._let_go(letter_id, worker, due_at=due_at, last_failure=because[:FAILURE_LENGTH])

    def give_letter_up(self, letter_id: int, *, worker: str, because: str) -> None:
        """Never try a letter again, unless another worker has it in hand by now.

        One whose mailing was stopped, and goes on since it was looked at, waits as before.
        """
        stopped = because == NOT_NEEDED + STOPPED
        self._let_go(letter_id, worker, still_stopped=stopped, given_up_because=because)

    def _let_go(self, letter_id: int, worker: str, *, still_stopped: bool = False, **values: Any) -> None:
        mine = update(outbox).where(outbox.c.id == letter_id, outbox.c.claimed_by == worker, _OPEN)
        with self._database.writing() as connection:
            # The mailing before its letter, as whoever lets it go on: that one waits for us and finds the
            # letter given up, or we wait and find that the mailing goes on.
            if still_stopped and connection.scalar(_MAILING, {"letter": letter_id}) != Mailing.STOPPED:
                values = {}
            connection.execute(mine.values(claimed_by=None, claimed_until=None, **values))

    def retry_letters(self, now: datetime, letter_ids: Collection[int] | None = None) -> int:
        """Try letters that were given up, or wait, at once and from the beginning; tell how many.

        Without `letter_ids` all that were given up. One that is sent, or in somebody's hand, stays as it is.
        """
        chosen = outbox.c.given_up_because.is_not(None) if letter_ids is None else outbox.c.id.in_(letter_ids)
        again = update(outbox).where(
            chosen, outbox.c.sent_at.is_(None), or_(outbox.c.claimed_until.is_(None), _expired(now))
        )
        with self._database.writing() as connection:
            fresh = again.values(given_up_because=None, due_at=now, attempts=0)
            return connection.execute(fresh).rowcount

    def outbox_standing(self, now: datetime) -> Standing:
        """Tell how many letters are due, COUNTED at most, and since when the first of them is."""
        waiting, due = self._database.ask(
            lambda connection: tuple(connection.execute(_STANDING, {"now": now}).one())
        )
        return Standing(waiting, max((now - due).total_seconds(), 0.0) if due else 0.0)

    def write_again(self, petition_id: int, canonical_email: str, now: datetime) -> None:
        """Write to somebody who waits for a letter once more, not too often; to a stranger nothing.

        The limits are those of signing again. One who has confirmed is told so.
        """
        values = {
            "new_petition_id": petition_id,
            "new_canonical_email": canonical_email,
            "new_signed_at": now,
            "quiet_since": now - LETTER_PAUSE,
            "letter": Occasion.CONFIRMATION,
        }
        with self._database.writing() as connection:
            connection.execute(_AGAIN[connection.dialect.name], values)


def next_letter(prior: Any, dialect: Any) -> Insert:
    """Write to a person who signed before: that they had, or once more how to confirm; not too often.

    Of many that ask in the same moment none sees the others' letters, but all take the same number: the
    unique constraint lets one of them write.
    """
    number = select(next_number()).where(outbox.c.signature_id == prior.c.id)
    earlier = letters_about(prior.c.id)
    recent = earlier.where(outbox.c.written_at > bindparam("quiet_since", type_=signatures.c.signed_at.type))
    had_signed = prior.c.state == State.CONFIRMED.value
    occasion = case((had_signed, literal(Occasion.ALREADY.value)), else_=LETTER)
    statement: Insert = (
        dialect.insert(outbox)
        .from_select(
            [*LETTER_COLUMNS, "number"],
            select(prior.c.id, occasion, _AT, _AT, literal(0), number.scalar_subquery()).where(
                LETTER.is_not(None),
                earlier.scalar_subquery() < LETTERS_AT_MOST,
                recent.scalar_subquery() == 0,
            ),
        )
        .on_conflict_do_nothing(index_elements=["signature_id", "number"])
    )
    return statement


def letters_about(signature_id: Any) -> Select[Any]:
    """Count the letters about a signature, by which the limit goes; updates are no such letters."""
    about = outbox.c.signature_id == signature_id, outbox.c.update_id.is_(None)
    return select(func.count()).select_from(outbox).where(*about)


def next_number() -> Any:
    """Return the number of the next letter to a person."""
    return func.coalesce(func.max(outbox.c.number), 0) + 1


def _expired(now: Any) -> Any:
    return outbox.c.claimed_until <= now


LETTER = bindparam("letter", type_=outbox.c.occasion.type)
_AT = bindparam("new_signed_at", type_=signatures.c.signed_at.type)
_NOW = bindparam("now", type_=outbox.c.due_at.type)
# As the index ix_outbox_waiting says it, so that the longest queue of sent letters costs nothing.
_OPEN = text("sent_at IS NULL AND given_up_because IS NULL")
_NEXT = (
    select(outbox.c.id)
    .where(_OPEN, outbox.c.due_at <= _NOW, or_(outbox.c.claimed_until.is_(None), _expired(_NOW)))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(1)
)
_DUE = (
    select(outbox.c.due_at).where(_OPEN, outbox.c.due_at <= _NOW).order_by(outbox.c.due_at).limit(COUNTED)
).subquery()
_STANDING = select(func.count(), func.min(_DUE.c.due_at)).select_from(_DUE)


def _claim(which: Any) -> Any:
    # PostgreSQL: a letter that another worker is just taking is passed over, not waited for. SQLite knows no
    # such clause and needs none: the transaction holds the one write lock from its beginning.
    return (
        update(outbox)
        .where(outbox.c.id == _NEXT.where(which).with_for_update(skip_locked=True).scalar_subquery())
        .values(
            claimed_by=bindparam("worker", type_=outbox.c.claimed_by.type),
            claimed_until=bindparam("until", type_=outbox.c.claimed_until.type),
            attempts=outbox.c.attempts + 1,
        )
        .returning(outbox.c.id)
    )


_CLAIM_OWN = _claim(outbox.c.update_id.is_(None))
_CLAIM_NEWS = _claim(outbox.c.update_id.is_not(None))
_MAILING = (
    select(updates.c.mailing)
    .select_from(outbox.join(updates))
    .where(outbox.c.id == bindparam("letter"))
    .with_for_update(read=True, of=updates)
)
_KEEP = (
    select(signatures.c.id)
    .select_from(outbox.join(signatures))
    .where(outbox.c.id == bindparam("letter"))
    .with_for_update(key_share=True, of=signatures)
)
_SENT = (
    update(outbox)
    .where(outbox.c.id == bindparam("letter"), outbox.c.sent_at.is_(None))
    .values(sent_at=_NOW, given_up_because=None, last_failure=None, claimed_by=None, claimed_until=None)
    .returning(outbox.c.occasion, outbox.c.signature_id, outbox.c.written_at)
)


def _reminder(dialect: Any) -> Insert:
    """Keep a place for the reminder among the five letters, written with the one that it reminds of."""
    signature = bindparam("signature", type_=outbox.c.signature_id.type)
    written = bindparam("written", type_=outbox.c.written_at.type)
    earlier = letters_about(signature)
    waits = select(signatures.c.id).where(
        signatures.c.id == signature, signatures.c.state == State.PENDING.value
    )
    values = (
        literal(Occasion.REMINDER.value),
        written,
        bindparam("due", type_=outbox.c.due_at.type),
        literal(0),
    )
    statement: Insert = (
        dialect.insert(outbox)
        .from_select(
            LETTER_COLUMNS,
            waits.add_columns(*values).where(earlier.scalar_subquery() < LETTERS_AT_MOST),
        )
        .on_conflict_do_nothing(index_elements=["signature_id"], index_where=text("occasion = 'reminder'"))
    )
    return statement


_REMINDER = {"sqlite": _reminder(sqlite), "postgresql": _reminder(postgresql)}
_WAITS = (
    select(signatures.c.id, signatures.c.state)
    .where(
        signatures.c.petition_id == bindparam("new_petition_id", type_=signatures.c.petition_id.type),
        signatures.c.canonical_email == bindparam("new_canonical_email"),
        or_(
            signatures.c.state.in_([State.PENDING.value, State.CONFIRMED.value]),
            (signatures.c.state == State.HELD.value)
            & func.coalesce(signatures.c.held_because, "").not_in([str(one) for one in WITHOUT_LETTER]),
        ),
    )
    .subquery("prior")
)
_AGAIN = {"sqlite": next_letter(_WAITS, sqlite), "postgresql": next_letter(_WAITS, postgresql)}
