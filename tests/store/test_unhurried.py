"""A look through millions of rows takes its time; what a visitor waits for never does."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.petitions import MILL, NOW, signature
from widget.domain.criteria import Criteria
from widget.domain.refusals import LedgerUnavailable
from widget.domain.signature import State
from widget.store import engine
from widget.store.bounded import BoundedConnection
from widget.store.ledger import Ledger

LONG = 0.6  # seconds a look at the signatures takes here; the limits are shorter


@pytest.fixture
def slow(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """A ledger whose signatures take long to read, as if there were millions."""
    monkeypatch.setattr(engine, "STATEMENT_TIMEOUT", 200)
    monkeypatch.setattr(engine, "ANSWER_TIMEOUT", 0.4)
    monkeypatch.setattr(BoundedConnection, "answer_timeout", 0.4)
    ledger = Ledger.connect(postgresql_url, pool=1)
    petition = ledger.add_petition(MILL, NOW)
    ledger.record(signature(petition.id, state=State.HELD), None)
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE signatures RENAME TO kept")
        connection.exec_driver_sql(
            f"CREATE VIEW signatures AS SELECT kept.* FROM kept, (SELECT pg_sleep({LONG})) AS slept"
        )
    yield ledger
    ledger.close()


LOOKS: dict[str, Callable[[Ledger], object]] = {
    "count": lambda ledger: ledger.count_matching(1, Criteria()),
    "list": lambda ledger: ledger.matching(1, Criteria(), limit=10),
    "leaf": lambda ledger: ledger.newest(1, Criteria(name="sam *"), limit=10),
    "wording": lambda ledger: ledger.count_of_wording(1, MILL.wording.text_version, 10),
    "news": lambda ledger: ledger.count_who_want_news(1),
    "names": lambda ledger: ledger.count_named(1),
    "batch": lambda ledger: ledger.batch_size(1, "none"),
    "recount": lambda ledger: ledger.recount(1),
    "retention": lambda ledger: ledger.closed_before(NOW, NOW, NOW, NOW),
}


@pytest.mark.services
@pytest.mark.parametrize("look", LOOKS)
def test_a_long_look_goes_through_and_a_visitor_is_answered_in_time(slow: Ledger, look: str) -> None:
    LOOKS[look](slow)
    with pytest.raises(LedgerUnavailable):  # on the same connection: the limits are back
        slow.signature(1, "sam@example.org")
    assert slow.tally(1).count == 49


@pytest.mark.services
def test_an_export_is_as_short_of_time_as_a_visitor(slow: Ledger) -> None:
    with pytest.raises(LedgerUnavailable):
        slow.stretch(1, {State.HELD}, after=0, limit=10)


@pytest.mark.services
def test_the_limits_are_back_after_a_look_that_failed(slow: Ledger) -> None:
    with pytest.raises(LedgerUnavailable), slow._database.unhurried() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(LedgerUnavailable):
        slow.signature(1, "sam@example.org")
    assert slow.tally(1).count == 49


def test_a_look_waits_for_no_writer(sqlite_url: str, tmp_path: Path) -> None:
    ledger = Ledger.connect(sqlite_url)
    petition = ledger.add_petition(MILL, NOW)
    ledger.record(signature(petition.id, state=State.HELD), None)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert ledger.count_matching(petition.id, Criteria()) == 1
        assert len(ledger.matching(petition.id, Criteria(), limit=5)) == 1
        other.execute("ROLLBACK")
    ledger.close()


def test_counting_again_while_others_sign_corrects_nothing_that_is_right(database_url: str) -> None:
    ledger = Ledger.connect(database_url, pool=4)
    petition = ledger.add_petition(MILL, NOW)
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE tally SET here = here + 5 WHERE slot = 0")
    done = threading.Event()

    def sign(name: int) -> None:
        for number in range(25):
            ledger.record(signature(petition.id, f"sam.{name}.{number}@example.org"), None)

    drifts: list[int] = []

    def recount() -> None:
        while not done.is_set():
            drifts.append(ledger.recount(petition.id).drift)

    counting = threading.Thread(target=recount)
    signing = [threading.Thread(target=sign, args=(name,)) for name in range(2)]
    for thread in (counting, *signing):
        thread.start()
    for thread in signing:
        thread.join()
    done.set()
    counting.join()
    assert sum(drifts) == 5
    assert set(drifts) <= {0, 5}
    assert ledger.tally(petition.id).here == 50
    assert ledger.recount(petition.id).drift == 0
    ledger.close()


@pytest.mark.services
def test_two_who_count_again_at_once_correct_once(postgresql_url: str) -> None:
    ledger = Ledger.connect(postgresql_url, pool=4)
    petition = ledger.add_petition(MILL, NOW)
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE tally SET here = here + 5 WHERE slot = 0")
    drifts: list[int] = []
    both = [
        threading.Thread(target=lambda: drifts.append(ledger.recount(petition.id).drift)) for _ in range(3)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(drifts) == [0, 0, 5]
    assert ledger.tally(petition.id).here == 0
    ledger.close()
