"""The story of a widget that is put on a page, and of whether it is live there.

Sites are seen by the widget's own requests (`store/sightings.py`); of those who look at the page, and of how
many they are, nothing is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from widget.domain.petition import Petition
from widget.domain.site import Sighting
from widget.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Spotted:
    """A site that shows a petition's widget. `allowed` tells whether the organiser's list lets it."""

    seen: Sighting
    allowed: bool
    live: bool


def spotted(petition: Petition, *, ledger: Ledger, now: datetime) -> list[Spotted]:
    """Return the sites that have shown a petition's widget lately, the one seen last first."""
    return [
        Spotted(seen, _is_allowed(petition, seen.site), seen.is_live(now))
        for seen in ledger.sightings(petition.id)
    ]


def missing(petition: Petition, found: Sequence[Spotted]) -> list[str]:
    """Return the sites that the organiser allows by name and that were not seen."""
    known = {one.seen.site for one in found}
    return [site for site in petition.allowed_origins if site not in known]


def _is_allowed(petition: Petition, site: str) -> bool:
    return not petition.allowed_origins or site in petition.allowed_origins
