"""Signatures that were written without the words of a search get them, whoever is killed or comes beside."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import select, update

from tests.petitions import MILL, NOW, signature
from tests.store.filling import sign_as_before, unfound, until_idle
from widget import indexing
from widget.domain.criteria import Criteria
from widget.domain.refusals import LedgerUnavailable
from widget.indexing import AT_ONCE, LOOK, UNDERWAY, Indexing
from widget.store.ledger import Ledger
from widget.store.tables import signatures

MANY = range(2 * AT_ONCE + 7)


class Elapsed:
    """Seconds that go on when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_an_old_process_writes_is_found_after_the_next_look(ledger: Ledger) -> None:
    petition, elapsed = ledger.add_petition(MILL, NOW), Elapsed()
    sign_as_before(ledger, petition.id, MANY)
    walk = Indexing(ledger=ledger, elapsed=elapsed)
    assert not ledger.newest(petition.id, Criteria(name="sam cast 5"), limit=9)
    until_idle(walk)
    assert len(ledger.newest(petition.id, Criteria(name="sam cast 5"), limit=9)) == 1
    late = len(MANY)
    sign_as_before(ledger, petition.id, range(late, late + 1))
    assert not walk(60.0)
    assert unfound(ledger) == 1  # it is not asked at every turn
    elapsed.now += LOOK
    until_idle(walk)
    assert len(ledger.newest(petition.id, Criteria(name=f"sam cast {late}"), limit=9)) == 1


def test_killed_half_way_the_next_goes_on(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    petition = ledger.add_petition(MILL, NOW)
    sign_as_before(ledger, petition.id, MANY)
    assert Indexing(ledger=ledger)(60.0)
    assert unfound(ledger) == len(MANY) - AT_ONCE

    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("widget.store.ledger.indexing.found_by", killed)
        with pytest.raises(KeyboardInterrupt):
            Indexing(ledger=ledger)(60.0)
    assert unfound(ledger) == len(MANY) - AT_ONCE
    until_idle(Indexing(ledger=ledger))
    assert unfound(ledger) == 0


def test_two_workers_fill_together(ledger: Ledger, database_url: str) -> None:
    petition = ledger.add_petition(MILL, NOW)
    sign_as_before(ledger, petition.id, range(5 * AT_ONCE))
    with closing(Ledger.connect(database_url)) as other, ThreadPoolExecutor(2) as two:
        elapsed = Elapsed()
        walks = [Indexing(ledger=one, elapsed=elapsed) for one in (ledger, other)]
        list(two.map(until_idle, walks))
        elapsed.now += LOOK  # what one had in hand the other looks at once more
        list(two.map(until_idle, walks))
    assert unfound(ledger) == 0
    assert len(ledger.newest(petition.id, Criteria(name="sam *"), limit=9_999)) == 5 * AT_ONCE


@pytest.mark.services
def test_a_row_that_somebody_has_in_hand_is_filled_by_the_next_look(postgresql_url: str) -> None:
    with closing(Ledger.connect(postgresql_url)) as ledger:
        petition, elapsed = ledger.add_petition(MILL, NOW), Elapsed()
        sign_as_before(ledger, petition.id, range(UNDERWAY + 9))
        walk = Indexing(ledger=ledger, elapsed=elapsed)
        first = select(signatures.c.id).order_by(signatures.c.id).limit(1)
        with ledger._database.writing() as connection:
            busy = connection.scalar(first)
            connection.execute(update(signatures).where(signatures.c.id == busy).values(comment="mine"))
            until_idle(walk)
            assert unfound(ledger) == 1
        elapsed.now += LOOK
        until_idle(walk)
        assert unfound(ledger) == 0


def test_whoever_was_erased_is_never_looked_at_again(ledger: Ledger) -> None:
    petition = ledger.add_petition(MILL, NOW)
    gone = ledger.record(signature(petition.id), None).id
    assert gone
    ledger.erase(gone, NOW)
    assert unfound(ledger) == 0
    assert ledger.index([gone]) == []


def test_when_nothing_is_left_a_look_is_one_at_the_newest(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "WINDOW", 100)
    monkeypatch.setattr(indexing, "UNDERWAY", 100)
    petition, elapsed = ledger.add_petition(MILL, NOW), Elapsed()
    sign_as_before(ledger, petition.id, MANY)
    walk = Indexing(ledger=ledger, elapsed=elapsed)
    assert until_idle(walk) > 6
    elapsed.now += LOOK
    assert until_idle(walk) == 1
    elapsed.now += indexing.DAY
    assert until_idle(walk) > 6


def test_a_ledger_that_is_away_is_asked_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    petition, elapsed = ledger.add_petition(MILL, NOW), Elapsed()
    sign_as_before(ledger, petition.id, MANY)
    walk = Indexing(ledger=ledger, elapsed=elapsed)

    def away(*_: object) -> list[int]:
        raise LedgerUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "index", away)
        assert not walk(60.0)
    elapsed.now += LOOK
    until_idle(walk)
    assert unfound(ledger) == 0


def test_beside_many_letters_it_waits_for_room(ledger: Ledger) -> None:
    petition, elapsed = ledger.add_petition(MILL, NOW), Elapsed()
    sign_as_before(ledger, petition.id, MANY)
    walk = Indexing(ledger=ledger, elapsed=elapsed)
    walk._took = 0.5
    assert walk(0.0)  # the first is due
    walk._took = 0.5
    assert not walk(0.1)
    assert walk(0.6)
    elapsed.now += indexing.APART
    assert not walk(0.0)  # the last step of the walk
    assert unfound(ledger) == 0
