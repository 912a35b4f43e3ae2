"""The ledger: the truth about petitions, signatures and their number. The only room that speaks SQL.

Everything here takes and returns domain objects. Any method raises LedgerUnavailable when the database
is away, full, locked or read-only; nothing was stored then.
"""

from widget.store.engine import Database
from widget.store.ledger.admissions import AdmissionRecords
from widget.store.ledger.audits import AuditRecords
from widget.store.ledger.bringing import BringingRecords
from widget.store.ledger.browsing import BrowsingRecords, Reviewed
from widget.store.ledger.confirming import ConfirmingRecords
from widget.store.ledger.exporting import ExportRecords
from widget.store.ledger.figures import FigureRecords, KeptFigures
from widget.store.ledger.imports import ImportRecords
from widget.store.ledger.indexing import IndexingRecords
from widget.store.ledger.letters import LetterRecords
from widget.store.ledger.listing import ListRecords
from widget.store.ledger.mailings import MailingRecords
from widget.store.ledger.named import Named, NamedRecords
from widget.store.ledger.organiser_letters import OrganiserLetterRecords
from widget.store.ledger.outbox import OutboxRecords
from widget.store.ledger.owning import OwnRecords, Post
from widget.store.ledger.paper import PaperRecords
from widget.store.ledger.petitions import PetitionRecords
from widget.store.ledger.pictures import PictureRecords
from widget.store.ledger.recording import Recorded, RecordingRecords
from widget.store.ledger.retention import RetentionRecords
from widget.store.ledger.reviewing import ReviewRecords
from widget.store.ledger.sightings import SightingRecords
from widget.store.ledger.signatures import SignatureRecords
from widget.store.ledger.slugs import SlugRecords
from widget.store.ledger.tallies import Recounted, TallyRecords
from widget.store.ledger.uploads import UploadRecords

__all__ = ["KeptFigures", "Ledger", "Named", "Post", "Recorded", "Recounted", "Reviewed"]


class Ledger(
    AdmissionRecords,
    AuditRecords,
    BringingRecords,
    BrowsingRecords,
    ConfirmingRecords,
    ExportRecords,
    FigureRecords,
    ImportRecords,
    IndexingRecords,
    LetterRecords,
    ListRecords,
    OrganiserLetterRecords,
    NamedRecords,
    OutboxRecords,
    OwnRecords,
    PaperRecords,
    PetitionRecords,
    PictureRecords,
    RecordingRecords,
    RetentionRecords,
    ReviewRecords,
    SightingRecords,
    SignatureRecords,
    SlugRecords,
    TallyRecords,
    MailingRecords,
    UploadRecords,
):
    """One database of petitions, signatures and tallies."""

    def __init__(self, database: Database, *, key: bytes = b"") -> None:
        self._database = database
        self._key = key

    @classmethod
    def connect(cls, url: str, *, pool: int = 4, key: bytes = b"") -> "Ledger":
        """Open the ledger at a database URL; connections are made when first needed.

        `key` hides people where a trial notes whom it has met.
        """
        return cls(Database(url, pool=pool), key=key)

    def ping(self) -> None:
        """Raise LedgerUnavailable when the ledger cannot be read."""
        with self._database.reading() as connection:
            connection.exec_driver_sql("SELECT 1")

    @property
    def failures(self) -> int:
        """How many questions the database did not answer this process."""
        return self._database.gate.failures

    @property
    def hangs(self) -> bool:
        """Tell whether the database stands still, as far as this process knows."""
        return self._database.gate.hangs

    def connections(self) -> tuple[int, int]:
        """Return how many connections this process uses now, and how many it may."""
        return self._database.connections()

    def room(self) -> int | None:
        """Return how many connections the database grants to everybody together; None if no number is set."""
        return self._database.room()

    def is_unbounded(self) -> bool:
        """Tell whether a statement may run for ever, since a pooler keeps our bound from the database."""
        return self._database.is_unbounded()

    def close(self) -> None:
        """Let go of every connection."""
        self._database.dispose()
