"""Figures people look at: signatures counted by hour, by where they came from, and by what became of them.

A figure is of signatures *signed* in a period, by what they are when it is counted: who withdrew since is in
none. Days, as the public audit has them, are in `days.py`. All of it is in UTC.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

KEPT = 500  # groups of one kind; what is beyond them is counted together


class Period(StrEnum):
    """For how long back. All but the first begin with a day (UTC)."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    ALL = "all"


def since(period: Period, now: datetime) -> datetime | None:
    """Return when a period began: so many hours or days, the one that is running among them."""
    at = now.astimezone(UTC)
    if period is Period.ALL:
        return None
    if period is Period.DAY:
        return at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    days = {Period.WEEK: 7, Period.MONTH: 30}[period]
    return datetime.combine(at.date() - timedelta(days=days - 1), time(), UTC)


class Part(StrEnum):
    """What signatures are counted by."""

    HOUR = "hour"
    SITE = "site"
    SOURCE = "source"
    COUNTRY = "country"
    LANG = "lang"
    STATE = "state"
    ASKED = "asked"


class Kind(StrEnum):
    """What a group is: it has a name, names nothing, was imported, was forgotten, or is the rest."""

    NAMED = "named"
    NONE = "none"
    IMPORTED = "imported"
    FORGOTTEN = "forgotten"
    OTHERS = "others"


class Asked(StrEnum):
    """What became of a signature that was to be confirmed by mail; the last three are no part of the rate."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    AT_ONCE = "at_once"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Group:
    """Some signatures that have something in common, and how many of each period, in the order of Period."""

    kind: Kind
    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All groups of a petition, as the ledger had them at one moment."""

    as_of: datetime
    parts: Mapping[Part, tuple[Group, ...]]

    def of(self, part: Part, period: Period) -> list[tuple[Kind, str, int]]:
        """Return the groups of a period that anybody is in, the largest first."""
        place = list(Period).index(period)
        found = [(one.kind, one.name, one.counts[place]) for one in self.parts.get(part, ())]
        return sorted((one for one in found if one[2]), key=_in_order)

    def count(self, part: Part, name: str, period: Period) -> int:
        """Return how many are in a group, 0 where nobody is."""
        return sum(count for _, found, count in self.of(part, period) if found == name)

    def total(self, part: Part, period: Period) -> int:
        """Return how many are in all groups together."""
        return sum(count for _, _, count in self.of(part, period))


@dataclass(frozen=True, slots=True)
class Rate:
    """Of those who signed in a period and were asked to confirm: who did, who did not, who still may."""

    confirmed: int
    unconfirmed: int
    waiting: int

    @property
    def share(self) -> float | None:
        """Return the part that confirmed, from 0 to 1, those who still may apart; None if nobody is left."""
        decided = self.confirmed + self.unconfirmed
        return self.confirmed / decided if decided else None


def rate(figures: Figures, period: Period) -> Rate:
    """Return the confirmation rate of a period."""
    asked = (Asked.CONFIRMED, Asked.UNCONFIRMED, Asked.WAITING)
    return Rate(*(figures.count(Part.ASKED, one, period) for one in asked))


def gathered(found: Iterable[tuple[Part, Group]], as_of: datetime) -> Figures:
    """Make figures of what a ledger counted: sites by their origin, the smallest groups together.

    Every part but those of states is of the signatures that count, so what a part is short of is the rest.
    """
    sums: dict[Part, Counter[tuple[Kind, str, int]]] = {part: Counter() for part in Part}
    for part, group in found:
        name = site_of(group.name) if part is Part.SITE and group.kind is Kind.NAMED else group.name
        for place, count in enumerate(group.counts):
            sums[part][group.kind, name, place] += count
    whole = tuple(sums[Part.STATE][Kind.NAMED, "confirmed", place] for place in range(len(Period)))
    return Figures(as_of, {part: _largest(part, _groups(counted), whole) for part, counted in sums.items()})


def site_of(page_url: str) -> str:
    """Return the origin of a page, which is what a partner site is; what is no address stays as it is."""
    try:
        parts = urlsplit(page_url)
    except ValueError:
        return page_url
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else page_url


def _groups(counted: Mapping[tuple[Kind, str, int], int]) -> list[Group]:
    places = range(len(Period))
    names = {(kind, name): None for kind, name, _ in counted}
    return [
        Group(kind, name, tuple(counted.get((kind, name, at), 0) for at in places)) for kind, name in names
    ]


def _largest(part: Part, groups: list[Group], whole: tuple[int, ...]) -> tuple[Group, ...]:
    if part in {Part.HOUR, Part.STATE, Part.ASKED}:
        return tuple(groups)
    kept = sorted(groups, key=lambda one: (-one.counts[-1], one.kind, one.name))[:KEPT]
    rest = tuple(total - sum(one.counts[place] for one in kept) for place, total in enumerate(whole))
    return (*kept, Group(Kind.OTHERS, "", rest)) if any(rest) else tuple(kept)


def _in_order(one: tuple[Kind, str, int]) -> tuple[bool, int, str]:
    return one[0] is not Kind.NAMED, -one[2], one[1]
