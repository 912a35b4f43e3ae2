"""Letters to organisers, claimed, sent and marked like those to signers."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from widget.domain.admission import OrganiserLetter
from widget.store.engine import Database
from widget.store.ledger.admissions import LINKS, link_of
from widget.store.organiser_tables import one_time_links, organiser_letters

_OPEN = organiser_letters.c.sent_at.is_(None) & organiser_letters.c.given_up_because.is_(None)
_LETTERS = LINKS.join(
    organiser_letters, organiser_letters.c.link_number == one_time_links.c.number
).add_columns(
    organiser_letters.c.id.label("letter_id"),
    *(organiser_letters.c.written_at, organiser_letters.c.attempts, organiser_letters.c.sent_at),
    *(organiser_letters.c.last_failure, organiser_letters.c.given_up_because),
)


class OrganiserLetterRecords:
    """What the ledger knows of letters that carry a one-time link."""

    _database: Database

    def organiser_letter_is_due(self, now: datetime) -> bool:
        """Tell whether there is one that nobody else has in hand."""
        return self._database.ask(lambda connection: connection.scalar(_next(now))) is not None

    def claim_organiser_letter(
        self, now: datetime, *, worker: str, until: datetime
    ) -> OrganiserLetter | None:
        """Take the one that has waited longest, for this worker alone until `until`; None if none waits."""
        claim = (
            update(organiser_letters)
            .where(organiser_letters.c.id == _next(now).with_for_update(skip_locked=True).scalar_subquery())
            .values(claimed_by=worker, claimed_until=until, attempts=organiser_letters.c.attempts + 1)
            .returning(organiser_letters.c.id)
        )
        with self._database.writing() as connection:
            letter_id = connection.scalar(claim)
            if letter_id is None:
                return None
            return _letter(connection.execute(_LETTERS.where(organiser_letters.c.id == letter_id)).one())

    def mark_organiser_letter_sent(self, letter_id: int, now: datetime) -> None:
        """Mark one as sent, whoever has it in hand by now."""
        self._settle(organiser_letters.c.id == letter_id, sent_at=now, last_failure=None)

    def put_organiser_letter_off(
        self, letter_id: int, due_at: datetime, *, worker: str, because: str
    ) -> None:
        """Let one wait for its next attempt, unless another worker has it in hand by now."""
        self._settle(_in_hand(letter_id, worker), due_at=due_at, last_failure=because[:200])

    def give_organiser_letter_up(self, letter_id: int, *, worker: str, because: str) -> None:
        """Never try one again, unless another worker has it in hand by now."""
        self._settle(_in_hand(letter_id, worker), given_up_because=because[:200])

    def organiser_letters(self, *, limit: int, organisation_id: int | None = None) -> list[OrganiserLetter]:
        """Return letters, the latest first; those about one organisation if named."""
        wanted = _LETTERS.order_by(organiser_letters.c.id.desc()).limit(limit)
        if organisation_id is not None:
            wanted = wanted.where(one_time_links.c.organisation_id == organisation_id)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [_letter(row) for row in rows]

    def _settle(self, which: Any, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(organiser_letters)
                .where(which, _OPEN)
                .values(claimed_by=None, claimed_until=None, **values)
            )


def _next(now: datetime) -> Any:
    free = or_(organiser_letters.c.claimed_until.is_(None), organiser_letters.c.claimed_until <= now)
    return (
        select(organiser_letters.c.id)
        .where(_OPEN, organiser_letters.c.due_at <= now, free)
        .order_by(organiser_letters.c.due_at, organiser_letters.c.id)
        .limit(1)
    )


def _in_hand(letter_id: int, worker: str) -> Any:
    return (organiser_letters.c.id == letter_id) & (organiser_letters.c.claimed_by == worker)


def _letter(row: Any) -> OrganiserLetter:
    return OrganiserLetter(
        id=row.letter_id,
        link=link_of(row),
        written_at=row.written_at,
        attempts=row.attempts,
        sent_at=row.sent_at,
        last_failure=row.last_failure,
        given_up_because=row.given_up_because,
    )
