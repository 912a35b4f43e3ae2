"""The story of a number that anybody can check: where it is from, day by day (promise 15)."""

from dataclasses import dataclass

from widget import signing
from widget.domain.audit import AuditDay, running_totals
from widget.domain.petition import CarriedOver, Petition
from widget.store.catalogue import Catalogue
from widget.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Audited:
    """One day with the number at its end."""

    day: AuditDay
    total: int


@dataclass(frozen=True, slots=True)
class PublicAudit:
    """All that makes up a petition's number; `count` is the total at the end of the last day."""

    petition: Petition
    carried_over: tuple[CarriedOver, ...]
    paper: int
    days: tuple[Audited, ...]
    count: int


def audit(slug: str, *, catalogue: Catalogue, ledger: Ledger) -> PublicAudit:
    """Return the audit of a petition. Raises PetitionNotFound, LedgerUnavailable.

    `count` is added up from the days alone and never copied from the tally: if the two ever differed,
    everybody could see it.
    """
    petition = signing.find(slug, catalogue=catalogue)
    figures = tuple(ledger.carried_over(petition.id))
    paper = ledger.tally(petition.id).paper
    before = sum(figure.count for figure in figures) + paper
    days = tuple(Audited(*found) for found in running_totals(ledger.audit(petition.id), before=before))
    return PublicAudit(petition, figures, paper, days, days[-1].total if days else before)
