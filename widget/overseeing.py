"""The story of an organiser at the desk: their petitions, each with its number, and nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from widget.domain.organiser import Deed, Membership, Organiser
from widget.domain.petition import Petition, Status
from widget.domain.refusals import NotAllowed, OrganisationNotFound, PetitionNotFound
from widget.domain.tally import Progress, progress_of
from widget.store.counter import Counter
from widget.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Seen:
    """A petition as its organisers see it in a list. `today` is by how much it changed today (UTC)."""

    petition: Petition
    membership: Membership
    status: Status
    progress: Progress
    today: int


def find(slug: str, organiser: Organiser, deed: Deed, *, ledger: Ledger) -> tuple[Petition, Membership]:
    """Return a petition of the organiser's and what they are to it.

    Raises PetitionNotFound for somebody else's as for none (promise 17), and NotAllowed where the role
    does not include the deed.
    """
    petition = ledger.petition(slug)
    membership = organiser.membership(petition.organisation_id)
    if membership is None:
        raise PetitionNotFound(slug)
    return petition, _allowed(membership, deed)


def find_organisation(slug: str, organiser: Organiser, deed: Deed) -> Membership:
    """Return what the organiser is to an organisation. Raises OrganisationNotFound and NotAllowed."""
    membership = organiser.membership_in(slug)
    if membership is None:
        raise OrganisationNotFound(slug)
    return _allowed(membership, deed)


def petitions(organiser: Organiser, *, ledger: Ledger, counter: Counter, now: datetime) -> list[Seen]:
    """Return the petitions of the organiser's organisations, the newest first."""
    mine = {one.organisation.id: one for one in organiser.memberships}
    found = ledger.petitions_of(mine.keys())
    return _seen(found, mine, ledger=ledger, counter=counter, now=now)


def overview(
    petition: Petition, membership: Membership, *, ledger: Ledger, counter: Counter, now: datetime
) -> Seen:
    """Return one petition as in the list."""
    mine = {membership.organisation.id: membership}
    return _seen([petition], mine, ledger=ledger, counter=counter, now=now)[0]


def _seen(
    found: Sequence[Petition],
    mine: dict[int, Membership],
    *,
    ledger: Ledger,
    counter: Counter,
    now: datetime,
) -> list[Seen]:
    today = ledger.changed_on(now.astimezone(UTC).date(), [petition.id for petition in found])
    return [
        Seen(
            petition=petition,
            membership=mine[petition.organisation_id],
            status=petition.status_at(now),
            progress=progress_of(petition, counter.read(petition.id)),
            today=today.get(petition.id, 0),
        )
        for petition in found
    ]


def _allowed(membership: Membership, deed: Deed) -> Membership:
    if not membership.may(deed):
        raise NotAllowed(deed)
    return membership
