"""The story of a petition that is handed over: its words, its figures, and those who stand by it by name."""

from dataclasses import dataclass
from datetime import datetime

from widget.domain.petition import CarriedOver, Petition
from widget.domain.tally import Tally
from widget.store.ledger import Ledger, Named

PLACE_AT_MOST = 2**63 - 1  # what the ledger can count to
VOLUME = 6_000  # names in one print: some forty sheets, which every browser lays out in moments


@dataclass(frozen=True, slots=True)
class Pack:
    """One volume. `named` is how many stand by it by name in all; `more` begins the next volume."""

    petition: Petition
    tally: Tally
    carried_over: tuple[CarriedOver, ...]
    named: int
    names: tuple[Named, ...]
    more: int | None
    first: bool
    as_of: datetime


def pack(petition: Petition, *, before: int | None, ledger: Ledger, now: datetime) -> Pack:
    """Return a volume: of those who count, the names of them alone who let theirs be shown, the newest first.

    Raises LedgerUnavailable.
    """
    if before is not None and not 0 < before <= PLACE_AT_MOST:
        before = None
    found = ledger.named(petition.id, before=before, limit=VOLUME + 1)
    names = tuple(found[:VOLUME])
    return Pack(
        petition=petition,
        tally=ledger.tally(petition.id),
        carried_over=tuple(ledger.carried_over(petition.id)),
        named=ledger.count_named(petition.id),
        names=names,
        more=names[-1].place if len(found) > VOLUME else None,
        first=before is None,
        as_of=now,
    )
