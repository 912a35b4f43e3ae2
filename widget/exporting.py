"""The story of taking signatures out: a table that streams, however many they are (promise 16)."""

from collections.abc import Collection, Iterator

from widget.domain.criteria import Criteria
from widget.domain.petition import Petition
from widget.domain.sheet import EXPORTED, columns_of, line_of, written
from widget.domain.signature import State
from widget.store.ledger import Ledger

AT_ONCE = 1_000  # signatures read and held at a time; nothing of the ledger is held while they are sent
MARK = "\ufeff".encode()  # tells older spreadsheets that the file is UTF-8


def count(petition: Petition, *, states: Collection[State] = (), ledger: Ledger) -> int:
    """Return how many signatures an export has. Raises LedgerUnavailable."""
    meant = _meant(states)
    return ledger.count_matching(petition.id, meant) if meant.states else 0


def export(
    petition: Petition, *, states: Collection[State] = (), mark: bool = False, ledger: Ledger
) -> Iterator[tuple[int, bytes]]:
    """Yield the head, then some lines at a time, as how many they are and as UTF-8 with the ends of RFC 4180.

    Without `states`, all but the erased, whom no export has. Signatures that come meanwhile may be in it or
    not; each is in it once. Raises LedgerUnavailable where the ledger goes away half way.
    """
    columns = columns_of(petition.questions)
    yield 0, (MARK if mark else b"") + written([columns])
    meant = _meant(states)
    after: int | None = 0
    while after is not None:
        some, after = ledger.stretch(petition.id, meant.states, after=after, limit=AT_ONCE)
        if some:
            yield len(some), written(line_of(one, columns) for one in some)


def _meant(states: Collection[State]) -> Criteria:
    return Criteria(states=(frozenset(states) & EXPORTED) if states else EXPORTED)
