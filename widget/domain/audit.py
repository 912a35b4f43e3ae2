"""The public audit: how the number came about, day by day (promise 15)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date

from widget.domain.paper import PaperEntry, paper_sum


@dataclass(frozen=True, slots=True)
class AuditDay:
    """One day (UTC) of a petition's number.

    Of the signatures given here `added` came in, `repeated` came in once more and changed nothing,
    `confirmed` began to count, `withdrawn` were taken back by their signers, `invalidated` taken out by
    others, `corrected` is what a recount found to be off. `imported` of those confirmed came in a file from
    elsewhere. `on_paper` are the entries about paper that were recorded that day.
    """

    day: date
    added: int = 0
    repeated: int = 0
    confirmed: int = 0
    withdrawn: int = 0
    invalidated: int = 0
    corrected: int = 0
    imported: int = 0
    on_paper: tuple[PaperEntry, ...] = ()

    @property
    def change_here(self) -> int:
        """Return by how much signatures given here changed the number on this day."""
        return self.confirmed - self.withdrawn - self.invalidated + self.corrected

    @property
    def change(self) -> int:
        """Return by how much this day changed the number."""
        return self.change_here + paper_sum(self.on_paper)

    @property
    def happened_here(self) -> bool:
        """Tell whether there is anything to say of this day besides paper."""
        return self != AuditDay(self.day, on_paper=self.on_paper)


def with_paper(days: Iterable[AuditDay], entries: Iterable[PaperEntry]) -> list[AuditDay]:
    """Put each entry about paper to the day on which it was recorded, and so changed the number."""
    recorded: defaultdict[date, list[PaperEntry]] = defaultdict(list)
    for entry in entries:
        recorded[entry.recorded_at.astimezone(UTC).date()].append(entry)
    known = {one.day: one for one in days}
    every = sorted(known.keys() | recorded.keys())
    return [replace(known.get(day) or AuditDay(day), on_paper=tuple(recorded[day])) for day in every]


def running_totals(days: Iterable[AuditDay], *, before: int) -> Iterator[tuple[AuditDay, int]]:
    """Give each day with the number at its end; `before` is what was carried over."""
    total = before
    for day in days:
        total += day.change
        yield day, total
