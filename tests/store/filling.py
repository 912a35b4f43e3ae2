"""Signatures that a process of an older version wrote, and the walk that lets them be searched."""

from sqlalchemy import insert

from tests.petitions import MILL, NOW
from widget.indexing import Indexing
from widget.store.ledger import Ledger
from widget.store.tables import signatures


def until_idle(indexing: Indexing) -> int:
    """Let it do all its steps; return how many there were."""
    steps = 1
    while indexing(60.0):
        steps += 1
    return steps


def sign_as_before(ledger: Ledger, petition_id: int, numbers: range) -> None:
    """Write signatures as a process does that has never heard of the column."""
    with ledger._database.writing() as connection:
        connection.execute(insert(signatures), [_row(petition_id, number) for number in numbers])


def unfound(ledger: Ledger) -> int:
    """Return how many signatures no search finds."""
    return len(ledger.unindexed(0, 1_000_000, 1_000_000))


def _row(petition_id: int, number: int) -> dict[str, object]:
    email = f"sam.{number}@example.org"
    return {
        **{"petition_id": petition_id, "text_version": MILL.wording.text_version, "state": "confirmed"},
        **{"email": email, "canonical_email": email, "given_name": "Sam", "family_name": f"Cast {number}"},
        **{"country": "AM", "postal_code": "", "comment": "", "show_name": True, "lang": "en"},
        **{"source": "", "page_url": "", "signed_at": NOW, "confirmed_at": NOW, "moved_at": NOW},
    }
