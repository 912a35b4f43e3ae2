"""The story of signatures on paper: Anahit collects them in the street, and they join the number.

What was recorded stays in the books. Who made a slip takes the figure back, which adds its opposite, and
records the right one: everybody can follow how the number moved.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from widget.domain.paper import PaperEntry, PaperFigure, checked, checked_reason
from widget.domain.paper_names import COLUMNS, PaperName, agree, cells_of
from widget.domain.petition import Petition
from widget.domain.refusals import PaperNotFound, PaperRefused
from widget.domain.sheet import written
from widget.store.counter import Counter
from widget.store.ledger import Ledger


def add_paper(
    slug: str,
    figure: PaperFigure,
    *,
    recorded_by: str,
    ledger: Ledger,
    counter: Counter,
    now: datetime,
    names: Sequence[PaperName] = (),
) -> PaperEntry:
    """Add signatures on paper to a petition's number, whatever its status: paper is counted late.

    `names` are the people on it, all of them or none. Raises PetitionNotFound, PaperRefused with every
    problem of the figure at once, and ReferenceTaken when this scan counts already; nothing was stored then,
    and adding it again is always safe.
    """
    petition = ledger.petition(slug)
    figure, recorder = checked(figure, recorded_by, now)
    agree(figure.count, names)
    if names and petition.anonymised_at is not None:
        raise PaperRefused({"names": "cannot be kept: its signers were anonymised. Add the count alone"})
    entry = ledger.add_paper(petition.id, figure, recorder, now, names)
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


def names_on(petition: Petition, entry_id: int, *, ledger: Ledger) -> list[tuple[int, PaperName]]:
    """Return who stands on a figure of the petition, each with a number; empty where nobody was typed off."""
    return ledger.paper_names(petition.id, entry_id)


def forget_name(petition: Petition, entry_id: int, name_id: int, *, ledger: Ledger) -> None:
    """Take one person off a figure, which stays what it was. Raises PaperNotFound."""
    if not ledger.forget_paper_name(petition.id, entry_id, name_id):
        raise PaperNotFound(f"this figure has no name {name_id}")


def name_table(petition: Petition, *, ledger: Ledger) -> Iterator[bytes]:
    """Yield everybody known from paper as a table (CSV), sheet by sheet, safe to open."""
    yield written([COLUMNS])
    for figure, name in people(petition, ledger=ledger):
        where = figure.reference, figure.place, figure.collected_on.isoformat()
        yield written([cells_of(*where, name)])


def people(petition: Petition, *, ledger: Ledger) -> Iterator[tuple[PaperFigure, PaperName]]:
    """Yield everybody known from paper, with the figure they are part of, sheet by sheet."""
    for entry in ledger.paper(petition.id):
        if entry.names:
            for _, name in ledger.paper_names(petition.id, entry.id):
                yield entry.figure, name
