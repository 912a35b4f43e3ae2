"""Anahit reviews: held signatures are let count or struck, in batches, and taken back; the books balance."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.petitions import NOW, draft, signature
from widget import owning, reviewing
from widget.domain.criteria import Criteria
from widget.domain.petition import Confirmation, Petition
from widget.domain.refusals import InvalidInput, LinkUnknown, PetitionNotFound
from widget.domain.signature import LETTERS_AT_MOST, Actor, Occasion, Signature, State
from widget.store.counter import Counter
from widget.store.ledger import Ledger

SLUG = "save-the-mill"
NETWORK, OTHER = "a" * 32, "b" * 32
WITHIN = timedelta(days=21)
DAY = timedelta(days=1)


@dataclass
class Desk:
    """What Anahit has before her."""

    ledger: Ledger
    counter: Counter
    petition: Petition
    now: datetime = NOW

    def put(self, email: str, state: State, letter: Occasion | None = None, **changes: Any) -> int:
        new = signature(self.petition.id, email, state=state, **changes)
        recorded = self.ledger.record(new, letter)
        assert recorded.id is not None
        return recorded.id

    def at(self, signature_id: int) -> Signature:
        found = self.ledger.signature_by_id(signature_id)
        assert found is not None
        return found

    def number(self) -> int:
        """Return the number, after checking that copy, rows and audit say the same."""
        shown = self.ledger.tally(self.petition.id)
        assert self.ledger.recount(self.petition.id).drift == 0
        audit = sum(d.confirmed - d.withdrawn - d.invalidated for d in self.ledger.audit(self.petition.id))
        assert shown.here == audit
        assert self.counter.read(self.petition.id).count == shown.count
        return shown.here

    def carry_out(self, review: reviewing.Review) -> int:
        return sum(self.steps(review))

    def steps(self, review: reviewing.Review) -> Iterator[int]:
        return reviewing.carry_out(review, **self.moving)

    def undo(self, batch: str) -> int:
        plan = reviewing.undoing(SLUG, batch, ledger=self.ledger)
        return sum(reviewing.undo(plan, **self.moving))

    @property
    def moving(self) -> dict[str, Any]:
        return {
            "ledger": self.ledger,
            "counter": self.counter,
            "clock": lambda: self.now,
            "within": WITHIN,
        }

    def accept(self, **criteria: Any) -> reviewing.Review:
        return reviewing.accepting(SLUG, Criteria(**criteria), ledger=self.ledger)

    def strike(self, **criteria: Any) -> reviewing.Review:
        return reviewing.invalidating(SLUG, Criteria(**criteria), ledger=self.ledger, reason="a script")


@pytest.fixture(params=[Confirmation.NONE])
def desk(request: pytest.FixtureRequest, ledger: Ledger) -> Iterator[Desk]:
    petition = ledger.add_petition(draft(confirmation=request.param), NOW)
    ticks = count()
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: NOW + timedelta(seconds=next(ticks)))
    yield Desk(ledger, counter, petition)
    counter.close()


by_mail = pytest.mark.parametrize("desk", [Confirmation.EMAIL], indirect=True)


def test_held_ones_are_counted_first_and_then_let_count(desk: Desk) -> None:
    held = [desk.put(f"sam.{n}@example.org", State.HELD, held_because="crowd") for n in range(3)]
    desk.put("anahit@example.org", State.CONFIRMED)
    review = desk.accept()
    assert reviewing.count(review, ledger=desk.ledger) == 3
    assert desk.number() == 1
    assert desk.carry_out(review) == 3
    assert desk.number() == 4
    assert {desk.at(number).state for number in held} == {State.CONFIRMED}
    (move,) = desk.ledger.history(held[0])
    assert (move.origin, move.target, move.moved_by) == (State.HELD, State.CONFIRMED, Actor.ORGANISER)
    assert desk.at(held[0]).held_because == "crowd"
    assert reviewing.count(desk.accept(), ledger=desk.ledger) == 0


@by_mail
def test_whoever_never_confirmed_is_asked_to(desk: Desk) -> None:
    silent = desk.put("sam@example.org", State.HELD, held_because="trap")
    written = desk.put("anahit@example.org", State.HELD, Occasion.CONFIRMATION, held_because="crowd")
    sure = desk.put("petra@example.org", State.HELD, Occasion.CONFIRMATION, held_because="crowd")
    desk.ledger.confirm_signature(sure, NOW, reason="confirmed")
    assert desk.at(sure).state is State.HELD
    desk.carry_out(desk.accept())
    assert [desk.at(n).state for n in (silent, written, sure)] == [
        State.PENDING,
        State.PENDING,
        State.CONFIRMED,
    ]
    assert desk.number() == 1
    letters = {n: desk.ledger.last_letter_at(n) is not None for n in (silent, written, sure)}
    assert letters == {silent: True, written: True, sure: True}
    assert len(desk.ledger.letters(limit=10)) == 3  # nobody is written to twice


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({"address": "S.A.M+x@googlemail.com"}, {"sam@gmail.com"}),
    ({"domain": "mallory.example"}, {"1@mallory.example"}),
    ({"domain": "*.mallory.example"}, {"2@sub.mallory.example"}),
    ({"domain": "*mallory.example"}, {"1@mallory.example", "2@sub.mallory.example"}),
    ({"network": OTHER}, {"1@mallory.example"}),
    ({"site": "https://partner.example"}, {"2@sub.mallory.example"}),
    ({"site": "https://partner.example/"}, {"2@sub.mallory.example"}),
    ({"name": "mallory of*"}, {"1@mallory.example"}),
    ({"name": "*100%*"}, {"petra@example.org"}),
    ({"name": "mallory"}, set()),
    ({"since": NOW + timedelta(hours=1)}, {"late@example.org"}),
    ({"before": NOW}, set()),
    ({"since": NOW, "before": NOW + timedelta(hours=1), "network": NETWORK}, {"sam@gmail.com"}),
    ({"reason": "trap"}, {"late@example.org"}),
    ({"states": frozenset({State.HELD})}, {"late@example.org"}),
    ({"domain": "example_org"}, set()),
    ({"domain": "%"}, set()),
]


@pytest.mark.parametrize(("criteria", "expected"), CASES)
def test_criteria_find_whom_they_say(desk: Desk, criteria: dict[str, Any], expected: set[str]) -> None:
    desk.put("sam@gmail.com", State.CONFIRMED, network_key=NETWORK)
    desk.put("1@mallory.example", State.CONFIRMED, network_key=OTHER, given_name="MALLORY")
    desk.put("2@sub.mallory.example", State.PENDING, page_url="https://partner.example/a/page")
    desk.put("petra@example.org", State.CONFIRMED, given_name="100%", page_url="https://partner.example.org/")
    later = NOW + timedelta(hours=2)
    desk.put("late@example.org", State.HELD, signed_at=later, held_because="trap")
    other = desk.ledger.add_petition(draft(slug="another-mill"), NOW)
    desk.ledger.record(signature(other.id, "sam@gmail.com", network_key=OTHER, given_name="Mallory"), None)
    total, found = reviewing.found(SLUG, Criteria(**criteria), ledger=desk.ledger, limit=50)
    assert {one.email for one in found} == expected
    assert total == len(expected)


def test_a_flood_is_struck_and_brought_back(desk: Desk) -> None:
    honest = desk.put("sam@example.org", State.CONFIRMED)
    for n in range(20):
        desk.put(f"{n}@mallory.example", State.CONFIRMED if n % 2 else State.PENDING)
    before = desk.number()
    review = desk.strike(domain="mallory.example")
    assert desk.carry_out(review) == 20
    assert desk.number() == before - 10 == 1
    assert desk.at(honest).state is State.CONFIRMED
    assert desk.undo(review.batch) == 20
    assert desk.number() == before
    states = [
        one.state
        for one in reviewing.found(SLUG, Criteria(domain="mallory.example"), ledger=desk.ledger, limit=50)[1]
    ]
    assert states == [State.CONFIRMED if n % 2 else State.PENDING for n in range(20)]


def test_undoing_can_be_undone(desk: Desk) -> None:
    number = desk.put("sam@example.org", State.CONFIRMED)
    review = desk.strike(ids=(number,))
    desk.carry_out(review)
    plan = reviewing.undoing(SLUG, review.batch, ledger=desk.ledger)
    assert sum(reviewing.undo(plan, **desk.moving)) == 1
    assert desk.undo(plan.name) == 1
    assert desk.at(number).state is State.INVALIDATED
    assert desk.undo(review.batch) == 0  # it has moved on: the review's own move is no longer the last


def test_what_has_moved_on_since_is_left_alone(desk: Desk) -> None:
    stayed, left = desk.put("sam@example.org", State.HELD), desk.put("petra@example.org", State.HELD)
    review = desk.accept()
    desk.carry_out(review)
    desk.ledger.move(left, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    plan = reviewing.undoing(SLUG, review.batch, ledger=desk.ledger)
    assert (plan.moved, plan.still) == (2, 1)
    assert desk.undo(review.batch) == 1
    assert (desk.at(stayed).state, desk.at(left).state) == (State.HELD, State.WITHDRAWN)
    assert desk.number() == 0


def test_a_review_that_stops_has_done_whole_batches_and_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "AT_ONCE", 4)
    for n in range(10):
        desk.put(f"sam.{n}@example.org", State.HELD)
    review = desk.accept()
    steps = desk.steps(review)
    assert (next(steps), next(steps)) == (4, 4)
    steps.close()  # Ctrl-C
    assert desk.number() == 8
    again = replace(desk.accept(), batch=review.batch)
    assert reviewing.count(again, ledger=desk.ledger) == 2
    assert list(desk.steps(again)) == [2]
    assert desk.number() == 10
    assert desk.undo(review.batch) == 10


def test_a_batch_that_fails_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        desk.put(f"sam.{n}@example.org", State.HELD)
    review = desk.accept()

    def failing(state: State, confirmed: bool) -> State:
        calls.append(state)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return State.CONFIRMED

    calls: list[State] = []
    monkeypatch.setattr(reviewing.Review, "target", staticmethod(failing))
    with pytest.raises(KeyboardInterrupt):
        desk.carry_out(review)
    assert desk.number() == 0
    assert reviewing.count(review, ledger=desk.ledger) == 5


def test_a_slip_does_not_empty_the_petition(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.strike()
    with pytest.raises(InvalidInput):
        reviewing.invalidating(SLUG, Criteria(ids=(1,)), ledger=desk.ledger, reason=" ")
    with pytest.raises(PetitionNotFound):
        reviewing.accepting("nowhere", Criteria(), ledger=desk.ledger)


def test_withdrawn_and_erased_ones_are_not_struck(desk: Desk) -> None:
    gone = desk.put("sam@example.org", State.CONFIRMED)
    desk.ledger.move(gone, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    erased = desk.put("petra@example.org", State.CONFIRMED)
    desk.ledger.erase(erased, NOW)
    assert desk.carry_out(desk.strike(ids=(gone, erased))) == 0
    assert (desk.at(gone).state, desk.at(erased).state) == (State.WITHDRAWN, State.ERASED)


def test_a_batch_of_one_petition_is_not_anothers(desk: Desk) -> None:
    number = desk.put("sam@example.org", State.HELD)
    review = desk.accept()
    desk.carry_out(review)
    desk.ledger.add_petition(draft(slug="another-mill"), NOW)
    assert reviewing.undoing("another-mill", review.batch, ledger=desk.ledger).moved == 0
    assert desk.at(number).state is State.CONFIRMED


@pytest.mark.parametrize("desk", [Confirmation.EMAIL], indirect=True)
def test_who_is_accepted_after_the_link_has_expired_gets_another(desk: Desk) -> None:
    old = desk.put("sam@example.org", State.HELD, Occasion.CONFIRMATION, held_because="crowd")
    new = desk.put("petra@example.org", State.HELD, Occasion.CONFIRMATION, signed_at=NOW + 10 * DAY)
    desk.now = NOW + WITHIN
    desk.carry_out(desk.accept())
    assert desk.ledger.last_letter_at(old) == desk.now
    assert desk.ledger.last_letter_at(new) == NOW + 10 * DAY  # its link works
    desk.now += DAY
    assert len(desk.ledger.letters(limit=10)) == 3


@pytest.mark.parametrize("desk", [Confirmation.EMAIL], indirect=True)
def test_nobody_gets_more_than_five_letters_however_often_they_are_accepted(desk: Desk) -> None:
    sam = desk.put("sam@example.org", State.HELD, Occasion.CONFIRMATION, held_because="crowd")
    for _ in range(LETTERS_AT_MOST + 2):
        desk.now += WITHIN
        desk.carry_out(desk.accept())
        assert desk.at(sam).state is State.PENDING
        desk.ledger.move(sam, State.HELD, desk.now, by=Actor.ORGANISER)
    assert len(desk.ledger.letters(limit=20)) == LETTERS_AT_MOST


NAMES = [
    ("Անահիտ", "Եվա Սևակ", "անահիտ եվա ՍԵՒԱԿ"),
    ("Ελένη", "ΠΑΠΑΔΌΠΟΥΛΟΣ", "ελένη παπαδόπουλος"),
    ("Ольга", "Щербакова", "ОЛЬГА ЩЕРБАКОВА"),
    ("Jörg", "STRASSE", "jörg Straße"),
    ("İpek", "Çelik", "i\u0307pek çel*"),
    ("Sam", "of the Cast", "SAM*"),
]


@pytest.mark.parametrize(("given_name", "family_name", "pattern"), NAMES)
def test_a_name_is_found_in_any_case_and_script(
    desk: Desk, given_name: str, family_name: str, pattern: str
) -> None:
    desk.put("sam@example.org", State.HELD, given_name=given_name, family_name=family_name)
    desk.put("petra@example.org", State.HELD, given_name="Petra", family_name="Other")
    assert reviewing.count(desk.accept(name=pattern), ledger=desk.ledger) == 1
    assert reviewing.count(desk.accept(name="%"), ledger=desk.ledger) == 0


@pytest.mark.parametrize(
    "spelling", ["sam@bücher.example", "Sam+mill@BÜCHER.example", "sam@xn--bcher-kva.example"]
)
def test_an_address_outside_ascii_is_found_however_it_is_spelt(desk: Desk, spelling: str) -> None:
    desk.put("sam@bücher.example", State.HELD, canonical_email="sam@xn--bcher-kva.example")
    assert reviewing.count(desk.accept(address=spelling), ledger=desk.ledger) == 1
    assert reviewing.found(SLUG, Criteria(address=spelling), ledger=desk.ledger, limit=5)[0] == 1
    assert owning.find(SLUG, spelling, ledger=desk.ledger).signature_id == 1


def test_what_is_no_address_finds_nobody(desk: Desk) -> None:
    desk.put("sam@example.org", State.HELD)
    assert reviewing.count(desk.accept(address="sam"), ledger=desk.ledger) == 0
    with pytest.raises(LinkUnknown):
        owning.find(SLUG, "sam", ledger=desk.ledger)
