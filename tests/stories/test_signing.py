"""The story of a signature, told to the story's own functions, on both ledgers with a real Redis beside."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count

import pytest

from tests.petitions import MILL, NOW, draft
from tests.services import RedisServer
from widget import signing
from widget.domain.goal import GoalKind
from widget.domain.petition import Confirmation, Status, Wording
from widget.domain.refusals import (
    InvalidInput,
    LedgerUnavailable,
    OriginNotAllowed,
    PetitionClosed,
    PetitionNotFound,
)
from widget.domain.signature import Actor, State
from widget.domain.tally import Progress
from widget.signing import SignatureRequest, Signed
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger

pytestmark = pytest.mark.services  # a real Redis, and PostgreSQL beside SQLite

SAM = SignatureRequest(
    email="Sam@example.org", email_ascii="Sam@example.org", lang="en", given_name="Sam", country="AM"
)


@dataclass
class Service:
    """The parts that the stories are handed."""

    ledger: Ledger
    catalogue: Catalogue
    counter: Counter

    def sign(self, request: SignatureRequest = SAM, *, origin: str | None = None) -> Signed:
        return signing.sign(
            "save-the-mill",
            request,
            origin=origin,
            own_origin="https://our.example.org",
            catalogue=self.catalogue,
            ledger=self.ledger,
            counter=self.counter,
            now=NOW,
        )

    def shown(self) -> Progress:
        return signing.show(
            "save-the-mill", catalogue=self.catalogue, ledger=self.ledger, counter=self.counter
        ).progress


@pytest.fixture
def service(ledger: Ledger, redis_server: RedisServer) -> Iterator[Service]:
    redis_server.start()
    ticks = count()
    counter = Counter(ledger.tally, redis_url=redis_server.url, clock=lambda: datetime.now(UTC))
    redis_server.client().flushall()
    yield Service(ledger, Catalogue(ledger.petition, monotonic=lambda: next(ticks) * 10.0), counter)
    counter.close()


def test_sam_signs_and_sees_fifty_and_the_next_goal(service: Service) -> None:
    service.ledger.add_petition(MILL, NOW)
    assert (service.shown().count, service.shown().goal) == (49, 50)
    signed = service.sign()
    assert signed.status == "counted"
    assert (signed.progress.count, signed.progress.goal, signed.progress.ratio) == (50, 100, 0.5)
    assert (signed.progress.here, signed.progress.carried_over) == (1, 49)
    assert service.shown() == replace(signed.progress, as_of=service.shown().as_of)


def test_signing_again_in_any_spelling_is_answered_the_same_and_adds_nothing(service: Service) -> None:
    service.ledger.add_petition(MILL, NOW)
    first = service.sign()
    again = service.sign(replace(SAM, email="sam+again@EXAMPLE.org", email_ascii="sam+again@EXAMPLE.org"))
    assert again.status == first.status
    assert again.progress.count == first.progress.count == 50


def test_an_address_to_confirm_does_not_count_yet(service: Service) -> None:
    petition = service.ledger.add_petition(draft(confirmation=Confirmation.EMAIL), NOW)
    signed = service.sign()
    assert (signed.status, signed.progress.count) == ("check_email", 49)
    kept = service.ledger.signature(petition.id, "sam@example.org")
    assert kept is not None
    assert kept.state is State.PENDING


def test_the_goal_does_not_fall_back_when_somebody_withdraws(service: Service) -> None:
    petition = service.ledger.add_petition(MILL, NOW)
    assert service.sign().progress.goal == 100
    kept = service.ledger.signature(petition.id, "sam@example.org")
    assert kept is not None
    service.ledger.move(kept.id, State.WITHDRAWN, NOW)
    service.counter.publish(petition.id, service.ledger.tally(petition.id))
    assert (service.shown().count, service.shown().goal) == (49, 100)


def test_whoever_withdrew_and_signs_again_counts_again(service: Service) -> None:
    petition = service.ledger.add_petition(MILL, NOW)
    service.sign()
    kept = service.ledger.signature(petition.id, "sam@example.org")
    assert kept is not None
    service.ledger.move(kept.id, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    assert service.sign().progress.count == 50
    assert service.sign().progress.count == 50


def test_an_organisers_aim_stays_when_it_is_passed(service: Service) -> None:
    service.ledger.add_petition(draft(goal_kind=GoalKind.ORGANISER, goal_aim=50), NOW)
    progress = service.sign().progress
    assert (progress.count, progress.goal, progress.goal_kind) == (50, 50, GoalKind.ORGANISER)
    assert service.sign(replace(SAM, email_ascii="a@example.org")).progress.ratio == 1


def test_a_rehearsal_checks_everything_and_stores_nothing(service: Service) -> None:
    petition = service.ledger.add_petition(MILL, NOW)
    rehearsed = service.sign(replace(SAM, rehearsal=True))
    assert (rehearsed.status, rehearsed.rehearsal, rehearsed.progress.count) == ("counted", True, 49)
    assert service.ledger.signature(petition.id, "sam@example.org") is None
    with pytest.raises(InvalidInput):
        service.sign(replace(SAM, rehearsal=True, text_version="0" * 32))


def test_the_wording_before_sams_eyes_is_the_one_recorded(service: Service) -> None:
    petition = service.ledger.add_petition(MILL, NOW)
    service.sign(replace(SAM, text_version=MILL.wording.text_version))
    kept = service.ledger.signature(petition.id, "sam@example.org")
    assert kept is not None
    assert service.ledger.wording(petition.id, kept.text_version) == MILL.wording


def test_a_wording_of_another_petition_cannot_be_signed(service: Service) -> None:
    service.ledger.add_petition(MILL, NOW)
    other = Wording("en", "Another cause", ("the town council",), "Other words.")
    service.ledger.add_petition(draft(slug="other", wording=other), NOW)
    with pytest.raises(InvalidInput) as refused:
        service.sign(replace(SAM, text_version=other.text_version))
    assert set(refused.value.errors) == {"text_version"}
    assert service.shown().count == 49


def test_consent_is_kept_with_its_words_and_only_when_given(service: Service) -> None:
    petition = service.ledger.add_petition(MILL, NOW)
    service.sign()
    service.sign(replace(SAM, email_ascii="p@example.org", consent_wording="Keep me informed"))
    without = service.ledger.signature(petition.id, "sam@example.org")
    given = service.ledger.signature(petition.id, "p@example.org")
    assert without is not None
    assert without.consent is None
    assert given is not None
    assert given.consent is not None
    assert (given.consent.given_at, given.consent.wording) == (NOW, "Keep me informed")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DELIVERED])
def test_a_closed_petition_is_shown_but_takes_nothing(service: Service, status: Status) -> None:
    service.ledger.add_petition(draft(status=status), NOW)
    assert service.shown().count == 49
    with pytest.raises(PetitionClosed):
        service.sign()


def test_a_draft_is_not_found(service: Service) -> None:
    service.ledger.add_petition(draft(status=Status.DRAFT), NOW)
    with pytest.raises(PetitionNotFound):
        service.shown()
    with pytest.raises(PetitionNotFound):
        service.sign()


def test_a_site_the_organiser_did_not_list_cannot_send_signatures(service: Service) -> None:
    service.ledger.add_petition(draft(allowed_origins=("https://petra.example.org",)), NOW)
    with pytest.raises(OriginNotAllowed):
        service.sign(origin="https://mallory.example.org")
    assert service.sign(origin="https://petra.example.org").progress.count == 50


def test_two_thousand_signers_are_two_thousand_while_redis_dies_and_returns(
    service: Service, redis_server: RedisServer
) -> None:
    service.ledger.add_petition(MILL, NOW)
    signers = [
        replace(SAM, email=f"sam.{n}@example.org", email_ascii=f"sam.{n}@example.org") for n in range(2_000)
    ]
    with ThreadPoolExecutor(50) as crowd:
        signing_up = []
        for number, signer in enumerate(signers):
            if number == 600:
                redis_server.kill()
            if number == 1_200:
                redis_server.start()
            signing_up.append(crowd.submit(service.sign, signer))
        answers = [signed.result() for signed in signing_up]
    assert {answer.status for answer in answers} == {"counted"}
    assert service.shown().count == 49 + 2_000
    assert service.ledger.recount(service.catalogue.petition("save-the-mill").id).drift == 0


def test_without_a_ledger_the_last_known_number_is_shown_with_its_age(
    redis_server: RedisServer, sqlite_url: str
) -> None:
    ledger = Ledger.connect(sqlite_url)
    ledger.add_petition(MILL, NOW)
    gone = False

    def load(petition_id: int) -> object:
        if gone:
            raise LedgerUnavailable
        return ledger.tally(petition_id)

    catalogue = Catalogue(ledger.petition, monotonic=lambda: 0.0)
    counter = Counter(load, redis_url=None, clock=lambda: datetime.now(UTC))  # type: ignore[arg-type]
    before = signing.show("save-the-mill", catalogue=catalogue, ledger=ledger, counter=counter)
    gone = True
    after = signing.show("save-the-mill", catalogue=catalogue, ledger=ledger, counter=counter)
    assert after.progress == before.progress
    ledger.close()


def test_a_forged_line_in_redis_changes_nothing_for_good(service: Service, redis_server: RedisServer) -> None:
    petition = service.ledger.add_petition(MILL, NOW)
    service.shown()
    stamp = int(datetime.now(UTC).timestamp() * 1000)
    redis_server.client().set(f"sn:tally:{petition.id}", f"sn1 9 900000000 49 0 50 {stamp} -")
    service.shown()
    redis_server.client().flushall()
    assert service.ledger.tally(petition.id).goal_floor == 50
    assert (service.shown().count, service.shown().goal) == (49, 50)


def test_a_goal_that_cannot_be_noted_is_shown_all_the_same(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    petition = service.ledger.add_petition(MILL, NOW)
    with monkeypatch.context() as away:
        away.setattr(service.ledger, "raise_goal_floor", _away)
        signed = service.sign()
        assert (signed.status, signed.progress.count, signed.progress.goal) == ("counted", 50, 100)
        away.setattr(service.ledger, "tally", _away)
        assert (service.shown().count, service.shown().goal) == (50, 100)
    assert service.shown().goal == 100
    assert service.ledger.tally(petition.id).goal_floor == 100


def _away(*_: object) -> None:
    raise LedgerUnavailable
