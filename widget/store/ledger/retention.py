"""Forgetting what was kept long enough: few rows at a time, so that no signer waits for it.

The rows are found without a lock, by walking over the numbers; then a few at a time are looked at once
more under one, passing over whatever somebody else has in hand. Whatever ends it in between, the next
run begins anew and finds what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from widget.domain.petition import Status
from widget.domain.signature import Actor, State
from widget.store.engine import Database
from widget.store.ledger.blanking import blank
from widget.store.ledger.signatures import move_signature
from widget.store.letter_tables import outbox
from widget.store.paper_tables import paper, paper_names
from widget.store.tables import petitions, signatures

WINDOW = 5_000  # numbers looked at in one question
BATCH = 100  # rows written in one transaction: some milliseconds


@dataclass(frozen=True, slots=True)
class Closed:
    """A petition that closed long enough ago, and how many of its signers are still known."""

    petition_id: int
    slug: str
    signers: int


class RetentionRecords:
    """What the ledger lets go of."""

    _database: Database

    def windows(self) -> list[range]:
        """Return the numbers of all signatures there are, in stretches to walk over."""
        last = self._database.ask(lambda connection: connection.scalar(select(func.max(signatures.c.id))))
        return [range(start, start + WINDOW) for start in range(0, (last or 0) + 1, WINDOW)]

    def note_closings(self, now: datetime) -> None:
        """Note which petitions are closed that were not when this was last called, or are open again.

        The day counts from when it was seen, not from a closing date: one that is mistyped into the
        past would anonymise everybody at once.
        """
        shut, is_open = _shut(now), ~_shut(now)
        with self._database.writing() as connection:
            connection.execute(
                update(petitions).where(petitions.c.closed_at.is_(None), shut).values(closed_at=now)
            )
            connection.execute(
                update(petitions)
                .where(petitions.c.closed_at.is_not(None), petitions.c.anonymised_at.is_(None), is_open)
                .values(closed_at=None)
            )

    def closed_before(
        self, before: datetime, unconfirmed_before: datetime, unreviewed_before: datetime, now: datetime
    ) -> list[Closed]:
        """Return the petitions that closed before a moment and whose signers are still known.

        Whoever is to be erased as unconfirmed or not looked at is not among the signers, whoever is known by
        name from a sheet of paper is.
        """
        known = and_(
            signatures.c.petition_id == petitions.c.id,
            signatures.c.canonical_email.is_not(None),
            ~_unconfirmed(unconfirmed_before),
            ~_unreviewed(unreviewed_before),
        )
        on_paper = and_(paper.c.petition_id == petitions.c.id, paper_names.c.paper_id == paper.c.id)
        signers = select(func.count()).select_from(signatures).where(known).scalar_subquery()
        named = select(func.count()).select_from(paper_names.join(paper)).where(on_paper).scalar_subquery()
        wanted = (
            select(petitions.c.id, petitions.c.slug, signers + named)
            .where(petitions.c.closed_at < before, _shut(now), or_(exists().where(known), named > 0))
            .order_by(petitions.c.id)
        )
        with self._database.unhurried() as connection:
            return [Closed(*row) for row in connection.execute(wanted)]

    def unconfirmed(self, window: range, before: datetime) -> list[int]:
        """Return the signatures of a window that were never confirmed, with no letter since a moment."""
        return self._found(window, _unconfirmed(before))

    def erase_unconfirmed(self, found: Sequence[int], before: datetime, now: datetime) -> int:
        """Erase those of them that are still unconfirmed; return how many."""
        return self._erase(found, _unconfirmed(before), now, "never confirmed")

    def unreviewed(self, window: range, before: datetime) -> list[int]:
        """Return the signatures of a window that are held since before a moment, with no letter since."""
        return self._found(window, _unreviewed(before))

    def erase_unreviewed(self, found: Sequence[int], before: datetime, now: datetime) -> int:
        """Erase those of them that are still held; return how many."""
        return self._erase(found, _unreviewed(before), now, "never reviewed")

    def network_keys(self, window: range, before: datetime) -> list[int]:
        """Return the signatures of a window that were given before a moment and still name a network."""
        return self._found(window, _network_known(before))

    def clear_network_keys(self, found: Sequence[int], before: datetime) -> int:
        """Clear the hashed networks of these signatures; return how many."""

        def clear(connection: Connection, still: Sequence[int]) -> int:
            chosen = update(signatures).where(signatures.c.id.in_(still))
            return connection.execute(chosen.values(network_key=None)).rowcount

        return self._under_lock(found, _network_known(before), clear)

    def anonymise(self, petition_id: int, now: datetime) -> int:
        """Take every signer out of a closed petition's signatures, which go on counting; return how many.

        From here on it takes no signatures: nobody could tell any more who has signed.
        """
        with self._database.writing() as connection:
            connection.execute(
                update(petitions)
                .where(petitions.c.id == petition_id, petitions.c.anonymised_at.is_(None))
                .values(anonymised_at=now, revision=petitions.c.revision + 1)
            )
            sheets = select(paper.c.id).where(paper.c.petition_id == petition_id)
            named = connection.execute(delete(paper_names).where(paper_names.c.paper_id.in_(sheets))).rowcount

        def forget(connection: Connection, still: Sequence[int]) -> int:
            blank(connection, still)
            return len(still)

        known = signatures.c.canonical_email.is_not(None)
        return named + sum(self._under_lock(found, known, forget) for found in self._signers(petition_id))

    def _signers(self, petition_id: int) -> Iterator[list[int]]:
        """Give the signers of a petition in the order of their addresses, as the index has them."""
        last = ""
        while True:
            wanted = (
                select(signatures.c.id, signatures.c.canonical_email)
                .where(signatures.c.petition_id == petition_id, signatures.c.canonical_email > last)
                .order_by(signatures.c.canonical_email)
                .limit(BATCH)
            )
            rows = self._all(wanted)
            if not rows:
                return
            last = rows[-1].canonical_email
            yield [row.id for row in rows]

    def _erase(self, found: Sequence[int], condition: ColumnElement[bool], now: datetime, reason: str) -> int:
        # None of them counts, so that no slot of the number is locked on the way.
        def erase(connection: Connection, number: int) -> bool:
            return move_signature(connection, number, State.ERASED, now, by=Actor.SERVICE, reason=reason)

        return self._under_lock(found, condition, lambda c, still: sum(erase(c, number) for number in still))

    def _found(self, window: range, condition: ColumnElement[bool]) -> list[int]:
        here = signatures.c.id.between(window.start, window.stop - 1)
        wanted = select(signatures.c.id).where(here, condition).order_by(signatures.c.id)
        return list(self._database.ask(lambda connection: connection.scalars(wanted).all()))

    def _all(self, wanted: Select[Any]) -> Sequence[Row[Any]]:
        return self._database.ask(lambda connection: connection.execute(wanted).all())

    def _under_lock(
        self,
        found: Sequence[int],
        condition: ColumnElement[bool],
        act: Callable[[Connection, Sequence[int]], int],
    ) -> int:
        """Act on a few at a time, in a transaction of their own: those that are still so, and free."""
        done = 0
        for start in range(0, len(found), BATCH):
            some = select(signatures.c.id).where(signatures.c.id.in_(found[start : start + BATCH]), condition)
            with self._database.writing() as connection:
                done += act(connection, connection.scalars(some.with_for_update(skip_locked=True)).all())
        return done


def _shut(now: datetime) -> ColumnElement[bool]:
    return or_(
        petitions.c.status.in_([Status.CLOSED.value, Status.DELIVERED.value]),
        and_(petitions.c.status == Status.OPEN.value, func.coalesce(petitions.c.closes_at <= now, false())),
    )


def _unconfirmed(before: datetime) -> ColumnElement[bool]:
    """Tell those nobody confirmed: waiting, taken back while waiting, or taken out."""
    return and_(
        signatures.c.state.in_([State.PENDING.value, State.WITHDRAWN.value, State.INVALIDATED.value]),
        signatures.c.confirmed_at.is_(None),
        signatures.c.moved_at < before,
        ~_letter_since(before),
    )


def _unreviewed(before: datetime) -> ColumnElement[bool]:
    """Tell those held for a look that nobody took."""
    held = signatures.c.state == State.HELD.value
    return and_(held, signatures.c.moved_at < before, ~_letter_since(before))


def _letter_since(before: datetime) -> Any:
    return exists().where(outbox.c.signature_id == signatures.c.id, outbox.c.written_at >= before)


def _network_known(before: datetime) -> ColumnElement[bool]:
    return and_(signatures.c.network_key.is_not(None), signatures.c.signed_at < before)
