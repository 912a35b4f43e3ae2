"""The lists at hand: read now and then, by one caller at a time, and kept while the ledger is away."""

import threading
from dataclasses import dataclass, field

from tests.petitions import NOW
from widget.domain.guard import Listing
from widget.domain.lists import Entry, Kind, Lists
from widget.domain.refusals import LedgerUnavailable
from widget.store.ledger import Ledger
from widget.store.listed import FRESH, ListsAtHand

BLOCKED = Lists([Entry(Listing.BLOCK, Kind.DOMAIN, "mallory.example")])


@dataclass
class Source:
    """A ledger's lists, and a clock that moves when told to."""

    answers: list[Lists | None] = field(default_factory=list)
    reads: int = 0
    now: float = 100.0

    def load(self) -> Lists:
        self.reads += 1
        answer = self.answers[min(self.reads, len(self.answers)) - 1]
        if answer is None:
            raise LedgerUnavailable
        return answer

    def at_hand(self) -> ListsAtHand:
        return ListsAtHand(self.load, monotonic=lambda: self.now)


def says(lists: Lists) -> Listing | None:
    return lists.domain("mallory.example")


def test_they_are_read_once_in_a_while() -> None:
    source = Source([Lists(), BLOCKED])
    at_hand = source.at_hand()
    assert [says(at_hand.lists()) for _ in range(3)] == [None] * 3
    source.now += FRESH
    assert says(at_hand.lists()) is Listing.BLOCK
    assert source.reads == 2


def test_the_last_known_go_on_while_the_ledger_is_away() -> None:
    source = Source([BLOCKED, None, Lists()])
    at_hand = source.at_hand()
    at_hand.lists()
    source.now += FRESH
    assert says(at_hand.lists()) is Listing.BLOCK
    source.now += FRESH
    assert says(at_hand.lists()) is None


def test_without_any_the_guard_works_on_and_asks_no_more_often() -> None:
    source = Source([None])
    at_hand = source.at_hand()
    assert [says(at_hand.lists()) for _ in range(3)] == [None] * 3
    assert source.reads == 1


def test_one_reads_and_the_others_do_not_wait() -> None:
    source, begun, go_on = Source([Lists(), BLOCKED]), threading.Event(), threading.Event()
    at_hand = source.at_hand()
    at_hand.lists()
    source.now += FRESH

    def slow() -> Lists:
        begun.set()
        go_on.wait(10)
        return BLOCKED

    at_hand._load = slow
    reader = threading.Thread(target=at_hand.lists)
    reader.start()
    assert begun.wait(10)
    assert says(at_hand.lists()) is None  # at once, from what is known
    go_on.set()
    reader.join(10)
    assert says(at_hand.lists()) is Listing.BLOCK


def test_entries_are_kept_replaced_and_dropped(ledger: Ledger) -> None:
    ledger.put_listing(Listing.BLOCK, Kind.DOMAIN, "mallory.example", "a flood", NOW)
    ledger.put_listing(Listing.ALLOW, Kind.DOMAIN, "mallory.example", "a mistake", NOW)
    ledger.put_listing(Listing.BLOCK, Kind.NETWORK, "192.0.2.0/24", "", NOW)
    assert ledger.listings() == [
        Entry(Listing.ALLOW, Kind.DOMAIN, "mallory.example", "a mistake", NOW),
        Entry(Listing.BLOCK, Kind.NETWORK, "192.0.2.0/24", "", NOW),
    ]
    assert ledger.drop_listing(Kind.NETWORK, "192.0.2.0/24")
    assert not ledger.drop_listing(Kind.NETWORK, "192.0.2.0/24")
