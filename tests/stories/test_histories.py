"""Random histories of signers, on both ledgers: tally = countable rows = audit sum = number shown, always."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.petitions import NOW, draft, signature
from widget import auditing, signing
from widget.domain.signature import COUNTABLE, Actor, Occasion, State, audit_column, may_move
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger

ADDRESSES = st.integers(0, 4).map(lambda n: f"sam.{n}@example.org")
STATES = st.sampled_from([state for state in State if state is not State.ERASED])
ACTORS = st.sampled_from(Actor)


class Histories(RuleBasedStateMachine):
    """Sam and others sign, repeat, confirm, withdraw, are held, released, invalidated and erased."""

    url: str

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger.connect(self.url)
        self.slug = f"mill-{len(self.ledger.petitions())}"
        self.petition = self.ledger.add_petition(draft(slug=self.slug), NOW)
        self.now = NOW
        self.rows: dict[int, tuple[str | None, State]] = {}
        self.withdrawn_from: dict[int, State] = {}

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()

    @rule(email=ADDRESSES, state=st.sampled_from([State.CONFIRMED, State.PENDING, State.HELD]))
    def sign(self, email: str, state: State) -> None:
        known = self._known(email)
        new = signature(self.petition.id, email, state=state, signed_at=self.now)
        recorded = self.ledger.record(new, Occasion.RECEIPT)
        assert (recorded.id is None) == (known is not None)
        if recorded.id is None:
            assert recorded.prior_id == known
            assert known is not None
            assert recorded.prior_state == self.rows[known][1]
        else:
            assert recorded.id not in self.rows  # a number is given once, so that no old link opens it
            self.rows[recorded.id] = (email, state)

    @rule(email=ADDRESSES, to=STATES, by=ACTORS)
    def move(self, email: str, to: State, by: Actor) -> None:
        known = self._known(email)
        if known is None:
            return
        origin = self.rows[known][1]
        allowed = may_move(origin, to)
        assert self.ledger.move(known, to, self.now, by=by) is allowed
        if not allowed:
            return
        if to is State.WITHDRAWN:
            self.withdrawn_from[known] = origin
        if (origin, to, by) == (State.WITHDRAWN, State.CONFIRMED, Actor.SIGNER):
            held = self.withdrawn_from[known] is State.HELD
            to = State.HELD if held else to  # withdrawing is no way round the review
        self.rows[known] = (email, to)

    @rule(email=ADDRESSES)
    def resume(self, email: str) -> None:
        known = self._known(email)
        if known is None:
            return
        withdrawn = self.rows[known][1] is State.WITHDRAWN
        assert self.ledger.resume(known, self.now) is withdrawn
        if withdrawn:
            self.rows[known] = (email, self.withdrawn_from[known])

    @rule(email=ADDRESSES, by=ACTORS)
    def erase(self, email: str, by: Actor) -> None:
        """The person is gone from the row, the row stays, and the address may sign again."""
        known = self._known(email)
        if known is None:
            return
        assert self.ledger.erase(known, self.now, by=by)
        assert not self.ledger.erase(known, self.now, by=by)
        self.rows[known] = (None, State.ERASED)
        assert self.ledger.signature(self.petition.id, email) is None

    def _known(self, email: str) -> int | None:
        return next((number for number, (address, _) in self.rows.items() if address == email), None)

    @rule(email=ADDRESSES)
    def crash_in_the_middle(self, email: str) -> None:
        """A transaction that dies half way leaves nothing, neither row nor number nor audit."""
        new = signature(self.petition.id, f"lost.{email}", signed_at=self.now)
        with pytest.raises(ZeroDivisionError):
            self._half_a_signature()
        assert self.ledger.signature(new.petition_id, new.canonical_email) is None

    def _half_a_signature(self) -> None:
        with self.ledger._database.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE tally SET here = here + 1, changes = changes + 1 WHERE slot = 0"
            )
            raise ZeroDivisionError

    @rule()
    def next_day(self) -> None:
        self.now += timedelta(hours=13)

    @rule()
    def recount(self) -> None:
        assert self.ledger.recount(self.petition.id).drift == 0

    @invariant()
    def all_figures_agree(self) -> None:
        if not hasattr(self, "rows"):
            return
        expected = sum(state in COUNTABLE for _, state in self.rows.values())
        tally = self.ledger.tally(self.petition.id)
        catalogue = Catalogue(self.ledger.petition, monotonic=lambda: 0.0)
        counter = Counter(self.ledger.tally, redis_url=None, clock=lambda: datetime.now(UTC))
        shown = signing.show(self.slug, catalogue=catalogue, ledger=self.ledger, counter=counter).progress
        audited = auditing.audit(self.slug, catalogue=catalogue, ledger=self.ledger)
        assert tally.here == expected
        assert shown.count == audited.count == 49 + expected
        assert sum(day.day.added for day in audited.days) == len(self.rows)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def url(request: pytest.FixtureRequest) -> str:
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.mark.parametrize(
    "examples", [40, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_the_books_balance_whatever_happens(url: str, examples: int) -> None:
    class OnThisLedger(Histories):
        pass

    OnThisLedger.url = url
    run_state_machine_as_test(
        OnThisLedger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("origin", State)
@pytest.mark.parametrize("target", State)
@pytest.mark.parametrize("actor", Actor)
def test_every_move_of_the_number_has_its_column(origin: State, target: State, actor: Actor) -> None:
    column = audit_column(origin, target, actor)
    change = (target in COUNTABLE) - (origin in COUNTABLE)
    assert {"confirmed": 1, "withdrawn": -1, "invalidated": -1, None: 0}[column] == change
