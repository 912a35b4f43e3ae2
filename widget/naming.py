"""The story of those who sign with their name: a list for everybody, where the organiser wants one."""

from dataclasses import dataclass

from widget import signing
from widget.domain.petition import Petition
from widget.domain.refusals import ListNotPublic
from widget.store.catalogue import Catalogue
from widget.store.ledger import Ledger, Named

PAGE = 50  # names
PLACE_AT_MOST = 2**63 - 1  # what the ledger can count to


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list. `more` is the place that the next page begins below, None at the end."""

    petition: Petition
    names: tuple[Named, ...]
    more: int | None


def listed(slug: str, *, before: int | None, catalogue: Catalogue, ledger: Ledger) -> Listed:
    """Return a page of those who count and let their name be shown, the newest first.

    Raises PetitionNotFound, and ListNotPublic where the organiser wants no list.
    """
    petition = signing.find(slug, catalogue=catalogue)
    if not petition.public_signers:
        raise ListNotPublic(slug)
    if before is not None and not 0 < before <= PLACE_AT_MOST:
        before = None
    found = ledger.named(petition.id, before=before, limit=PAGE + 1)
    names = tuple(found[:PAGE])
    return Listed(petition, names, names[-1].place if len(found) > PAGE else None)
