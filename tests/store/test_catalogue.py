"""The petitions at hand: never far behind, never a queue, and something to show while the ledger is away."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.domain.test_petition import PETITION
from widget.domain.petition import Petition, Status
from widget.domain.refusals import LedgerUnavailable, PetitionNotFound
from widget.store.catalogue import FRESH, LATE, WHOLE, Catalogue


class Shelf:
    """A ledger of one petition, with a clock to turn."""

    def __init__(self) -> None:
        self.petition: Petition | None = PETITION
        self.away = False
        self.asked = 0
        self.now = 0.0
        self.hold: threading.Event | None = None
        self.compared = 0
        self.catalogue = Catalogue(self.load, is_unchanged=self.is_unchanged, monotonic=lambda: self.now)

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

    def is_unchanged(self, known: Petition) -> bool:
        self.compared += 1
        if self.away:
            raise LedgerUnavailable
        return self.hold is None and self.petition is not None and self.petition.revision == known.revision

    def look(self) -> Petition:
        return self.catalogue.petition("save-the-mill")


def test_an_edit_is_seen_after_a_moment() -> None:
    shelf = Shelf()
    assert shelf.look().status is Status.OPEN
    shelf.petition = replace(PETITION, status=Status.CLOSED, revision=2)
    assert shelf.look().status is Status.OPEN
    shelf.now += FRESH
    assert shelf.look().status is Status.CLOSED


def test_what_is_unchanged_is_not_read_again_but_once_a_minute() -> None:
    shelf = Shelf()
    shelf.look()
    while shelf.now < WHOLE - FRESH:
        shelf.now += FRESH
        assert shelf.look() is PETITION
    assert (shelf.asked, shelf.compared) == (1, int(WHOLE / FRESH) - 1)
    shelf.petition = replace(PETITION, status=Status.CLOSED)  # restored, at the same revision
    assert shelf.look() is PETITION
    shelf.now += FRESH
    assert shelf.look().status is Status.CLOSED
    shelf.now += FRESH
    assert shelf.look().status is Status.CLOSED
    assert shelf.asked == 2  # from then on it is at hand again


def test_a_former_address_is_looked_up_each_time() -> None:
    shelf = Shelf()
    shelf.catalogue.petition("formerly")
    shelf.now += FRESH
    shelf.catalogue.petition("formerly")
    assert (shelf.asked, shelf.compared) == (2, 0)


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
