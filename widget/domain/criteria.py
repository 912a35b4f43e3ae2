"""Which signatures a review is about."""

from dataclasses import dataclass, fields
from datetime import datetime

from widget.domain.address import canonical
from widget.domain.signature import State

# What lower case leaves apart though it is one letter to whoever looks for a name: both databases fold
# these in the same way.
SAME = (("ς", "σ"), ("ß", "ss"), ("և", "եւ"))  # noqa: RUF001 - they are Greek


def folded(text: str) -> str:
    """Return a text as names are compared: in lower case, whatever its script."""
    text = text.lower()
    for one, other in SAME:
        text = text.replace(one, other)
    return text


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
    def canonical_email(self) -> str | None:
        """Return the address as it is compared."""
        return canonical(self.address) if self.address else None
