"""Many signatures at once: found by what they have in common, moved in batches, brought back by batch."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from widget.domain.criteria import Criteria
from widget.domain.signature import Actor, Occasion, Signature, State
from widget.store.engine import Database
from widget.store.ledger.outbox import LETTER_COLUMNS
from widget.store.ledger.signatures import _signature, move_signature
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
        with self._database.writing() as connection:
            _take_time(connection)
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
        with self._database.writing() as connection:
            _take_time(connection)
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
    ) -> Step:
        """Move one batch of the signatures that are meant, all or nothing, from a number on."""
        wanted = (
            select(signatures.c.id, signatures.c.state, signatures.c.confirmed_at)
            .where(signatures.c.id > after, *_conditions(petition_id, criteria))
            .order_by(signatures.c.id)
            .limit(limit)
        )
        with self._database.writing() as connection:
            rows = _locked(connection, wanted)
            chosen = [(row.id, target(State(row.state), row.confirmed_at is not None)) for row in rows]
            moved = _move(connection, chosen, now, reason=reason, batch=batch)
        return Step(moved, rows[-1].id if len(rows) == limit else None)

    def batch_size(self, petition_id: int, batch: str) -> tuple[int, int]:
        """Return how many signatures a batch moved, and how many of them are still where it put them."""
        of_batch = moves.c.petition_id == petition_id, moves.c.batch == batch
        with self._database.reading() as connection:
            moved = connection.scalar(select(func.count()).select_from(moves).where(*of_batch)) or 0
            still = select(func.count()).select_from(_still_there(petition_id, batch).subquery())
            return int(moved), int(connection.scalar(still) or 0)

    def undo_some(
        self, petition_id: int, batch: str, now: datetime, *, limit: int, reason: str, undoing: str
    ) -> int:
        """Bring one batch of what was moved together back to where it was; return how many came back.

        What has moved on since, by its signer or in another review, stays where it is.
        """
        wanted = _still_there(petition_id, batch).order_by(signatures.c.id).limit(limit)
        with self._database.writing() as connection:
            rows = _locked(connection, wanted)
            chosen = [(row.id, State(row.origin)) for row in rows]
            return _move(connection, chosen, now, reason=reason, batch=undoing)


def _conditions(petition_id: int, criteria: Criteria) -> list[ColumnElement[bool]]:
    column = signatures.c
    name = column.given_name + " " + column.family_name
    given: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (criteria.ids, column.id.in_),
        (criteria.canonical_email, lambda email: column.canonical_email == email),
        (criteria.domain, lambda domain: column.canonical_email.like(f"%@{_like(domain)}", escape="\\")),
        (criteria.network, lambda key: column.network_key == key),
        (criteria.site, _on_site),
        (criteria.since, lambda since: column.signed_at >= since),
        (criteria.before, lambda before: column.signed_at < before),
        (criteria.name, lambda pattern: func.lower(name).like(_like(pattern.lower()), escape="\\")),
        (criteria.reason, lambda reason: column.held_because == reason),
        (criteria.states, lambda states: column.state.in_(sorted(states))),
    ]
    return [column.petition_id == petition_id, *(test(value) for value, test in given if value)]


def _on_site(origin: str) -> ColumnElement[bool]:
    site = origin.rstrip("/")
    under = signatures.c.page_url.like(f"{_like(site.replace('*', ''))}/%", escape="\\")
    return or_(signatures.c.page_url == site, under)


def _like(pattern: str) -> str:
    """Write a pattern with "*" as LIKE has it; what else it holds stands for itself."""
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return pattern.replace("*", "%")


def _still_there(petition_id: int, batch: str) -> Select[Any]:
    """Select what a batch moved and nobody has moved since."""
    later = aliased(moves)
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
    # All rows first and in one order, the number after them: two reviews wait in line, never in a ring.
    _take_time(connection)
    return connection.execute(wanted.with_for_update(of=signatures, key_share=True)).all()


def _take_time(connection: Connection) -> None:
    """Let a review look through millions of rows: nobody waits for its answer at a form."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _move(
    connection: Connection,
    chosen: Iterable[tuple[int, State | None]],
    now: datetime,
    *,
    reason: str,
    batch: str,
) -> int:
    moved = 0
    for signature_id, target in chosen:
        if target is None:
            continue
        if move_signature(
            connection, signature_id, target, now, by=Actor.ORGANISER, reason=reason, batch=batch
        ):
            moved += 1
            if target is State.PENDING:
                _ask_to_confirm(connection, signature_id, now)
    return moved


def _ask_to_confirm(connection: Connection, signature_id: int, now: datetime) -> None:
    """Write the letter that was kept back while nobody knew whether a robot had named the address."""
    written = select(outbox.c.id).where(outbox.c.signature_id == signature_id)
    letter = select(
        literal(signature_id),
        literal(Occasion.CONFIRMATION.value),
        literal(now, outbox.c.written_at.type),
        literal(now, outbox.c.due_at.type),
        literal(0),
    ).where(~written.exists())
    connection.execute(insert(outbox).from_select(LETTER_COLUMNS, letter))
