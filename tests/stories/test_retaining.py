"""The story of forgetting, on both ledgers: what is due goes, the rest stays, and the number never moves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from tests.petitions import NOW, draft, signature
from widget.domain.petition import Petition, Status
from widget.domain.refusals import PetitionClosed
from widget.domain.retention import Retention
from widget.domain.signature import Actor, Occasion, State
from widget.retaining import Anonymised, Daily, Retained, retain
from widget.store.ledger import Ledger
from widget.store.ledger import retention as walk

RULES = Retention(unconfirmed_days=21, network_key_days=30, anonymise_months=6, held_days=90)
NOTHING = Retained(0, 0, ())
DAY = timedelta(days=1)
HALF_A_YEAR = timedelta(days=190)


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(draft(), NOW)


def sign(ledger: Ledger, petition: Petition, name: str, **changes: object) -> int:
    new = signature(petition.id, f"{name}@example.org", network_key="k" * 32, **changes)
    recorded = ledger.record(new, Occasion.CONFIRMATION)
    assert recorded.id is not None
    return recorded.id


def run(ledger: Ledger, now: datetime) -> Retained:
    """Run for show, then in earnest: both say the same. Then again: nothing is left."""
    shown = retain(ledger=ledger, rules=RULES, now=now, dry_run=True)
    done = retain(ledger=ledger, rules=RULES, now=now)
    assert done == shown
    assert retain(ledger=ledger, rules=RULES, now=now) == NOTHING
    return done


def state_of(ledger: Ledger, signature_id: int) -> State:
    found = ledger.signature_by_id(signature_id)
    assert found is not None
    return found.state


def test_who_never_confirmed_is_forgotten_after_three_weeks(ledger: Ledger, petition: Petition) -> None:
    waiting = sign(ledger, petition, "sam", state=State.PENDING)
    assert run(ledger, NOW + 21 * DAY) == NOTHING
    assert run(ledger, NOW + 21 * DAY + timedelta(seconds=1)).unconfirmed == 1
    assert state_of(ledger, waiting) is State.ERASED
    assert [move.reason for move in ledger.history(waiting)] == ["never confirmed"]
    assert sign(ledger, petition, "sam") != waiting  # and may sign again


def test_a_later_letter_gives_more_time(ledger: Ledger, petition: Petition) -> None:
    waiting = sign(ledger, petition, "sam", state=State.PENDING)
    again = signature(petition.id, "sam@example.org", state=State.PENDING, signed_at=NOW + 20 * DAY)
    ledger.record(again, Occasion.CONFIRMATION)
    assert run(ledger, NOW + 40 * DAY).unconfirmed == 0
    assert state_of(ledger, waiting) is State.PENDING
    assert run(ledger, NOW + 42 * DAY).unconfirmed == 1


def test_who_counts_stays(ledger: Ledger, petition: Petition) -> None:
    kept = sign(ledger, petition, "sam")
    run(ledger, NOW + 400 * DAY)
    assert state_of(ledger, kept) is State.CONFIRMED
    assert ledger.signature(petition.id, "sam@example.org") is not None


@pytest.mark.parametrize("confirmed", [False, True])
def test_who_waits_for_a_look_that_nobody_takes_is_forgotten_after_three_months(
    ledger: Ledger, petition: Petition, confirmed: bool
) -> None:
    held = sign(ledger, petition, "sam", state=State.HELD, held_because="crowd")
    if confirmed:
        ledger.confirm_signature(held, NOW + DAY, reason="confirmed by mail")
    counted = ledger.tally(petition.id).count
    assert run(ledger, NOW + 90 * DAY).unreviewed == 0
    assert state_of(ledger, held) is State.HELD
    done = run(ledger, NOW + 90 * DAY + timedelta(seconds=1))
    assert (done.unreviewed, done.unconfirmed) == (1, 0)
    assert state_of(ledger, held) is State.ERASED
    assert [move.reason for move in ledger.history(held)][-1] == "never reviewed"
    assert ledger.tally(petition.id).count == counted
    assert ledger.recount(petition.id).drift == 0
    assert sign(ledger, petition, "sam") != held


def test_who_was_held_later_or_written_to_meanwhile_has_more_time(ledger: Ledger, petition: Petition) -> None:
    later = sign(ledger, petition, "sam")
    ledger.move(later, State.HELD, NOW + 30 * DAY, by=Actor.ORGANISER)
    again = sign(ledger, petition, "petra", state=State.HELD, held_because="crowd")
    ledger.write_again(petition.id, "petra@example.org", NOW + 40 * DAY)
    assert run(ledger, NOW + 100 * DAY).unreviewed == 0
    assert run(ledger, NOW + 121 * DAY).unreviewed == 1
    assert (state_of(ledger, later), state_of(ledger, again)) == (State.ERASED, State.HELD)
    assert run(ledger, NOW + 131 * DAY).unreviewed == 1


def test_who_is_accepted_in_the_last_moment_is_not_forgotten(ledger: Ledger, petition: Petition) -> None:
    held = sign(ledger, petition, "sam", state=State.HELD)
    before = RULES.unreviewed_before(NOW + 91 * DAY)
    due = ledger.unreviewed(range(100), before)
    ledger.move(held, State.CONFIRMED, NOW + 91 * DAY, by=Actor.ORGANISER)
    assert due == [held]
    assert ledger.erase_unreviewed(due, before, NOW + 91 * DAY) == 0
    assert state_of(ledger, held) is State.CONFIRMED


def test_who_withdrew_before_confirming_is_forgotten_and_after_it_not(
    ledger: Ledger, petition: Petition
) -> None:
    before = sign(ledger, petition, "sam", state=State.PENDING)
    after = sign(ledger, petition, "petra")
    for one in (before, after):
        ledger.move(one, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    assert run(ledger, NOW + 22 * DAY).unconfirmed == 1
    assert (state_of(ledger, before), state_of(ledger, after)) == (State.ERASED, State.WITHDRAWN)


def test_networks_are_forgotten_after_thirty_days(ledger: Ledger, petition: Petition) -> None:
    old = sign(ledger, petition, "sam")
    new = sign(ledger, petition, "petra", signed_at=NOW + DAY)
    assert run(ledger, NOW + 30 * DAY + timedelta(seconds=1)) == Retained(0, 1, ())
    keys = [found.network_key for n in (old, new) if (found := ledger.signature_by_id(n))]
    assert keys == [None, "k" * 32]
    assert ledger.tally(petition.id).here == 2


def test_signers_are_anonymised_half_a_year_after_closing_and_still_count(
    ledger: Ledger, petition: Petition
) -> None:
    numbers = [sign(ledger, petition, f"sam.{n}") for n in range(7)]
    ledger.move(numbers[0], State.WITHDRAWN, NOW, by=Actor.SIGNER)
    ledger.change(petition.id, {"status": Status.DELIVERED})
    retain(ledger=ledger, rules=RULES, now=NOW)  # sees that it is closed
    assert run(ledger, NOW + 180 * DAY).anonymised == ()
    done = run(ledger, NOW + HALF_A_YEAR)
    assert done.anonymised == (Anonymised("save-the-mill", 7),)
    tally = ledger.tally(petition.id)
    assert tally.here == 6 == sum(day.change for day in ledger.audit(petition.id))
    assert ledger.recount(petition.id).drift == 0
    for number in numbers:
        found = ledger.signature_by_id(number)
        assert found is not None
        assert (found.email, found.given_name, found.country, found.network_key) == ("", "", "", None)
    assert state_of(ledger, numbers[1]) is State.CONFIRMED


def test_a_closing_date_closes_too(ledger: Ledger) -> None:
    closing = ledger.add_petition(draft(slug="closing", closes_at=NOW + DAY), NOW)
    sign(ledger, closing, "sam")
    retain(ledger=ledger, rules=RULES, now=NOW)
    retain(ledger=ledger, rules=RULES, now=NOW + 2 * DAY)
    assert run(ledger, NOW + HALF_A_YEAR).anonymised == (Anonymised("closing", 1),)


def test_an_open_petition_keeps_its_signers_and_a_reopened_one_begins_anew(
    ledger: Ledger, petition: Petition
) -> None:
    sign(ledger, petition, "sam")
    ledger.change(petition.id, {"status": Status.CLOSED})
    retain(ledger=ledger, rules=RULES, now=NOW)
    ledger.change(petition.id, {"status": Status.OPEN})
    assert run(ledger, NOW + HALF_A_YEAR).anonymised == ()
    ledger.change(petition.id, {"status": Status.CLOSED})
    assert run(ledger, NOW + HALF_A_YEAR + DAY).anonymised == ()
    assert run(ledger, NOW + 2 * HALF_A_YEAR + 2 * DAY).anonymised == (Anonymised("save-the-mill", 1),)


def test_a_closing_date_mistyped_into_the_past_forgets_nobody_at_once(ledger: Ledger) -> None:
    mistyped = ledger.add_petition(draft(slug="mistyped", closes_at=NOW + DAY), NOW)
    sign(ledger, mistyped, "sam")
    assert run(ledger, NOW + 3_000 * DAY).anonymised == ()
    found = ledger.signature(mistyped.id, "sam@example.org")
    assert found is not None
    assert found.given_name == "Sam"


def test_once_anonymised_a_petition_never_counts_anybody_twice(ledger: Ledger, petition: Petition) -> None:
    sign(ledger, petition, "sam")
    ledger.change(petition.id, {"status": Status.CLOSED})
    retain(ledger=ledger, rules=RULES, now=NOW)
    retain(ledger=ledger, rules=RULES, now=NOW + HALF_A_YEAR)
    ledger.change(petition.id, {"status": Status.OPEN})
    assert ledger.petition("save-the-mill").status_at(NOW) is Status.CLOSED
    with pytest.raises(PetitionClosed):
        ledger.record(signature(petition.id, "sam@example.org"), Occasion.RECEIPT)
    assert ledger.tally(petition.id).here == 1


def test_who_is_due_for_two_reasons_is_counted_once(ledger: Ledger, petition: Petition) -> None:
    """Run for show and run in earnest agree although one thing done changes what else is due."""
    sign(ledger, petition, "sam", state=State.PENDING)
    sign(ledger, petition, "petra")
    ledger.change(petition.id, {"status": Status.CLOSED})
    retain(ledger=ledger, rules=RULES, now=NOW)
    done = run(ledger, NOW + HALF_A_YEAR)
    assert done == Retained(1, 1, (Anonymised("save-the-mill", 1),))


def test_a_run_that_dies_leaves_the_rest_to_the_next(
    ledger: Ledger, petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "BATCH", 2)
    monkeypatch.setattr(walk, "WINDOW", 3)
    for n in range(7):
        sign(ledger, petition, f"sam.{n}", state=State.PENDING)
    for n in range(7):
        sign(ledger, petition, f"petra.{n}")
    ledger.change(petition.id, {"status": Status.CLOSED})
    retain(ledger=ledger, rules=RULES, now=NOW)
    later = NOW + HALF_A_YEAR

    def die_half_way(done: float) -> None:
        if done > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retain(ledger=ledger, rules=RULES, now=later, watch=die_half_way)
    rest = retain(ledger=ledger, rules=RULES, now=later)
    assert 0 < rest.unconfirmed < 7
    assert rest.anonymised == (Anonymised("save-the-mill", 7),)
    assert retain(ledger=ledger, rules=RULES, now=later) == NOTHING
    assert ledger.tally(petition.id).here == 7


@contextmanager
def signers_at_work(ledger: Ledger, petition: Petition) -> Iterator[list[int]]:
    """Let people sign, withdraw and erase until the block ends; give the numbers of those who stayed."""
    stop, stayed, failed = threading.Event(), list[int](), list[Exception]()

    def work(name: str) -> None:
        turn = 0
        try:
            while not stop.is_set():
                turn += 1
                number = sign(ledger, petition, f"{name}.{turn}", signed_at=NOW + 60 * DAY)
                if turn % 3 == 0:
                    ledger.erase(number, NOW + 60 * DAY)
                elif turn % 3 == 1:
                    stayed.append(number)
                else:
                    ledger.move(number, State.WITHDRAWN, NOW + 60 * DAY, by=Actor.SIGNER)
        except Exception as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    people = [threading.Thread(target=work, args=(f"late.{n}",)) for n in range(3)]
    for person in people:
        person.start()
    yield stayed
    stop.set()
    for person in people:
        person.join()
    assert failed == []


def test_it_is_safe_beside_signers(ledger: Ledger, petition: Petition) -> None:
    waiting = [sign(ledger, petition, f"sam.{n}", state=State.PENDING) for n in range(120)]
    ready, later = threading.Event(), NOW + 61 * DAY

    def confirm_some() -> list[bool]:
        ready.wait()
        return [ledger.move(n, State.CONFIRMED, later, by=Actor.SIGNER) for n in reversed(waiting)]

    with signers_at_work(ledger, petition) as stayed:
        confirmed: list[list[bool]] = []
        late = threading.Thread(target=lambda: confirmed.append(confirm_some()))
        late.start()
        ready.set()
        done = retain(ledger=ledger, rules=RULES, now=later)
        late.join()
    # Each of those that waited was either confirmed first or forgotten first: never both.
    assert done.unconfirmed + confirmed[0].count(True) == 120
    assert ledger.tally(petition.id).here == len(stayed) + confirmed[0].count(True)
    assert ledger.recount(petition.id).drift == 0


def test_a_worker_that_asks_again_and_again_does_it_once_a_day(ledger: Ledger, petition: Petition) -> None:
    daily = Daily(ledger=ledger, rules=RULES)
    for turn, gone in ((0, False), (1, False), (2, True)):
        if turn:
            sign(ledger, petition, "sam" if turn == 1 else "petra", state=State.PENDING)
        daily(NOW + 22 * DAY + turn * timedelta(hours=12))
        found = ledger.signature(petition.id, "sam@example.org")
        assert (found is None) is (gone or turn == 0)


def test_a_worker_goes_on_when_the_ledger_is_away(sqlite_url: str) -> None:
    ledger = Ledger.connect(sqlite_url)
    petition = ledger.add_petition(draft(), NOW)
    sign(ledger, petition, "sam", state=State.PENDING)
    daily = Daily(ledger=ledger, rules=RULES)
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    now = NOW + 22 * DAY
    daily(now)
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO outbox")
    daily(now + timedelta(minutes=59))
    assert ledger.signature(petition.id, "sam@example.org") is not None
    daily(now + timedelta(minutes=61))
    assert ledger.signature(petition.id, "sam@example.org") is None
    ledger.close()
