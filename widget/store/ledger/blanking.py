"""Taking the person out of a signature's row; the row itself stays, so that the books balance."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, update

from widget.domain.signature import State
from widget.store.letter_tables import outbox
from widget.store.tables import moves, signatures

# What is left in place of a person, column by column. With the address goes the place it kept, so it
# can sign again; the row is never deleted, since SQLite would give its number, which history
# and links go by, to the next signer.
BLANK: dict[str, Any] = {
    "email": None,
    "canonical_email": None,
    "given_name": "",
    "family_name": "",
    "country": "",
    "postal_code": "",
    "comment": "",
    "show_name": False,
    "consent_at": None,
    "consent_wording": None,
    "lang": "",
    "source": "",
    "page_url": "",
    "found_by": "",
    "network_key": None,
    "answers": None,
}
# What says nothing of who it was.
KEPT = frozenset(
    {
        *("id", "petition_id", "text_version", "state", "signed_at", "confirmed_at", "moved_at"),
        *("held_because", "import_id"),
    }
)


def blank(connection: Connection, signature_ids: Sequence[int], **also: datetime | str) -> None:
    """Empty every personal column of these signatures and drop their letters; `also` is set with it.

    What an organiser gave as a reason goes too: it may quote the signer.
    """
    connection.execute(delete(outbox).where(outbox.c.signature_id.in_(signature_ids)))
    connection.execute(
        update(moves)
        .where(moves.c.signature_id.in_(signature_ids), moves.c.target != State.ERASED.value)
        .values(reason="")
    )
    connection.execute(update(signatures).where(signatures.c.id.in_(signature_ids)).values(BLANK | also))
