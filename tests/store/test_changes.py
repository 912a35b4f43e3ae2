"""What an organiser changes of a petition, on both ledgers: told once, and never undone by another change."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.petitions import MILL, NOW, signature
from widget import organising
from widget.domain.editing import Changes, aim
from widget.domain.goal import GoalKind
from widget.domain.petition import Confirmation, Petition, Status
from widget.domain.refusals import PetitionNotFound
from widget.domain.signature import Occasion
from widget.domain.tally import progress_of
from widget.store.counter import Counter
from widget.store.ledger import Ledger
from widget.store.ledger.petition_rows import lock

PETRA = "https://petra.example.org"


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


@pytest.fixture
def counter(ledger: Ledger) -> Iterator[Counter]:
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: datetime.now(UTC))
    yield counter
    counter.close()


EACH: list[Changes] = [
    {"status": Status.DELIVERED, "confirmation": Confirmation.EMAIL},
    {"closes_at": NOW + timedelta(days=30)},
    {"allowed_origins": (PETRA, "https://www.example.org")},
    {"thanks_url": "https://anahit.example.org/thanks"},
    {"goal_kind": GoalKind.ORGANISER, "goal_aim": 5_000},
]


@pytest.mark.parametrize("changes", EACH, ids="-".join)
def test_a_change_is_kept_and_raises_the_revision_once(
    ledger: Ledger, petition: Petition, changes: Changes
) -> None:
    after = ledger.change(petition.id, changes)
    assert after == replace(petition, revision=2, **changes) == ledger.petition("save-the-mill")
    assert ledger.change(petition.id, changes) == after  # the same again is no change


def test_what_was_set_can_be_taken_back(ledger: Ledger, petition: Petition) -> None:
    everything: Changes = {**EACH[1], **EACH[2], **EACH[3], **EACH[4]}
    ledger.change(petition.id, everything)
    back: Changes = {"closes_at": None, "allowed_origins": (), "thanks_url": None}
    after = ledger.change(petition.id, {**back, **aim(GoalKind.LADDER)})
    assert after == replace(petition, revision=3)


def test_a_goal_moves_the_tallys_version_and_other_changes_do_not(ledger: Ledger, petition: Petition) -> None:
    for changes in EACH[:4]:
        ledger.change(petition.id, changes)
    assert ledger.tally(petition.id).changes == 0
    for moved, number in enumerate((100, 200, 200, 300)):
        ledger.change(petition.id, aim(GoalKind.ORGANISER, number))
        assert ledger.tally(petition.id).changes == {0: 1, 1: 2, 2: 2, 3: 3}[moved]
    ledger.change(petition.id, aim(GoalKind.THRESHOLD, 300))
    assert ledger.tally(petition.id).changes == 4
    assert ledger.tally(petition.id).count == 49


def test_nothing_is_changed_of_a_petition_that_is_not_there(ledger: Ledger, petition: Petition) -> None:
    with pytest.raises(PetitionNotFound):
        ledger.change(petition.id + 1, EACH[0])
    assert ledger.petition("save-the-mill") == petition


def test_changes_at_once_undo_nothing_while_people_sign(ledger: Ledger, petition: Petition) -> None:
    goals = [aim(GoalKind.ORGANISER, 1_000 + n) for n in range(40)]
    changes = [*EACH[1:4], *goals]
    work: list[Callable[[], object]] = [
        partial(ledger.record, signature(petition.id, f"sam.{n}@example.org"), Occasion.RECEIPT)
        for n in range(120)
    ]
    for position, change in enumerate(changes):
        work.insert(position * 3, partial(ledger.change, petition.id, change))
    with ThreadPoolExecutor(4) as hands:  # as many as have a connection
        assert all(hands.map(lambda one: one(), work))
    after = ledger.petition("save-the-mill")
    assert after.revision == 1 + len(changes)
    assert {name: getattr(after, name) for part in EACH[1:4] for name in part} == {
        name: value for part in EACH[1:4] for name, value in part.items()
    }
    assert after.goal_aim in range(1_000, 1_040)
    tally = ledger.tally(petition.id)
    assert (tally.count, tally.changes) == (49 + 120, 120 + len(goals))
    assert ledger.recount(petition.id).drift == 0


def test_a_new_goal_is_in_the_copy_at_once(ledger: Ledger, petition: Petition, counter: Counter) -> None:
    assert progress_of(petition, counter.read(petition.id)).goal == 50
    after = organising.edit("save-the-mill", aim(GoalKind.ORGANISER, 80), ledger=ledger, counter=counter)
    progress = progress_of(after, counter.read(petition.id))
    assert (progress.goal, progress.goal_kind, progress.version) == (80, GoalKind.ORGANISER, 1)
    back = organising.edit("save-the-mill", aim(GoalKind.LADDER), ledger=ledger, counter=counter)
    assert progress_of(back, counter.read(petition.id)).goal == 50


@pytest.mark.services
def test_who_signs_does_not_wait_for_who_edits(postgresql_url: str) -> None:
    """A signature points to its petition: a lock that kept it waiting would in time lock both out."""
    ledger = Ledger.connect(postgresql_url)
    try:
        petition = ledger.add_petition(MILL, NOW)
        with ledger._database.writing() as editing:
            lock(editing, petition.id)
            assert ledger.record(signature(petition.id), Occasion.RECEIPT).tally.count == 50
    finally:
        ledger.close()
