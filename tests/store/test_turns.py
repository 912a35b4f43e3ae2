"""Two processes that write to one SQLite ledger: each gets its turn, and nobody waits for ever."""

import sqlite3
import threading
from contextlib import closing

import pytest

from tests.petitions import MILL, NOW, signature
from widget.domain.refusals import LedgerUnavailable
from widget.store import engine
from widget.store.ledger import Ledger


@pytest.fixture
def other(sqlite_url: str) -> "sqlite3.Connection":
    """Another process, as far as SQLite can tell."""
    path = sqlite_url.removeprefix("sqlite:///")
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def test_a_signature_waits_for_its_turn(sqlite_url: str, other: sqlite3.Connection) -> None:
    with closing(other), closing(Ledger.connect(sqlite_url)) as ledger:
        petition = ledger.add_petition(MILL, NOW)
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.1, other.execute, ["COMMIT"])
        done.start()
        assert ledger.record(signature(petition.id), None).tally.count == 50
        done.join()


def test_it_does_not_wait_for_ever(
    sqlite_url: str, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 0.05)
    with closing(other), closing(Ledger.connect(sqlite_url)) as ledger:
        petition = ledger.add_petition(MILL, NOW)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable):
            ledger.record(signature(petition.id), None)
        other.execute("ROLLBACK")
        assert ledger.record(signature(petition.id), None).tally.count == 50
