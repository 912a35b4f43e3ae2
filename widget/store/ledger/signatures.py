"""Signatures as the ledger keeps them: found, moved from state to state, and read again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from widget.domain.signature import Actor, Consent, Signature, State, audit_column, may_move, weight
from widget.store.engine import Database
from widget.store.ledger.blanking import blank
from widget.store.ledger.erased_people import note_erased
from widget.store.ledger.tallies import any_slot, count_audit, shift
from widget.store.tables import moves, signatures


class SignatureRecords:
    """What the ledger knows of signatures."""

    _database: Database

    def move(
        self,
        signature_id: int,
        target: State,
        now: datetime,
        *,
        by: Actor = Actor.SERVICE,
        reason: str = "",
    ) -> bool:
        """Move a signature to another state, and number, audit and history with it; tell if it moved.

        The row is locked while it is looked at, so two that move the same signature move it once. To
        erase one, call `erase`: there is one way to that state.
        """
        if target is State.ERASED:
            raise ValueError("erase() is the way to ERASED")
        with self._database.writing() as connection:
            return move_signature(connection, signature_id, target, now, by=by, reason=reason)

    def erase(self, signature_id: int, now: datetime, *, by: Actor = Actor.SIGNER, reason: str = "") -> bool:
        """Take the person out of a signature and end its life; tell whether it was there to be erased.

        Names, address, answers, consent and letters go; number, audit and history stay balanced. The
        address may sign again, but no file that waits to be brought in brings it back.
        """
        with self._database.writing() as connection:
            note_erased(connection, signature_id)
            return move_signature(connection, signature_id, State.ERASED, now, by=by, reason=reason)

    def resume(self, signature_id: int, now: datetime) -> bool:
        """Bring a withdrawn signature back to where it was; tell whether it came back."""
        with self._database.writing() as connection:
            back = _before_withdrawal(connection, signature_id)
            return back is not None and move_signature(
                connection,
                signature_id,
                back,
                now,
                by=Actor.SIGNER,
                reason="signed again",
                only_from=State.WITHDRAWN,
            )

    def signature(self, petition_id: int, canonical_email: str) -> Signature | None:
        """Return what this person signed, if anything."""
        return self._one_signature(
            signatures.c.petition_id == petition_id, signatures.c.canonical_email == canonical_email
        )

    def signature_by_id(self, signature_id: int) -> Signature | None:
        """Return the signature with this number, if there is one."""
        return self._one_signature(signatures.c.id == signature_id)

    def _one_signature(self, *conditions: Any) -> Signature | None:
        wanted = select(signatures).where(*conditions)
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        return None if row is None else _signature(row)


def move_signature(
    connection: Connection,
    signature_id: int,
    target: State,
    now: datetime,
    *,
    by: Actor,
    reason: str,
    only_from: State | None = None,
    batch: str | None = None,
    lane: int | None = None,
) -> bool:
    """Move a signature within a transaction of the caller's; tell whether it moved.

    With `only_from`, only from that state. One held when its signer withdrew is held again, or withdrawing
    would be a way round the review. Many in a transaction share a `lane`, or two wait in a ring. The row is
    written last: erasing changes its key, for which a letter waits whose writer has slot and day already.
    """
    row = _locked(connection, signature_id)
    if row is None or only_from not in {None, State(row.state)}:
        return False
    origin = State(row.state)
    values: dict[str, Any] = {"moved_at": now}
    if target is State.CONFIRMED:
        values["confirmed_at"] = func.coalesce(signatures.c.confirmed_at, now)
        if by is Actor.SIGNER and origin is State.WITHDRAWN:
            target = State.HELD if _before_withdrawal(connection, signature_id) is State.HELD else target
    if not may_move(origin, target):
        return False
    moved = (origin, target)
    _note_move(
        connection, signature_id, row.petition_id, moved, lane, now=now, by=by, reason=reason, batch=batch
    )
    if target is State.ERASED:
        blank(connection, [signature_id], state=target, moved_at=now)
        return True
    connection.execute(
        update(signatures).where(signatures.c.id == signature_id).values(values | {"state": target})
    )
    return True


def _locked(connection: Connection, signature_id: int) -> Any:
    # Not the whole row: a letter for it may be written meanwhile, by somebody who has the slot.
    return connection.execute(
        select(signatures.c.state, signatures.c.petition_id)
        .where(signatures.c.id == signature_id)
        .with_for_update(key_share=True)
    ).one_or_none()


def _note_move(
    connection: Connection,
    signature_id: int,
    petition_id: int,
    move: tuple[State, State],
    lane: int | None,
    *,
    now: datetime,
    by: Actor,
    reason: str,
    batch: str | None,
) -> None:
    """Write a move into the history of the signature, the number and the audit."""
    origin, target = move
    connection.execute(
        insert(moves).values(
            petition_id=petition_id,
            signature_id=signature_id,
            origin=origin,
            target=target,
            moved_at=now,
            moved_by=by,
            reason=reason,
            batch=batch,
        )
    )
    column = audit_column(origin, target, by)
    if column is not None:
        lane = any_slot(connection.dialect.name) if lane is None else lane
        shift(connection, petition_id, here=weight(target) - weight(origin), lane=lane)
        count_audit(connection, petition_id, now.date(), lane=lane, **{column: 1})


def _before_withdrawal(connection: Connection, signature_id: int) -> State | None:
    origin = connection.scalar(
        select(moves.c.origin)
        .where(moves.c.signature_id == signature_id, moves.c.target == State.WITHDRAWN.value)
        .order_by(moves.c.id.desc())
        .limit(1)
    )
    return None if origin is None else State(origin)


def _signature(row: Row[Any]) -> Signature:
    consent = Consent(row.consent_at, row.consent_wording) if row.consent_at else None
    return Signature(
        id=row.id,
        petition_id=row.petition_id,
        text_version=row.text_version,
        state=State(row.state),
        email=row.email or "",
        canonical_email=row.canonical_email or "",
        given_name=row.given_name,
        family_name=row.family_name,
        country=row.country,
        postal_code=row.postal_code,
        comment=row.comment,
        show_name=row.show_name,
        consent=consent,
        lang=row.lang,
        source=row.source,
        page_url=row.page_url,
        signed_at=row.signed_at,
        confirmed_at=row.confirmed_at,
        moved_at=row.moved_at,
        network_key=row.network_key,
        held_because=row.held_because,
        answers=row.answers,
    )
