"""Many signatures at once: found by what they have in common, moved in batches, brought back by batch."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.criteria import Criteria
from widget.domain.signature import LETTERS_AT_MOST, Actor, Occasion, Signature, State
from widget.store.engine import Database
from widget.store.ledger.outbox import LETTER_COLUMNS, letters_about, next_number
from widget.store.ledger.signatures import _signature, move_signature
from widget.store.ledger.tallies import any_slot
from widget.store.letter_tables import outbox
from widget.store.tables import moves, signatures

# Where a signature goes, None to leave it where it is; by its state and whether it was ever confirmed.
Target = Callable[[State, bool], State | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One batch done: how many moved, and the number of the last signature looked at, None at the end."""

    moved: int
    last_id: int | None


class ReviewRecords:
    """What an organiser or operator does with more than one signature."""

    _database: Database

    def count_matching(self, petition_id: int, criteria: Criteria) -> int:
        """Return how many signatures of a petition are meant, however long it takes to look."""
        wanted = select(func.count()).select_from(signatures).where(*_conditions(petition_id, criteria))
        with self._database.unhurried() as connection:
            return int(connection.scalar(wanted) or 0)

    def matching(
        self, petition_id: int, criteria: Criteria, *, after: int = 0, limit: int
    ) -> list[Signature]:
        """Return some of the signatures that are meant, in the order they came, from a number on."""
        wanted = (
            select(signatures)
            .where(signatures.c.id > after, *_conditions(petition_id, criteria))
            .order_by(signatures.c.id)
            .limit(limit)
        )
        with self._database.unhurried() as connection:
            return [_signature(row) for row in connection.execute(wanted)]

    def move_matching(
        self,
        petition_id: int,
        criteria: Criteria,
        target: Target,
        now: datetime,
        *,
        after: int,
        limit: int,
        reason: str,
        batch: str,
        links_since: datetime,
    ) -> Step:
        """Move one batch of the signatures that are meant, all or nothing, from a number on.

        They are found first, however long it takes, and then locked as far as they are still meant: no
        signer waits for the search. Whoever has to confirm and got no letter since `links_since` gets one.
        """
        meant = _conditions(petition_id, criteria)
        wanted = select(signatures.c.id).where(signatures.c.id > after, *meant)
        with self._database.unhurried() as connection:
            found = connection.scalars(wanted.order_by(signatures.c.id).limit(limit)).all()
        still = (
            select(signatures.c.id, signatures.c.state, signatures.c.confirmed_at)
            .where(signatures.c.id.in_(found), *meant)
            .order_by(signatures.c.id)
        )
        with self._database.writing() as connection:
            rows = _locked(connection, still)
            chosen = [(row.id, target(State(row.state), row.confirmed_at is not None)) for row in rows]
            moved = _move(connection, chosen, now, reason=reason, batch=batch, links_since=links_since)
        return Step(moved, found[-1] if len(found) == limit else None)

    def batch_size(self, petition_id: int, batch: str) -> tuple[int, int]:
        """Return how many signatures a batch moved, and how many of them are still where it put them."""
        of_batch = moves.c.petition_id == petition_id, moves.c.batch == batch
        with self._database.unhurried() as connection:
            moved = connection.scalar(select(func.count()).select_from(moves).where(*of_batch)) or 0
            still = select(func.count()).select_from(_still_there(petition_id, batch).subquery())
            return int(moved), int(connection.scalar(still) or 0)

    def undo_some(
        self,
        petition_id: int,
        batch: str,
        now: datetime,
        *,
        limit: int,
        reason: str,
        undoing: str,
        links_since: datetime,
    ) -> int:
        """Bring one batch of what was moved together back to where it was; return how many came back.

        What has moved on since, by its signer or in another review, stays where it is. Letters as in
        `move_matching`.
        """
        there = _still_there(petition_id, batch).order_by(signatures.c.id)
        while True:
            with self._database.unhurried() as connection:
                found = [row.id for row in connection.execute(there.limit(limit))]
            with self._database.writing() as connection:
                rows = _locked(connection, there.where(signatures.c.id.in_(found)))
                chosen = [(row.id, State(row.origin)) for row in rows]
                moved = _move(connection, chosen, now, reason=reason, batch=undoing, links_since=links_since)
            if rows or not found:  # else all of these have moved on since: look for others
                return moved


def _conditions(petition_id: int, criteria: Criteria) -> list[ColumnElement[bool]]:
    column = signatures.c
    given: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (criteria.ids, column.id.in_),
        (criteria.canonical_email, lambda email: column.canonical_email == email),
        (criteria.found_by, lambda pattern: column.found_by.like(_like(pattern), escape="\\")),
        (criteria.network, lambda key: column.network_key == key),
        (criteria.page, _on_page),
        (criteria.since, lambda since: column.signed_at >= since),
        (criteria.before, lambda before: column.signed_at < before),
        (criteria.reason, lambda reason: column.held_because == reason),
        (criteria.import_id, lambda number: column.import_id == number),
        (criteria.states, lambda states: column.state.in_(sorted(states))),
    ]
    return [column.petition_id == petition_id, *(test(value) for value, test in given if value)]


def _on_page(address: str) -> ColumnElement[bool]:
    under = signatures.c.page_url.like(f"{_like(address)}/%", escape="\\")
    return or_(signatures.c.page_url == address, under)


def _like(pattern: str) -> str:
    """Write a pattern with "*" as LIKE has it; what else it holds stands for itself."""
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return pattern.replace("*", "%")


def _still_there(petition_id: int, batch: str) -> Select[Any]:
    """Select what a batch moved and nobody has moved since."""
    later = moves.alias()
    moved_on = select(later.c.id).where(later.c.signature_id == moves.c.signature_id, later.c.id > moves.c.id)
    return (
        select(signatures.c.id, moves.c.origin)
        .join(moves, moves.c.signature_id == signatures.c.id)
        .where(
            and_(moves.c.batch == batch, moves.c.petition_id == petition_id),
            signatures.c.state == moves.c.target,
            ~moved_on.exists(),
        )
    )


def _locked(connection: Connection, wanted: Select[Any]) -> Sequence[Any]:
    # All rows first and in one order, one slot of the number after them: two reviews wait in line, never
    # in a ring.
    return connection.execute(wanted.with_for_update(of=signatures, key_share=True)).all()


def _move(
    connection: Connection,
    chosen: Iterable[tuple[int, State | None]],
    now: datetime,
    *,
    reason: str,
    batch: str,
    links_since: datetime,
) -> int:
    moved, lane = 0, any_slot(connection.dialect.name)
    for signature_id, target in chosen:
        if target is None:
            continue
        if move_signature(
            connection, signature_id, target, now, by=Actor.ORGANISER, reason=reason, batch=batch, lane=lane
        ):
            moved += 1
            if target is State.PENDING:
                _ask_to_confirm(connection, signature_id, now, links_since)
    return moved


def _ask_to_confirm(connection: Connection, signature_id: int, now: datetime, links_since: datetime) -> None:
    """Write the letter that was kept back, or one with a link that works where the last has expired.

    It was kept back while nobody knew whether a robot had named the address. The limit holds here too.
    """
    written = letters_about(signature_id)
    recent = written.where(outbox.c.written_at > links_since)
    number = select(next_number()).where(outbox.c.signature_id == signature_id)
    letter = select(
        literal(signature_id),
        literal(Occasion.CONFIRMATION.value),
        literal(now, outbox.c.written_at.type),
        literal(now, outbox.c.due_at.type),
        literal(0),
        number.scalar_subquery(),
    ).where(written.scalar_subquery() < LETTERS_AT_MOST, recent.scalar_subquery() == 0)
    insert = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name].insert(outbox)
    connection.execute(
        insert.from_select([*LETTER_COLUMNS, "number"], letter).on_conflict_do_nothing(
            index_elements=["signature_id", "number"]
        )
    )
