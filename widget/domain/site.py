"""A partner site as browsers name it, and what is remembered of it: that it showed a widget, by the hour.

A browser tells the service which site asks (the header Origin; for a frame Referer), and nothing of the kind
is kept but the site. Anybody can write such a header, so what is no site is no matter, and a petition
remembers a bounded number of them.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from widget.domain.editing import origin

# What browsers say for a page that has no address: a file on a disk, a frame in a sandbox.
NAMELESS = "null"
AT_MOST = 200  # sites of one petition; which of them make room, `kept` says
ESTABLISHED = 150  # of them that stay because they came back: there is always room for new ones
REMEMBERED = timedelta(days=90)
LENGTH = 300
LIVE = timedelta(hours=24)

_SITE = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
_FILES = "file://"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A site that showed a petition's widget: when first and when last, both cut to the hour."""

    site: str
    first_seen_at: datetime
    last_seen_at: datetime

    def hours_ago(self, now: datetime) -> int:
        """Return how many full hours have begun since it was last seen, 0 for this one."""
        return max(int((hour(now) - self.last_seen_at) / timedelta(hours=1)), 0)

    def is_live(self, now: datetime) -> bool:
        """Tell whether it was seen within a day."""
        return now - self.last_seen_at <= LIVE


def hour(moment: datetime) -> datetime:
    """Cut a moment to its hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def kept(found: Sequence[Sighting], allowed: Collection[str]) -> list[Sighting]:
    """Return the sites that are remembered, AT_MOST; `found` has the one seen last first.

    First come those that the organiser allows by name, then ESTABLISHED of those that were seen in two hours
    or more: by days since, and of one day those known for longest. The rest is as in `found`.
    """
    if len(found) <= AT_MOST:
        return list(found)
    newest = found[0].last_seen_at
    named = [one for one in found if one.site in allowed]
    returned = [one for one in found if one.first_seen_at < one.last_seen_at and one.site not in allowed]
    returned.sort(key=lambda one: ((newest - one.last_seen_at) // LIVE, one.first_seen_at))
    order = dict.fromkeys([*named, *returned[:ESTABLISHED], *found])
    return list(order)[:AT_MOST]


def cut(address: str | None) -> str | None:
    """Return the site in the address of a page, so that the rest goes no further; None if there is none."""
    found = _SITE.match(address or "")
    return found[0] if found else None


def site_of(said: str) -> str | None:
    """Return the site that a header names, as `origin` writes it, or NAMELESS; None for what is no site."""
    if said == NAMELESS or said.startswith(_FILES):
        return NAMELESS
    if not said.isascii() or len(said) > LENGTH:  # browsers write other letters as the DNS does
        return None
    try:
        return origin(said)
    except ValueError:
        return None


def readable(site: str) -> str:
    """Return a site with its name as people read it: letters beyond ASCII as such."""
    scheme, _, host = site.partition("://")
    if "xn--" not in host:
        return site
    try:
        return f"{scheme}://{host.encode('ascii').decode('idna')}"
    except UnicodeError:
        return site
