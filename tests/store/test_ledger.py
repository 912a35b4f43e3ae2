"""The ledger, the same promises on both databases: one row a person, a tally that agrees, all or nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.petitions import MILL, NOW, draft, signature
from widget.domain.audit import AuditDay
from widget.domain.petition import CarriedOver, Petition, Status, Wording
from widget.domain.refusals import PetitionClosed, PetitionNotFound, SlugTaken, WordingNotFound
from widget.domain.signature import Actor, Consent, Occasion, State
from widget.store.ledger import Ledger


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def test_a_petition_comes_back_as_it_went_in(ledger: Ledger) -> None:
    made = draft(
        status=Status.DRAFT, closes_at=NOW, allowed_origins=("https://petra.example.org",), ladder=(3, 9)
    )
    kept = ledger.add_petition(made, NOW)
    assert ledger.petition("save-the-mill") == kept == ledger.petition_by_id(kept.id)
    for name in ("slug", "status", "started_by", "started_on", "confirmation", "closes_at", "ladder", "form"):
        assert getattr(kept, name) == getattr(made, name), name
    assert kept.allowed_origins == made.allowed_origins
    assert kept.wordings == (made.wording,)
    assert kept.text_versions == {made.wording.text_version}
    assert ledger.carried_over(kept.id) == [made.carried_over]
    assert [p.slug for p in ledger.petitions()] == ["save-the-mill"]


def test_what_is_carried_over_is_in_the_number_and_apart(ledger: Ledger, petition: Petition) -> None:
    tally = ledger.tally(petition.id)
    assert (tally.count, tally.here, tally.carried_over, tally.paper) == (49, 0, 49, 0)
    assert tally.goal_floor == 50


def test_a_taken_slug_stores_nothing(ledger: Ledger, petition: Petition) -> None:
    with pytest.raises(SlugTaken):
        ledger.add_petition(draft(carried_over=CarriedOver(1_000, "elsewhere")), NOW)
    assert len(ledger.petitions()) == 1
    assert ledger.tally(petition.id).count == 49


def test_unknown_things_are_not_found(ledger: Ledger, petition: Petition) -> None:
    with pytest.raises(PetitionNotFound):
        ledger.petition("save-the-mil")
    with pytest.raises(PetitionNotFound):
        ledger.tally(petition.id + 1)
    with pytest.raises(PetitionNotFound):
        ledger.change(petition.id + 1, {"status": Status.CLOSED})
    with pytest.raises(WordingNotFound):
        ledger.wording(petition.id, "0" * 32)
    assert ledger.wording(petition.id, MILL.wording.text_version) == MILL.wording


def test_a_signature_is_kept_whole_and_counted(ledger: Ledger, petition: Petition) -> None:
    new = signature(
        petition.id,
        "Sam+mill@Example.org",
        canonical_email="sam@example.org",
        postal_code="0001",
        comment="It feeds\nthe valley. 🌾",
        show_name=True,
        consent=Consent(NOW, "Keep me informed"),
        source="petra",
        page_url="https://petra.example.org/",
    )
    recorded = ledger.record(new, Occasion.RECEIPT)
    assert recorded.tally.count == 50
    assert recorded.tally == replace(ledger.tally(petition.id), as_of=recorded.tally.as_of)
    kept = ledger.signature(petition.id, "sam@example.org")
    assert kept is not None
    assert kept.id == recorded.id
    for name in new.__dataclass_fields__:
        assert getattr(kept, name) == getattr(new, name), name


def test_the_same_person_again_adds_nothing(ledger: Ledger, petition: Petition) -> None:
    first = ledger.record(signature(petition.id), Occasion.RECEIPT)
    again = ledger.record(signature(petition.id, given_name="Somebody", comment="else"), Occasion.RECEIPT)
    assert first.id is not None
    assert again.id is None
    assert again.tally.changes == first.tally.changes
    kept = ledger.signature(petition.id, "sam@example.org")
    assert kept is not None
    assert kept.given_name == "Sam"


def test_fifty_copies_at_once_are_one_row_and_one_count(ledger: Ledger, petition: Petition) -> None:
    with ThreadPoolExecutor(50) as crowd:
        copies = list(
            crowd.map(lambda _: ledger.record(signature(petition.id), Occasion.RECEIPT).id, range(50))
        )
    assert len([c for c in copies if c is not None]) == 1
    assert ledger.tally(petition.id).count == 50
    assert ledger.recount(petition.id).drift == 0


def test_two_petitions_do_not_share_a_signature(ledger: Ledger, petition: Petition) -> None:
    other = ledger.add_petition(draft(slug="save-the-bridge", carried_over=None), NOW)
    ledger.record(signature(petition.id), Occasion.RECEIPT)
    assert ledger.record(signature(other.id), Occasion.RECEIPT).tally.count == 1
    assert ledger.tally(petition.id).count == 50


@pytest.mark.parametrize("status", [Status.DRAFT, Status.CLOSED, Status.DELIVERED])
def test_a_petition_closed_meanwhile_takes_no_signature(
    ledger: Ledger, petition: Petition, status: Status
) -> None:
    ledger.change(petition.id, {"status": status})
    with pytest.raises(PetitionClosed):
        ledger.record(signature(petition.id), Occasion.RECEIPT)
    assert ledger.signature(petition.id, "sam@example.org") is None
    assert ledger.tally(petition.id).count == 49


def test_the_closing_date_is_held_by_the_ledger_too(ledger: Ledger) -> None:
    closing = ledger.add_petition(draft(closes_at=NOW), NOW - timedelta(days=1))
    early = signature(closing.id, signed_at=NOW - timedelta(seconds=1))
    assert ledger.record(early, Occasion.RECEIPT).id is not None
    with pytest.raises(PetitionClosed):
        ledger.record(signature(closing.id, "anahit@example.org", signed_at=NOW), Occasion.RECEIPT)


def test_a_pending_signature_counts_only_once_confirmed(ledger: Ledger, petition: Petition) -> None:
    recorded = ledger.record(signature(petition.id, state=State.PENDING), Occasion.CONFIRMATION)
    assert recorded.id is not None
    assert recorded.tally.count == 49
    assert ledger.move(recorded.id, State.CONFIRMED, NOW)
    assert not ledger.move(recorded.id, State.CONFIRMED, NOW)
    assert ledger.tally(petition.id).count == 50


def test_moves_follow_the_rules_and_the_number_follows_the_moves(ledger: Ledger, petition: Petition) -> None:
    signature_id = ledger.record(signature(petition.id), Occasion.RECEIPT).id
    assert signature_id is not None
    steps = [(State.PENDING, False, 50), (State.WITHDRAWN, True, 49), (State.CONFIRMED, True, 50)]
    for target, moves, count in steps:
        assert ledger.move(signature_id, target, NOW) is moves
        assert ledger.tally(petition.id).count == count
    assert not ledger.move(signature_id + 1, State.WITHDRAWN, NOW)


def test_one_withdrawal_by_many_hands_is_one(ledger: Ledger, petition: Petition) -> None:
    signature_id = ledger.record(signature(petition.id), Occasion.RECEIPT).id
    assert signature_id is not None
    with ThreadPoolExecutor(20) as hands:
        moved = list(hands.map(lambda _: ledger.move(signature_id, State.WITHDRAWN, NOW), range(20)))
    assert moved.count(True) == 1
    assert ledger.tally(petition.id).count == 49


def test_the_audit_adds_up_to_the_number_after_every_step(ledger: Ledger, petition: Petition) -> None:
    def balanced() -> AuditDay:
        days = ledger.audit(petition.id)
        assert sum(day.change for day in days) == ledger.tally(petition.id).here
        return days[-1]

    first = ledger.record(signature(petition.id), Occasion.RECEIPT).id
    second = ledger.record(signature(petition.id, "p@example.org", state=State.PENDING), None).id
    ledger.record(signature(petition.id), Occasion.RECEIPT)
    assert first is not None
    assert second is not None
    assert balanced() == AuditDay(NOW.date(), added=2, repeated=1, confirmed=1)
    later = NOW + timedelta(days=1)
    ledger.move(second, State.CONFIRMED, later, by=Actor.SIGNER)
    ledger.move(first, State.HELD, later, by=Actor.ORGANISER, reason="looks odd")
    assert balanced() == AuditDay(later.date(), confirmed=1, invalidated=1)
    ledger.move(first, State.CONFIRMED, later, by=Actor.ORGANISER)
    ledger.erase(second, later)
    assert balanced() == AuditDay(later.date(), confirmed=2, withdrawn=1, invalidated=1)
    assert [(move.target, move.moved_by, move.reason) for move in ledger.history(first)] == [
        (State.HELD, Actor.ORGANISER, "looks odd"),
        (State.CONFIRMED, Actor.ORGANISER, ""),
    ]


def test_a_repeat_gets_a_letter_now_and_then_and_never_many(ledger: Ledger, petition: Petition) -> None:
    for minutes in (0, 1, 9, 11, 12, 22, 33, 44, 55, 66, 77):
        at = NOW + timedelta(minutes=minutes)
        ledger.record(signature(petition.id, signed_at=at), Occasion.RECEIPT)
    with ledger._database.reading() as connection:
        letters = connection.exec_driver_sql("SELECT occasion FROM outbox ORDER BY id").scalars().all()
    assert letters == ["receipt"] + ["already"] * 4


def test_a_repeat_tells_what_became_of_the_first(ledger: Ledger, petition: Petition) -> None:
    first = ledger.record(signature(petition.id), None)
    assert (first.prior_id, first.prior_state) == (None, None)
    assert first.id is not None
    ledger.move(first.id, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    again = ledger.record(signature(petition.id), None)
    assert (again.id, again.prior_id, again.prior_state) == (None, first.id, State.WITHDRAWN)


def test_every_change_raises_the_version(ledger: Ledger, petition: Petition) -> None:
    versions = [ledger.tally(petition.id).changes]
    recorded = ledger.record(signature(petition.id), Occasion.RECEIPT)
    versions.append(recorded.tally.changes)
    assert recorded.id is not None
    ledger.move(recorded.id, State.WITHDRAWN, NOW)
    versions.append(ledger.tally(petition.id).changes)
    versions.append(ledger.raise_goal_floor(petition.id, 100).changes)
    versions.append(ledger.recount(petition.id).after.changes)
    assert versions == sorted(set(versions))


def test_the_goal_floor_only_rises(ledger: Ledger, petition: Petition) -> None:
    raised = ledger.raise_goal_floor(petition.id, 100)
    assert raised.goal_floor == 100
    assert replace(ledger.raise_goal_floor(petition.id, 50), as_of=raised.as_of) == raised


def test_a_recount_mends_a_wrong_tally_while_people_sign(ledger: Ledger, petition: Petition) -> None:
    for number in range(5):
        ledger.record(signature(petition.id, f"sam.{number}@example.org"), Occasion.RECEIPT)
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE tally SET here = here + 7, carried_over = 3 WHERE slot = 0")
    assert ledger.tally(petition.id).count != 54
    with ThreadPoolExecutor(8) as crowd:
        signing = [
            crowd.submit(ledger.record, signature(petition.id, f"late.{n}@example.org"), Occasion.RECEIPT)
            for n in range(40)
        ]
        first = crowd.submit(ledger.recount, petition.id).result()
    assert all(signed.result().id for signed in signing)
    assert first.drift == 7 + 3 - 49
    assert sum(day.change for day in ledger.audit(petition.id)) == 45
    assert ledger.tally(petition.id).count == 49 + 5 + 40
    assert ledger.recount(petition.id).drift == 0


def test_the_letter_is_written_with_the_signature_and_only_then(ledger: Ledger, petition: Petition) -> None:
    first = ledger.record(signature(petition.id), Occasion.RECEIPT)
    ledger.record(signature(petition.id), Occasion.RECEIPT)
    with ledger._database.reading() as connection:
        letters = connection.exec_driver_sql("SELECT signature_id, occasion, attempts FROM outbox").all()
    assert [tuple(letter) for letter in letters] == [(first.id, "receipt", 0)]


def test_many_who_ask_at_once_get_one_letter(ledger: Ledger, petition: Petition) -> None:
    ledger.record(signature(petition.id, state=State.PENDING), Occasion.CONFIRMATION)
    later = NOW + timedelta(minutes=11)
    repeat = signature(petition.id, state=State.PENDING, signed_at=later)
    with ThreadPoolExecutor(12) as crowd:
        list(crowd.map(lambda _: ledger.record(repeat, Occasion.CONFIRMATION), range(12)))
        much_later = later + timedelta(minutes=11)
        list(crowd.map(lambda _: ledger.write_again(petition.id, "sam@example.org", much_later), range(12)))
    with ledger._database.reading() as connection:
        letters = connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one()
    assert letters == 3


def test_a_list_of_petitions_is_one_question_however_long(ledger: Ledger) -> None:
    for which in range(12):
        ledger.add_petition(draft(slug=f"mill-{which}"), NOW)
    translated = Wording("hy", "Փրկեք ջրաղացը", ("the town council",), "…")
    ledger.set_wording(ledger.petition("mill-3").id, translated, NOW + timedelta(days=1))
    ledger.change(ledger.petition("mill-11").id, {"status": Status.CLOSED})
    ledger.change(ledger.petition("mill-10").id, {"closes_at": NOW})
    ledger.add_petition(draft(slug="draft", status=Status.DRAFT), NOW)
    asked: list[str] = []
    engine = ledger._database._engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    found = ledger.open_petitions(NOW, limit=8)
    assert len(asked) == 1
    assert [one.slug for one in found] == [f"mill-{which}" for which in range(9, 1, -1)]
    every = ledger.petitions()
    assert len(asked) == 2
    assert len(every) == 13
    assert every == [ledger.petition(one.slug) for one in every]
