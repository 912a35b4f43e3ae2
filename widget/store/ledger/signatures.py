"""Signatures as the ledger keeps them: found, moved from state to state, and read again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from widget.domain.signature import Actor, Consent, Signature, State, audit_column, may_move, weight
from widget.store.engine import Database
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

        The row is locked while it is looked at, so two that move the same signature move it once.
        """
        with self._database.writing() as connection:
            return move_signature(connection, signature_id, target, now, by=by, reason=reason)

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
) -> bool:
    """Move a signature within a transaction of the caller's; tell whether it moved."""
    row = connection.execute(
        select(signatures.c.state, signatures.c.petition_id)
        .where(signatures.c.id == signature_id)
        .with_for_update()
    ).one_or_none()
    if row is None or not may_move(origin := State(row.state), target):
        return False
    values: dict[str, Any] = {"state": target, "moved_at": now}
    if target is State.CONFIRMED:
        values["confirmed_at"] = func.coalesce(signatures.c.confirmed_at, now)
    connection.execute(update(signatures).where(signatures.c.id == signature_id).values(values))
    connection.execute(
        insert(moves).values(
            petition_id=row.petition_id,
            signature_id=signature_id,
            origin=origin,
            target=target,
            moved_at=now,
            moved_by=by,
            reason=reason,
        )
    )
    column = audit_column(origin, target, by)
    if column is not None:
        lane = any_slot(connection.dialect.name)
        shift(connection, row.petition_id, here=weight(target) - weight(origin), lane=lane)
        count_audit(connection, row.petition_id, now.date(), lane=lane, **{column: 1})
    return True


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
    )
