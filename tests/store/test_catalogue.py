"""The petitions at hand: never far behind, never a queue, and something to show while the ledger is away."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.domain.test_petition import PETITION
from widget.domain.petition import Petition, Status
from widget.domain.refusals import LedgerUnavailable, PetitionNotFound
from widget.store.catalogue import FRESH, LATE, Catalogue


class Shelf:
    """A ledger of one petition, with a clock to turn."""

    def __init__(self) -> None:
        self.petition: Petition | None = PETITION
        self.away = False
        self.asked = 0
        self.now = 0.0
        self.hold: threading.Event | None = None
        self.catalogue = Catalogue(self.load, monotonic=lambda: self.now)

    def load(self, slug: str) -> Petition:
        self.asked += 1
        found = self.petition
        if self.hold is not None:
            assert self.hold.wait(10)
        if self.away:
            raise LedgerUnavailable
        if found is None:
            raise PetitionNotFound(slug)
        return found

    def look(self) -> Petition:
        return self.catalogue.petition("save-the-mill")


def test_an_edit_is_seen_after_a_moment() -> None:
    shelf = Shelf()
    assert shelf.look().status is Status.OPEN
    shelf.petition = replace(PETITION, status=Status.CLOSED, revision=2)
    assert shelf.look().status is Status.OPEN
    shelf.now += FRESH
    assert shelf.look().status is Status.CLOSED


def test_one_looks_and_the_others_go_on_with_what_is_known() -> None:
    shelf = Shelf()
    shelf.look()
    shelf.now += FRESH
    shelf.hold = threading.Event()
    with ThreadPoolExecutor(1) as other:
        looking = other.submit(shelf.look)
        while shelf.asked < 2:
            pass
        assert shelf.look() is PETITION
        assert shelf.asked == 2
        shelf.hold.set()
        looking.result()


def test_nobody_goes_on_with_what_is_long_past() -> None:
    shelf = Shelf()
    shelf.look()
    shelf.petition = replace(PETITION, status=Status.CLOSED, revision=2)
    shelf.now += LATE
    with ThreadPoolExecutor(8) as crowd:
        seen = {found.status for found in crowd.map(lambda _: shelf.look(), range(8))}
    assert seen == {Status.CLOSED}


def test_while_the_ledger_is_away_the_last_known_is_shown_without_asking_each_time() -> None:
    shelf = Shelf()
    shelf.look()
    shelf.now += 100 * LATE
    shelf.away = True
    assert [shelf.look() for _ in range(5)] == [PETITION] * 5
    assert shelf.asked == 2
    unknown = Shelf()
    unknown.away = True
    with pytest.raises(LedgerUnavailable):
        unknown.look()


def test_what_is_gone_is_forgotten_and_an_older_answer_replaces_nothing() -> None:
    shelf = Shelf()
    shelf.petition = replace(PETITION, revision=2)
    shelf.look()
    shelf.petition = PETITION
    shelf.now += FRESH
    shelf.look()
    assert shelf.look().revision == 2
    shelf.petition = None
    shelf.now += 10 * FRESH
    with pytest.raises(PetitionNotFound):
        shelf.look()
