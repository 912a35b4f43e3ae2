"""The story of one's own signature, on both ledgers: what is shown, what can be done, and the number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.petitions import NOW, draft, signature
from widget import owning
from widget.domain.petition import Confirmation, Petition, Status
from widget.domain.refusals import LinkUnknown, PetitionClosed
from widget.domain.seen import Happened
from widget.domain.signature import Actor, Consent, Occasion, State
from widget.store.counter import Counter
from widget.store.ledger import Ledger

LATER = NOW + timedelta(days=2)


@dataclass
class Service:
    """The parts that the stories are handed, and a petition."""

    ledger: Ledger
    counter: Counter
    petition: Petition

    def sign(self, name: str = "sam", **changes: Any) -> int:
        new = signature(self.petition.id, f"{name}@example.org", **changes)
        recorded = self.ledger.record(new, Occasion.CONFIRMATION)
        assert recorded.id is not None
        return recorded.id

    def own(self, signature_id: int) -> owning.Own:
        return owning.read(signature_id, ledger=self.ledger)

    def happened(self, signature_id: int) -> list[str]:
        return [event.happened.value for event in self.own(signature_id).events]

    @property
    def count(self) -> int:
        """The number that everybody is shown."""
        return self.counter.read(self.petition.id).count

    @property
    def number(self) -> dict[str, Any]:
        return {"ledger": self.ledger, "counter": self.counter}


@pytest.fixture
def service(ledger: Ledger) -> Iterator[Service]:
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: datetime.now(UTC))
    yield Service(ledger, counter, ledger.add_petition(draft(confirmation=Confirmation.EMAIL), NOW))
    counter.close()


def test_everything_stored_is_shown(service: Service) -> None:
    consent = Consent(NOW, "Keep me informed")
    number = service.sign(consent=consent, comment="It is my mill.", show_name=True)
    own = service.own(number)
    assert own.signature == service.ledger.signature_by_id(number)
    assert own.wording == service.petition.wordings[0]
    assert [(post.occasion, post.written_at, post.sent_at) for post in own.letters] == [
        (Occasion.CONFIRMATION, NOW, None)
    ]


def test_the_name_is_corrected_shown_and_hidden(service: Service) -> None:
    number = service.sign()
    owning.correct(number, given_name="Samuel", family_name="Cast", ledger=service.ledger)
    for show in (True, False, False):
        owning.show_name(number, show=show, ledger=service.ledger)
        found = service.own(number).signature
        assert (found.given_name, found.family_name, found.show_name) == ("Samuel", "Cast", show)


def test_news_are_left_and_nothing_of_the_consent_stays(service: Service) -> None:
    number = service.sign(consent=Consent(NOW, "Keep me informed"))
    for _ in range(2):
        owning.leave_news(number, ledger=service.ledger)
        assert service.own(number).signature.consent is None
    assert service.count == 50


@pytest.mark.parametrize("state", [State.CONFIRMED, State.PENDING, State.HELD])
def test_it_is_taken_back_and_given_again(service: Service, state: State) -> None:
    number = service.sign(state=state)
    before = service.count
    for _ in range(2):
        owning.withdraw(number, **service.number, now=NOW)
        assert service.own(number).state is State.WITHDRAWN
        assert service.count == 49
    for _ in range(2):
        owning.resume(number, **service.number, now=LATER)
        found = service.ledger.signature_by_id(number)
        assert found is not None
        assert found.state is state
        assert service.count == before
    assert service.ledger.recount(service.petition.id).drift == 0


def test_after_closing_one_may_leave_but_not_come_back(service: Service) -> None:
    number = service.sign()
    service.ledger.change(service.petition.id, {"status": Status.CLOSED})
    owning.withdraw(number, **service.number, now=LATER)
    assert service.count == 49
    with pytest.raises(PetitionClosed):
        owning.resume(number, **service.number, now=LATER)
    assert service.count == 49


@pytest.mark.parametrize("state", [State.CONFIRMED, State.PENDING, State.HELD])
def test_it_is_erased_and_the_link_opens_nothing(service: Service, state: State) -> None:
    number = service.sign(state=state)
    assert owning.erase(number, **service.number, now=LATER).slug == "save-the-mill"
    assert service.count == 49
    with pytest.raises(LinkUnknown):
        service.own(number)
    with pytest.raises(LinkUnknown):
        owning.erase(number, **service.number, now=LATER)


def refused(service: Service, number: int | None) -> list[str]:
    """Return which of all that can be done with a link do not refuse this one."""
    facts = service.number
    attempts: dict[str, Callable[[], object]] = {
        "read": lambda: owning.read(number, ledger=service.ledger),
        "correct": lambda: owning.correct(number, given_name="M", family_name="", ledger=service.ledger),
        "show_name": lambda: owning.show_name(number, show=True, ledger=service.ledger),
        "leave_news": lambda: owning.leave_news(number, ledger=service.ledger),
        "withdraw": lambda: owning.withdraw(number, **facts, now=NOW),
        "resume": lambda: owning.resume(number, **facts, now=NOW),
        "erase": lambda: owning.erase(number, **facts, now=NOW),
    }
    through = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except LinkUnknown:
            continue
        through.append(name)
    return through


def test_a_link_that_opens_nobody_does_nothing_at_all(service: Service) -> None:
    erased, anonymised = service.sign(), service.sign("petra")
    service.ledger.erase(erased, NOW)
    service.ledger.anonymise(service.petition.id, NOW)
    for number in (None, erased, anonymised, anonymised + 1):
        assert refused(service, number) == []
    kept = service.ledger.signature_by_id(anonymised)
    assert kept is not None
    assert (kept.state, kept.given_name, kept.show_name) == (State.CONFIRMED, "", False)
    assert service.count == 50


@pytest.mark.parametrize("confirmation", Confirmation)
def test_a_held_signature_looks_like_one_that_is_not(ledger: Ledger, confirmation: Confirmation) -> None:
    """Two signers, the same steps; one is held, looked at and let go. Neither page tells which."""
    petition = ledger.add_petition(draft(slug="twins", confirmation=confirmation), NOW)
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: datetime.now(UTC))
    service = Service(ledger, counter, petition)
    at_once = confirmation is Confirmation.NONE
    free = service.sign("sam", state=State.CONFIRMED if at_once else State.PENDING)
    held = service.sign("mallory", state=State.HELD)

    def alike() -> None:
        one, other = service.own(free), service.own(held)
        assert (one.state, one.events) == (other.state, other.events)

    alike()
    for step in range(3):
        at = NOW + timedelta(hours=step + 1)
        for number in (free, held):
            if step == 0 and not at_once:
                ledger.confirm_signature(number, at, reason="confirmed by mail")
            if step == 1:
                owning.withdraw(number, **service.number, now=at)
            if step == 2:
                owning.resume(number, **service.number, now=at)
        alike()
    assert ledger.tally(petition.id).here == 1
    ledger.move(held, State.CONFIRMED, LATER, by=Actor.ORGANISER)
    alike()
    ledger.move(held, State.HELD, LATER, by=Actor.ORGANISER)
    alike()
    counter.close()


def test_what_an_organiser_did_is_told(service: Service) -> None:
    number = service.sign()
    service.ledger.move(number, State.INVALIDATED, NOW, by=Actor.ORGANISER, reason="batch 7")
    assert service.own(number).state is State.INVALIDATED
    service.ledger.move(number, State.CONFIRMED, LATER, by=Actor.ORGANISER)
    assert service.happened(number) == [
        Happened.SIGNED,
        Happened.CONFIRMED,
        Happened.INVALIDATED,
        Happened.RESTORED,
    ]
