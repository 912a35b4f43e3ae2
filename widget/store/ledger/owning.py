"""What signers change of their own signatures, beside moving and erasing them; and what they may look up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from widget.domain.folding import found_by
from widget.domain.signature import Occasion
from widget.store.engine import Database
from widget.store.letter_tables import outbox
from widget.store.tables import signatures

# Nothing is written into a row that was erased a moment ago.
_IS_SOMEBODY = signatures.c.canonical_email.is_not(None)


@dataclass(frozen=True, slots=True)
class Post:
    """A letter about a signature: why, when it was written, and when it went out, if it did."""

    occasion: Occasion
    written_at: datetime
    sent_at: datetime | None


class OwnRecords:
    """What the ledger does for the signers themselves."""

    _database: Database

    def rename(self, signature_id: int, *, given_name: str, family_name: str) -> bool:
        """Correct the name of a signer; tell whether there is one."""
        known = signatures.c.canonical_email, signatures.c.page_url
        there = select(*known).where(signatures.c.id == signature_id, _IS_SOMEBODY)
        with self._database.writing() as connection:
            row = connection.execute(there.with_for_update(key_share=True)).one_or_none()
            if row is None:
                return False
            name = {"given_name": given_name, "family_name": family_name}
            sought = found_by(given_name, family_name, row.canonical_email, row.page_url)
            wanted = update(signatures).where(signatures.c.id == signature_id)
            connection.execute(wanted.values(name | {"found_by": sought}))
            return True

    def show_name(self, signature_id: int, *, show: bool) -> bool:
        """Show or hide the name of a signer; tell whether there is one."""
        return self._set(signature_id, show_name=show)

    def leave_news(self, signature_id: int) -> bool:
        """Forget that a signer wanted news; tell whether there is one."""
        return self._set(signature_id, consent_at=None, consent_wording=None)

    def post(self, signature_id: int) -> list[Post]:
        """Return the letters about a signature, the earliest first."""
        wanted = (
            select(outbox.c.occasion, outbox.c.written_at, outbox.c.sent_at)
            .where(outbox.c.signature_id == signature_id)
            .order_by(outbox.c.id)
        )
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [Post(Occasion(row.occasion), row.written_at, row.sent_at) for row in rows]

    def _set(self, signature_id: int, **values: Any) -> bool:
        of_somebody = (signatures.c.id == signature_id, _IS_SOMEBODY)
        with self._database.writing() as connection:
            return connection.execute(update(signatures).where(*of_somebody).values(values)).rowcount == 1
