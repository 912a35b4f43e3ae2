"""Figures over a whole history, and the worker that counts them beside the service."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest

from tests.petitions import NOW, draft, signature
from widget import auditing, collecting, figures, summing
from widget.charting import panels, tables
from widget.domain.figures import Part, Period
from widget.domain.intake import Incoming
from widget.domain.paper import PaperFigure
from widget.domain.petition import Petition
from widget.domain.refusals import LedgerUnavailable
from widget.domain.signature import Actor, State
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger
from widget.summing import APART, EVERY, REST, Summing

WITHIN = timedelta(days=21)


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter(ledger: Ledger, clock: Clock) -> Iterator[Counter]:
    made = Counter(ledger.tally, redis_url=None, clock=clock, namespace="figures")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def twenty_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "LIVE", 20)


@pytest.fixture
def mill(ledger: Ledger) -> Petition:
    return ledger.add_petition(draft(), NOW)


@pytest.fixture
def worker(ledger: Ledger, clock: Clock) -> Summing:
    return Summing(ledger=ledger, clock=clock, confirm_within=WITHIN)


def sign(ledger: Ledger, petition: Petition, names: range, at: datetime = NOW, **changes: Any) -> None:
    for number in names:
        new = signature(petition.id, f"sam.{number}@example.org", signed_at=at, **changes)
        ledger.record(new, letter=None)


def seen(petition: Petition, ledger: Ledger, counter: Counter, clock: Clock, period: Period) -> figures.Seen:
    return figures.show(petition, period, ledger=ledger, counter=counter, now=clock(), confirm_within=WITHIN)


def test_the_page_agrees_with_the_public_audit(
    ledger: Ledger, counter: Counter, clock: Clock, mill: Petition
) -> None:
    sign(ledger, mill, range(12))
    begun = ledger.begin_import(
        mill.id, file_name="f", fingerprint="0" * 64, mapping={}, recorded_by="Anahit", now=NOW
    )
    clock.pass_by(timedelta(days=2))
    lines = [
        Incoming(
            signature(mill.id, f"import.{n}@example.org", signed_at=NOW - timedelta(days=90)), NOW, clock()
        )
        for n in range(6)
    ]
    ledger.take_in(begun.id, 0, 6, lines, refused=0, now=clock())
    figure = PaperFigure(120, "the market", NOW.date(), "A-1")
    collecting.add_paper(mill.slug, figure, recorded_by="Anahit", ledger=ledger, counter=counter, now=clock())
    clock.pass_by(timedelta(days=1))
    ledger.move(1, State.WITHDRAWN, clock(), by=Actor.SIGNER)
    ledger.move(2, State.INVALIDATED, clock(), by=Actor.ORGANISER)
    ledger.erase(3, clock())
    found = seen(mill, ledger, counter, clock, Period.ALL)
    catalogue = Catalogue(ledger.petition, monotonic=lambda: 0.0)
    audited = auditing.audit(mill.slug, catalogue=catalogue, ledger=ledger)
    assert found.days[-1].total == audited.count == found.progress.count == 49 + 9 + 6 + 120
    by_day = {one.day.day: one.total for one in audited.days}
    assert {one.day: one.total for one in found.days if one.day in by_day} == by_day
    assert [(one.given, one.imported, one.paper, one.left) for one in found.days] == [
        (12, 0, 0, 0),
        (0, 0, 0, 0),
        (0, 6, 120, 0),
        (0, 0, 0, 3),
    ]
    assert found.figures is not None
    here = sum(one.day.change_here for one in audited.days)
    assert {found.figures.total(part, Period.ALL) for part in (Part.SITE, Part.COUNTRY)} == {here}
    assert sum(count for _, count in found.hours()) == 9


@pytest.mark.parametrize("period", Period)
def test_a_large_petition_is_counted_once_by_the_worker(
    ledger: Ledger, counter: Counter, clock: Clock, mill: Petition, worker: Summing, period: Period
) -> None:
    sign(ledger, mill, range(21))
    assert seen(mill, ledger, counter, clock, period).figures is None
    assert worker() == 1
    assert worker() == 0
    found = seen(mill, ledger, counter, clock, period)
    assert not found.is_behind
    assert found.figures is not None
    assert found.figures.total(Part.COUNTRY, period) == 21
    clock.pass_by(timedelta(minutes=5))
    assert seen(mill, ledger, counter, clock, period).is_behind


@pytest.mark.parametrize("deed", ["sign", "withdraw", "strike", "erase", "import"])
def test_what_changes_is_counted_again(
    ledger: Ledger, mill: Petition, worker: Summing, clock: Clock, deed: str
) -> None:
    sign(ledger, mill, range(21))
    worker()
    if deed == "sign":
        sign(ledger, mill, range(21, 22))
    elif deed == "withdraw":
        ledger.move(1, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    elif deed == "strike":
        ledger.move(1, State.INVALIDATED, NOW, by=Actor.ORGANISER)
    elif deed == "erase":
        ledger.erase(1, NOW)
    else:
        new = signature(mill.id, "import@example.org")
        begun = ledger.begin_import(
            mill.id, file_name="f", fingerprint="0" * 64, mapping={}, recorded_by="Anahit", now=NOW
        )
        ledger.take_in(begun.id, 0, 1, [Incoming(new, NOW, NOW)], refused=0, now=NOW)
    expected = 22 if deed in {"sign", "import"} else 20
    for _ in range(3):  # one look sees how far it may go, the next goes there
        clock.pass_by(APART + timedelta(seconds=1))
        worker()
    kept = ledger.kept_figures(mill.id)
    assert kept is not None
    assert kept.figures.total(Part.COUNTRY, Period.ALL) == expected == ledger.tally(mill.id).here
    as_of = kept.figures.as_of
    clock.pass_by(APART * 5)
    assert worker() == 0  # nothing more has changed
    kept = ledger.kept_figures(mill.id)
    assert kept is not None
    assert kept.figures.as_of == as_of


def test_once_a_day_all_are_counted_in_any_case(
    ledger: Ledger, mill: Petition, worker: Summing, clock: Clock
) -> None:
    sign(ledger, mill, range(21), source="letter")
    worker()
    ledger.anonymise(mill.id, NOW)  # which leaves no move behind
    clock.pass_by(EVERY)
    assert worker() == 1
    kept = ledger.kept_figures(mill.id)
    assert kept is not None
    assert [name for _, name, _ in kept.figures.of(Part.SOURCE, Period.ALL)] == [""]


def test_no_petition_is_counted_all_the_time(
    ledger: Ledger, mill: Petition, worker: Summing, clock: Clock
) -> None:
    sign(ledger, mill, range(21))
    worker()
    kept = ledger.kept_figures(mill.id)
    assert kept is not None
    ledger.keep_figures(mill.id, kept.figures, 0)
    clock.pass_by(timedelta(seconds=1))
    counted = figures.count(mill.id, ledger=ledger, now=clock(), confirm_within=WITHIN)[0]
    ledger.keep_figures(mill.id, counted, seconds=60)  # as if it had taken a minute
    sign(ledger, mill, range(30, 31))
    for _ in range(REST - 1):
        clock.pass_by(timedelta(minutes=1))
        assert worker() == 0
    clock.pass_by(timedelta(minutes=2))
    assert worker() == 1


def test_two_workers_count_it_once(ledger: Ledger, mill: Petition, clock: Clock) -> None:
    sign(ledger, mill, range(21))
    first, second = (Summing(ledger=ledger, clock=clock, confirm_within=WITHIN) for _ in range(2))
    assert (first(), second()) == (1, 0)


def test_small_petitions_are_left_alone(ledger: Ledger, mill: Petition, worker: Summing) -> None:
    sign(ledger, mill, range(20))
    assert worker() == 0
    assert ledger.kept_figures(mill.id) is None


def test_whoever_waits_keeps_it_for_others(
    ledger: Ledger, counter: Counter, clock: Clock, mill: Petition
) -> None:
    sign(ledger, mill, range(21))
    figures.look(mill, Period.ALL, ledger=ledger, now=clock(), confirm_within=WITHIN)
    assert seen(mill, ledger, counter, clock, Period.ALL).figures is not None


def test_the_thread_counts_and_ends(ledger: Ledger, database_url: str, mill: Petition) -> None:
    sign(ledger, mill, range(21))
    stop, counted = Event(), Event()
    thread = summing.start(database_url, clock=lambda: _noted(NOW, counted), confirm_within=WITHIN, stop=stop)
    try:
        assert counted.wait(30)
        _until(lambda: ledger.kept_figures(mill.id) is not None)
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def _noted(now: datetime, event: Event) -> datetime:
    event.set()
    return now


def _until(holds: Any) -> None:
    for _ in range(3_000):
        if holds():
            return
        Event().wait(0.01)
    raise AssertionError("it never came to hold")


def test_a_ledger_that_is_away_ends_no_worker(
    ledger: Ledger, worker: Summing, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, asked = Event(), []

    def away() -> tuple[int, int]:
        asked.append(1)
        if len(asked) == 2:
            stop.set()
        raise LedgerUnavailable

    monkeypatch.setattr(ledger, "latest", away)
    monkeypatch.setattr(summing, "LOOK", 0.0)
    worker.run(stop)
    assert len(asked) == 2


def test_goals_are_those_that_were_passed_and_the_next(
    ledger: Ledger, counter: Counter, clock: Clock, mill: Petition
) -> None:
    sign(ledger, mill, range(2))
    assert seen(mill, ledger, counter, clock, Period.ALL).goals() == [50, 100]
    clock.pass_by(timedelta(days=40))
    assert seen(mill, ledger, counter, clock, Period.WEEK).goals() == [100]


@pytest.mark.parametrize("period", Period)
def test_a_petition_of_many_years_has_every_day_in_its_file(
    ledger: Ledger, counter: Counter, clock: Clock, mill: Petition, period: Period
) -> None:
    sign(ledger, mill, range(3), at=NOW - timedelta(days=3_000))
    sign(ledger, mill, range(3, 6))
    found = seen(mill, ledger, counter, clock, period)
    days = {Period.DAY: 2, Period.WEEK: 7, Period.MONTH: 30, Period.ALL: 3_001}[period]
    assert len(tables(found, discreet=True)["days"].lines) == days
    assert all(len(panel.table.lines) <= 170 for panel in panels(found, discreet=False))
