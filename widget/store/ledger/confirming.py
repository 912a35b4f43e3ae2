"""Confirming an address: the signature counts from then on, or it is noted for when it will."""

from datetime import datetime

from sqlalchemy import func, select, update

from widget.domain.signature import Actor, State
from widget.store.engine import Database
from widget.store.ledger.signatures import move_signature
from widget.store.letter_tables import outbox
from widget.store.tables import signatures

# Taken out of the number by others: the confirmation is kept, and counts if they are let in again.
_NOTED = (State.HELD.value, State.INVALIDATED.value)


class ConfirmingRecords:
    """What happens when a signer opens the link and says yes."""

    _database: Database

    def confirm_signature(self, signature_id: int, now: datetime, *, reason: str) -> None:
        """Confirm a signature, whatever it waits for. Twice is once; an erased one stays as it is.

        The row is locked while it is looked at: an organiser who lets a held signature in at the same
        moment comes before or after, and the confirmation is not lost between the two.
        """
        mine = signatures.c.id == signature_id
        waits = select(signatures.c.state).where(mine).with_for_update(key_share=True)
        with self._database.writing() as connection:
            if connection.scalar(waits) in {State.PENDING.value, State.WITHDRAWN.value}:
                move_signature(connection, signature_id, State.CONFIRMED, now, by=Actor.SIGNER, reason=reason)
            connection.execute(
                update(signatures)
                .where(mine, signatures.c.state.in_(_NOTED), signatures.c.confirmed_at.is_(None))
                .values(confirmed_at=now)
            )

    def last_letter_at(self, signature_id: int) -> datetime | None:
        """Return when the latest letter about a signature was written, news apart; None if there is none."""
        about = outbox.c.signature_id == signature_id, outbox.c.update_id.is_(None)
        latest = select(func.max(outbox.c.written_at)).where(*about)
        found: datetime | None = self._database.ask(lambda connection: connection.scalar(latest))
        return found
