"""The public audit: how the number came about, day by day (promise 15)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AuditDay:
    """One day (UTC) of a petition's signatures given here.

    `added` came in, `repeated` came in once more and changed nothing, `confirmed` began to count,
    `withdrawn` were taken back by their signers, `invalidated` taken out by others, `corrected` is
    what a recount found to be off.
    """

    day: date
    added: int = 0
    repeated: int = 0
    confirmed: int = 0
    withdrawn: int = 0
    invalidated: int = 0
    corrected: int = 0

    @property
    def change(self) -> int:
        """Return by how much this day changed the number."""
        return self.confirmed - self.withdrawn - self.invalidated + self.corrected


def running_totals(days: Iterable[AuditDay], *, before: int) -> Iterator[tuple[AuditDay, int]]:
    """Give each day with the number at its end; `before` is what was carried over or is on paper."""
    total = before
    for day in days:
        total += day.change
        yield day, total
