"""Which signatures a review is about."""

from dataclasses import dataclass, fields
from datetime import datetime

from widget.domain.address import canonical
from widget.domain.folding import folded, origin_of
from widget.domain.signature import State


@dataclass(frozen=True, slots=True)
class Criteria:
    """What all of the signatures meant have in common; what is not given does not matter.

    `domain` and `name` may hold "*" for any letters; a name is matched as a whole, given name first, in any
    case. `site` is the origin of the page the form stood on. `since` is included, `before` is not.
    """

    ids: tuple[int, ...] = ()
    address: str | None = None
    domain: str | None = None
    network: str | None = None
    site: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    name: str | None = None
    reason: str | None = None
    import_id: int | None = None
    states: frozenset[State] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing but the state narrows the choice."""
        return not any(getattr(self, one.name) for one in fields(self) if one.name != "states")

    @property
    def found_by(self) -> str | None:
        """Return name, domain and site as `found_by` has them, with "*" for what does not matter.

        None where none of them is given.
        """
        if not (self.name or self.domain or self.site):
            return None
        site = _plain(self.site) if self.site else "*"
        origin = origin_of(site) or site or "/"  # what is no site finds nobody, not everybody
        return "\n".join(folded(part or "*") for part in (self.name, self.domain, origin))

    @property
    def page(self) -> str | None:
        """Return what the address of the page begins with, where `site` says more than its origin."""
        site = _plain(self.site or "")
        return site if site != origin_of(site) else None

    @property
    def canonical_email(self) -> str | None:
        """Return the address as it is compared."""
        return canonical(self.address) if self.address else None


def _plain(site: str) -> str:
    return site.replace("*", "").rstrip("/")
