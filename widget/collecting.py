"""The story of signatures on paper: Anahit collects them in the street, and they join the number.

What was recorded stays in the books. Who made a slip takes the figure back, which adds its opposite, and
records the right one: everybody can follow how the number moved.
"""

from datetime import datetime

from widget.domain.paper import PaperEntry, PaperFigure, checked, checked_reason
from widget.domain.petition import Petition
from widget.store.counter import Counter
from widget.store.ledger import Ledger


def add_paper(
    slug: str, figure: PaperFigure, *, recorded_by: str, ledger: Ledger, counter: Counter, now: datetime
) -> PaperEntry:
    """Add signatures on paper to a petition's number, whatever its status: paper is counted late.

    Raises PetitionNotFound, PaperRefused with every problem at once, and ReferenceTaken when this scan counts
    already; nothing was stored then, and adding it again is always safe.
    """
    petition = ledger.petition(slug)
    figure, recorder = checked(figure, recorded_by, now)
    entry = ledger.add_paper(petition.id, figure, recorder, now)
    counter.publish(petition.id, ledger.tally(petition.id))
    return entry


def take_back(
    slug: str,
    entry_id: int,
    *,
    because: str,
    recorded_by: str,
    ledger: Ledger,
    counter: Counter,
    now: datetime,
) -> PaperEntry:
    """Take a figure back by a counter-entry, which is returned.

    Raises PetitionNotFound, PaperRefused without a reason or a name, and PaperNotFound when no such figure of
    this petition counts.
    """
    petition = ledger.petition(slug)
    reason, recorder = checked_reason(because, recorded_by)
    entry = ledger.take_back_paper(petition.id, entry_id, reason, recorder, now)
    counter.publish(petition.id, ledger.tally(petition.id))
    return entry


def paper_of(slug: str, *, ledger: Ledger) -> tuple[Petition, list[PaperEntry]]:
    """Return a petition and its books about paper, the earliest line first. Raises PetitionNotFound."""
    petition = ledger.petition(slug)
    return petition, ledger.paper(petition.id)
