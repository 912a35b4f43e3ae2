"""The story of a number that anybody can check: where it is from, day by day (promise 15)."""

from dataclasses import dataclass

from widget import signing
from widget.domain.audit import AuditDay, running_totals, with_paper
from widget.domain.paper import PaperEntry, paper_sum
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
    on_paper: tuple[PaperEntry, ...]
    days: tuple[Audited, ...]
    count: int

    @property
    def paper(self) -> int:
        """Return how much of the number is on paper."""
        return paper_sum(self.on_paper)


def audit(slug: str, *, catalogue: Catalogue, ledger: Ledger) -> PublicAudit:
    """Return the audit of a petition. Raises PetitionNotFound, LedgerUnavailable.

    `count` is added up from figures and days alone and never copied from the tally: if the two ever differed,
    everybody could see it.
    """
    petition = signing.find(slug, catalogue=catalogue)
    figures = tuple(ledger.carried_over(petition.id))
    on_paper = tuple(ledger.paper(petition.id))
    before = sum(figure.count for figure in figures)
    known = with_paper(ledger.audit(petition.id), on_paper)
    days = tuple(Audited(*found) for found in running_totals(known, before=before))
    return PublicAudit(petition, figures, on_paper, days, days[-1].total if days else before)
