"""PostgreSQL, where many write at once: nobody waits in a ring, and no two hold one version of the number."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.petitions import MILL, NOW, signature
from widget import organising, reviewing
from widget.domain.criteria import Criteria
from widget.domain.petition import Petition
from widget.domain.signature import Occasion, State
from widget.domain.tally import Tally
from widget.store.counter import Counter
from widget.store.ledger import Ledger, recording

pytestmark = pytest.mark.services

PATIENCE = 30.0  # seconds until a test gives up; what it waits for takes milliseconds
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def ledger(postgresql_url: str) -> Iterator[Ledger]:
    with closing(Ledger.connect(postgresql_url)) as made:
        yield made


@pytest.fixture
def other(postgresql_url: str) -> Iterator[Ledger]:
    """Another process, as far as PostgreSQL can tell."""
    with closing(Ledger.connect(postgresql_url)) as made:
        yield made


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def until_somebody_waits(ledger: Ledger, *, unless: Callable[[], bool] = lambda: False) -> None:
    deadline = time.monotonic() + PATIENCE
    with ledger._database.reading() as connection:
        while not unless() and not connection.exec_driver_sql(WAITING).scalar_one():
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


def test_a_recount_publishes_no_version_that_somebody_else_has_with_another_number(
    ledger: Ledger, other: Ledger, petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sam signs in a slot that the recount has no hand on, when all it still has to do is commit."""
    monkeypatch.setattr(recording, "any_slot", lambda _dialect: 5)
    signed: list[Tally] = []

    def sign(_connection: Any) -> None:
        if not signed:
            signed.append(other.record(signature(petition.id), None).tally)

    event.listen(ledger._database._engine, "commit", sign)
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: NOW)
    recounted = organising.recount(petition.slug, ledger=ledger, counter=counter)
    (sams,) = signed
    truth = ledger.tally(petition.id)
    assert (sams.changes, sams.here) == (1, 1)
    assert (recounted.after.changes, recounted.after.here) == (truth.changes, truth.here) == (2, 1)
    assert recounted.drift == 0
    assert counter.read(petition.id).count == truth.count
    counter.close()


@pytest.mark.parametrize("letter", [Occasion.RECEIPT, Occasion.CONFIRMATION])
def test_a_letter_is_noted_as_sent_while_its_signer_is_erased(
    ledger: Ledger, other: Ledger, petition: Petition, letter: Occasion
) -> None:
    """The letter is gone and its signer not yet, when the worker comes to note that it was sent."""
    state = State.CONFIRMED if letter is Occasion.RECEIPT else State.PENDING
    signature_id = ledger.record(signature(petition.id, state=state), letter).id
    assert signature_id is not None
    (waiting,) = ledger.letters(limit=5)
    noting: list[Future[bool]] = []
    with ThreadPoolExecutor(1) as worker:

        def note(*given: Any) -> None:
            if given[2].startswith("UPDATE moves") and not noting:
                noting.append(worker.submit(other.mark_letter_sent, waiting.id, NOW))
                until_somebody_waits(other)

        event.listen(ledger._database._engine, "before_cursor_execute", note)
        assert ledger.erase(signature_id, NOW)
    (noted,) = noting
    assert noted.result() is False
    assert ledger.letters(limit=5) == []


@pytest.mark.parametrize(
    "attempt", range(2)
)  # one in sixteen times both would begin in one slot, and say nothing
def test_two_reviews_of_one_petition_go_on_beside_each_other(
    ledger: Ledger, other: Ledger, petition: Petition, attempt: int
) -> None:
    """Both have a part of the number before either goes on, unless one has to wait for the other."""
    farms = ("mallory.example", "robots.example")
    for number in range(60):
        for farm in farms:
            ledger.record(signature(petition.id, f"sam.{number}@{farm}"), None)
    in_the_number: set[int] = set()

    def meet(*given: Any) -> None:
        me = threading.get_ident()
        if given[2].startswith("UPDATE signatures") and me not in in_the_number:
            in_the_number.add(me)
            until_somebody_waits(other, unless=lambda: len(in_the_number) >= len(farms))

    event.listen(ledger._database._engine, "before_cursor_execute", meet)
    with closing(Counter(ledger.tally, redis_url=None, clock=lambda: NOW)) as counter:

        def strike(farm: str) -> int:
            review = reviewing.invalidating(
                petition.slug, Criteria(domain=farm), ledger=ledger, reason="a script"
            )
            return sum(
                reviewing.carry_out(
                    review, ledger=ledger, counter=counter, clock=lambda: NOW, within=timedelta(days=21)
                )
            )

        with ThreadPoolExecutor(len(farms)) as organisers:
            assert list(organisers.map(strike, farms)) == [60, 60]
    assert ledger.tally(petition.id).here == 0
    assert ledger.recount(petition.id).drift == 0
