"""Erasure, on both databases: the person is gone everywhere, the books balance, the place is free."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.petitions import MILL, NOW, signature
from widget.domain.petition import Petition
from widget.domain.signature import Actor, Consent, Occasion, State
from widget.store.ledger import Ledger
from widget.store.ledger.blanking import BLANK, KEPT
from widget.store.tables import signatures

LATER = NOW + timedelta(days=3)
TRACES = ("Sam", "Cast", "sam@", "1234 AB", "my mill", "petra", "Keep me", "hash-of-a-network", "hy")


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def signed(ledger: Ledger, petition: Petition, state: State = State.CONFIRMED) -> int:
    """Record Sam's signature with something in every field."""
    new = signature(
        petition.id,
        state=state,
        lang="hy",
        postal_code="1234 AB",
        comment="It is my mill.",
        show_name=True,
        consent=Consent(NOW, "Keep me informed"),
        source="petra",
        page_url="https://petra.example.org/mill",
        network_key="hash-of-a-network",
    )
    recorded = ledger.record(new, Occasion.RECEIPT)
    assert recorded.id is not None
    return recorded.id


def dump(ledger: Ledger) -> str:
    """Return everything the ledger holds, table by table, as text."""
    tables = ("signatures", "outbox", "moves", "audit_days", "tally")
    with ledger._database.reading() as connection:
        return "\n".join(
            str(tuple(row)) for name in tables for row in connection.exec_driver_sql(f"SELECT * FROM {name}")
        )


def test_every_column_is_either_emptied_or_says_nothing_of_a_person() -> None:
    """A new column of signatures fails here until somebody has decided."""
    assert set(BLANK) | KEPT == {column.name for column in signatures.c}
    assert not set(BLANK) & KEPT


def test_nothing_of_the_person_is_left_anywhere(ledger: Ledger, petition: Petition) -> None:
    signature_id = signed(ledger, petition)
    said = "sam@example.org wrote that the mill is his"
    ledger.move(signature_id, State.HELD, NOW, by=Actor.ORGANISER, reason=said)
    assert all(trace in dump(ledger) for trace in TRACES)
    assert ledger.erase(signature_id, LATER)
    left = dump(ledger)
    assert [trace for trace in TRACES if trace in left] == []
    kept = ledger.signature_by_id(signature_id)
    assert kept is not None
    assert (kept.state, kept.email, kept.canonical_email, kept.consent) == (State.ERASED, "", "", None)
    assert (kept.text_version, kept.signed_at, kept.moved_at) == (MILL.wording.text_version, NOW, LATER)


def test_no_letter_goes_out_any_more(ledger: Ledger, petition: Petition) -> None:
    ledger.erase(signed(ledger, petition, State.PENDING), LATER)
    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 0


@pytest.mark.parametrize("state", [State.PENDING, State.HELD, State.CONFIRMED])
@pytest.mark.parametrize(("by", "column"), [(Actor.SIGNER, "withdrawn"), (Actor.ORGANISER, "invalidated")])
def test_the_books_balance(ledger: Ledger, petition: Petition, state: State, by: Actor, column: str) -> None:
    signature_id = signed(ledger, petition, state)
    counted = ledger.tally(petition.id).here
    assert ledger.erase(signature_id, LATER, by=by)
    tally, days = ledger.tally(petition.id), ledger.audit(petition.id)
    assert tally.here == sum(day.change for day in days) == 0
    assert sum(getattr(day, column) for day in days) == counted
    assert ledger.recount(petition.id).drift == 0
    assert [(m.origin, m.target, m.moved_by) for m in ledger.history(signature_id)] == [
        (state, State.ERASED, by)
    ]


def test_the_address_may_sign_again_as_somebody_new(ledger: Ledger, petition: Petition) -> None:
    first = signed(ledger, petition)
    ledger.erase(first, LATER)
    second = signed(ledger, petition)
    assert second != first
    assert ledger.tally(petition.id).here == 1
    assert not ledger.erase(first, LATER)  # what was erased stays so, and touches nobody else
    assert ledger.tally(petition.id).here == 1


def test_erased_by_many_hands_while_signing_again(ledger: Ledger, petition: Petition) -> None:
    """Whatever the order, there is one erasure and at most one signature, and the figures agree."""
    first = signed(ledger, petition)
    with ThreadPoolExecutor(16) as hands:
        erasing = [hands.submit(ledger.erase, first, LATER) for _ in range(8)]
        again = [hands.submit(ledger.record, signature(petition.id), Occasion.RECEIPT) for _ in range(8)]
    assert [hand.result() for hand in erasing].count(True) == 1
    fresh = [hand.result().id for hand in again if hand.result().id is not None]
    assert len(fresh) <= 1
    assert ledger.tally(petition.id).here == len(fresh)
    assert ledger.recount(petition.id).drift == 0


def test_there_is_one_way_to_erase(ledger: Ledger, petition: Petition) -> None:
    signature_id = signed(ledger, petition)
    with pytest.raises(ValueError, match="erase"):
        ledger.move(signature_id, State.ERASED, LATER)
    kept = ledger.signature_by_id(signature_id)
    assert kept is not None
    assert kept.state is State.CONFIRMED


@pytest.mark.parametrize("state", [State.PENDING, State.HELD, State.CONFIRMED])
def test_whoever_withdrew_comes_back_to_where_they_were(
    ledger: Ledger, petition: Petition, state: State
) -> None:
    signature_id = signed(ledger, petition, state)
    assert not ledger.resume(signature_id, NOW)
    assert ledger.move(signature_id, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    assert ledger.tally(petition.id).here == 0
    assert ledger.resume(signature_id, LATER)
    assert not ledger.resume(signature_id, LATER)
    kept = ledger.signature_by_id(signature_id)
    assert kept is not None
    assert kept.state is state
    assert ledger.tally(petition.id).here == (1 if state is State.CONFIRMED else 0)


def test_withdrawing_is_no_way_round_the_review(ledger: Ledger, petition: Petition) -> None:
    signature_id = signed(ledger, petition, State.HELD)
    ledger.move(signature_id, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    assert ledger.move(signature_id, State.CONFIRMED, LATER, by=Actor.SIGNER)
    held = ledger.signature_by_id(signature_id)
    assert held is not None
    assert held.state is State.HELD
    assert ledger.move(signature_id, State.CONFIRMED, LATER, by=Actor.ORGANISER)
    assert ledger.tally(petition.id).here == 1
