"""Random histories, on both ledgers: tally = countable rows + carried over + paper = audit = number shown.

Signers sign, repeat, confirm twice, withdraw, come back and erase; the guard holds; Anahit accepts, strikes
and undoes, adds paper and takes it back; weeks pass and what was never confirmed is forgotten; processes die
between two statements, or after the commit and before they could tell anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.petitions import NOW, draft, signature
from tests.stories.dying import die_while
from widget import auditing, collecting, retaining, reviewing, signing
from widget.domain.criteria import Criteria
from widget.domain.paper import PaperFigure
from widget.domain.petition import Confirmation
from widget.domain.refusals import ReferenceTaken
from widget.domain.retention import Retention
from widget.domain.signature import (
    COUNTABLE,
    LETTER_PAUSE,
    LETTERS_AT_MOST,
    Actor,
    Occasion,
    State,
    audit_column,
    may_move,
)
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger

pytestmark = pytest.mark.lasting

ADDRESSES = st.integers(0, 4).map(lambda n: f"sam.{n}@example.org")
STATES = st.sampled_from([state for state in State if state is not State.ERASED])
ACTORS = st.sampled_from(Actor)
SCANS = st.sampled_from(["A-1", " a-1", "A-2", "A-3"])
RULES = Retention(unconfirmed_days=21, network_key_days=30, anonymise_months=6, held_days=90)
WITHIN = timedelta(days=21)
COPY_IS_OLD = timedelta(seconds=61)


@dataclass(frozen=True)
class Row:
    """What the model knows of a signature; `moved` tells its latest move from any other."""

    email: str | None
    state: State
    confirmed: bool
    moved_at: datetime
    letters: tuple[datetime, ...] = ()
    moved: int = 0

    def quiet_since(self, moment: datetime) -> bool:
        """Tell whether neither a move nor a letter came at that moment or later."""
        return max((self.moved_at, *self.letters)) < moment

    def written_to(self, now: datetime, pause: timedelta) -> "Row":
        """Return the row after a letter was due: there is a limit, and a pause between two."""
        if len(self.letters) >= LETTERS_AT_MOST or any(at > now - pause for at in self.letters):
            return self
        return replace(self, letters=(*self.letters, now))


class Histories(RuleBasedStateMachine):
    """One petition, five addresses, and whatever may happen to them."""

    url: str
    redis_url: str | None = None

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger.connect(self.url)
        self.counter = self._counter()
        self.slug = f"mill-{len(self.ledger.petitions())}"
        asking = draft(slug=self.slug, confirmation=Confirmation.EMAIL)
        self.petition = self.ledger.add_petition(asking, NOW)
        self.catalogue = Catalogue(self.ledger.petition, monotonic=lambda: 0.0)
        self.now = NOW
        self.rows: dict[int, Row] = {}
        self.withdrawn_from: dict[int, State] = {}
        self.batches: dict[str, dict[int, tuple[int, State]]] = {}
        self.scans: dict[str, tuple[int, int]] = {}
        self.moves = 0
        self.told = True

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.counter.close()
            self.ledger.close()

    # Signers

    @rule(email=ADDRESSES, state=st.sampled_from([State.CONFIRMED, State.PENDING, State.HELD]))
    def sign(self, email: str, state: State) -> None:
        known = self._known(email)
        new = signature(self.petition.id, email, state=state, signed_at=self.now)
        recorded = self.ledger.record(new, Occasion.RECEIPT)
        self._tell()
        assert (recorded.id is None) == (known is not None)
        if recorded.id is None:
            assert recorded.prior_id == known
            assert known is not None
            assert recorded.prior_state == self.rows[known].state
            self.rows[known] = self.rows[known].written_to(self.now, LETTER_PAUSE)
        else:
            assert recorded.id not in self.rows  # a number is given once, so that no old link opens it
            self.rows[recorded.id] = self._signed(email, state)

    @rule(email=ADDRESSES)
    def confirm_twice(self, email: str) -> None:
        known = self._known(email)
        if known is None:
            return
        for _ in range(2):
            self.ledger.confirm_signature(known, self.now, reason="confirmed by mail")
        self._tell()
        row = self.rows[known]
        if row.state in {State.PENDING, State.WITHDRAWN}:
            self._moved(known, State.CONFIRMED, Actor.SIGNER)
        self.rows[known] = replace(self.rows[known], confirmed=True)

    @rule(email=ADDRESSES, to=STATES, by=ACTORS)
    def move(self, email: str, to: State, by: Actor) -> None:
        known = self._known(email)
        if known is None:
            return
        allowed = may_move(self.rows[known].state, to)
        assert self.ledger.move(known, to, self.now, by=by) is allowed
        self._tell()
        if allowed:
            self._moved(known, to, by)

    @rule(email=ADDRESSES)
    def resume(self, email: str) -> None:
        known = self._known(email)
        if known is None:
            return
        withdrawn = self.rows[known].state is State.WITHDRAWN
        assert self.ledger.resume(known, self.now) is withdrawn
        self._tell()
        if withdrawn:
            self._moved(known, self.withdrawn_from[known], Actor.SIGNER)

    @rule(email=ADDRESSES, by=ACTORS)
    def erase(self, email: str, by: Actor) -> None:
        """The person is gone from the row, the row stays, and the address may sign again."""
        known = self._known(email)
        if known is None:
            return
        assert self.ledger.erase(known, self.now, by=by)
        assert not self.ledger.erase(known, self.now, by=by)
        self._tell()
        self._forgotten(known)
        assert self.ledger.signature(self.petition.id, email) is None

    # Anahit's reviews

    @rule(email=st.none() | ADDRESSES)
    def accept(self, email: str | None) -> None:
        criteria = Criteria(address=email)
        plan = reviewing.accepting(self.slug, criteria, ledger=self.ledger)
        meant = [n for n in self._meant(email) if self.rows[n].state is State.HELD]
        self._carry_out(plan, len(meant))
        self._reviewed(plan.batch, {n: self._accepted(n) for n in meant})

    @rule(email=ADDRESSES)
    def strike(self, email: str) -> None:
        standing = {State.PENDING, State.CONFIRMED, State.HELD}
        plan = reviewing.invalidating(
            self.slug, Criteria(address=email), ledger=self.ledger, reason="a robot"
        )
        meant = [n for n in self._meant(email) if self.rows[n].state in standing]
        self._carry_out(plan, len(meant))
        self._reviewed(plan.batch, dict.fromkeys(meant, State.INVALIDATED))

    @rule(which=st.integers(0, 5))
    def undo(self, which: int) -> None:
        """Take a review back, or the taking back of one; who moved on since stays where they are."""
        if not self.batches:
            return
        batch = list(self.batches)[which % len(self.batches)]
        still = {
            number: origin
            for number, (move, origin) in self.batches[batch].items()
            if self.rows[number].moved == move
        }
        plan = reviewing.undoing(self.slug, batch, ledger=self.ledger)
        assert plan.still == len(still)
        done = reviewing.undo(
            plan, ledger=self.ledger, counter=self.counter, clock=lambda: self.now, within=WITHIN
        )
        assert sum(done) == len(still)
        self.told = True
        self._reviewed(plan.name, still)

    # Paper

    @rule(scan=SCANS, count=st.integers(1, 2_000))
    def add_paper(self, scan: str, count: int) -> None:
        figure = PaperFigure(count, "the market", NOW.date(), scan)
        given = {"recorded_by": "Anahit", "ledger": self.ledger, "counter": self.counter, "now": self.now}
        if figure.canonical_reference in self.scans:
            with pytest.raises(ReferenceTaken):
                collecting.add_paper(self.slug, figure, **given)  # type: ignore[arg-type]
            return
        entry = collecting.add_paper(self.slug, figure, **given)  # type: ignore[arg-type]
        self.told = True
        self.scans[figure.canonical_reference] = (entry.id, count)

    @rule(scan=SCANS)
    def take_paper_back(self, scan: str) -> None:
        entry_id, _ = self.scans.pop(" ".join(scan.split()).casefold(), (None, 0))
        if entry_id is None:
            return
        collecting.take_back(
            self.slug,
            entry_id,
            because="counted twice",
            recorded_by="Anahit",
            ledger=self.ledger,
            counter=self.counter,
            now=self.now,
        )
        self.told = True

    # Time, and trouble

    @rule()
    def next_day(self) -> None:
        self.now += timedelta(hours=13)

    @rule()
    def three_weeks_pass(self) -> None:
        """Who never confirmed is forgotten, but for whom somebody has yet to look at."""
        self._time_passes(timedelta(days=22))

    @rule()
    def a_season_passes(self) -> None:
        """Who was held, and looked at by nobody, is forgotten too."""
        self._time_passes(timedelta(days=91))

    def _time_passes(self, passed: timedelta) -> None:
        self._letters_agree()
        self.now += passed
        retaining.retain(ledger=self.ledger, rules=RULES, now=self.now)
        for number, row in list(self.rows.items()):
            if self._never_confirmed(row) or self._never_reviewed(row):
                self._forgotten(number)
        self._letters_agree()

    def _never_confirmed(self, row: Row) -> bool:
        leaving = row.state in {State.PENDING, State.WITHDRAWN, State.INVALIDATED} and not row.confirmed
        return leaving and row.quiet_since(RULES.unconfirmed_before(self.now))

    def _never_reviewed(self, row: Row) -> bool:
        return row.state is State.HELD and row.quiet_since(RULES.unreviewed_before(self.now))

    def _letters_agree(self) -> None:
        """Compare states and latest letters, row by row: by them retention goes."""
        for number, row in self.rows.items():
            found = self.ledger.signature_by_id(number)
            assert found is not None
            assert (found.state, found.moved_at) == (row.state, row.moved_at)
            assert self.ledger.last_letter_at(number) == max(row.letters, default=None)

    @rule()
    def recount(self) -> None:
        assert self.ledger.recount(self.petition.id).drift == 0
        self._tell()

    @rule(email=ADDRESSES, before=st.integers(0, 7))
    def die_signing(self, email: str, before: int) -> None:
        """All or nothing is on disk, whatever the statement before which the process died."""
        known = self._known(email)
        new = signature(self.petition.id, email, signed_at=self.now)
        die_while(self.url, before, "record", new, Occasion.RECEIPT)
        self.told = False
        found = self.ledger.signature(self.petition.id, email)
        if known is not None:
            assert found is not None
            assert found.id == known
            written_to = self.rows[known].written_to(self.now, LETTER_PAUSE)
            if self.ledger.last_letter_at(known) == max(written_to.letters, default=None):
                self.rows[known] = written_to
        elif found is not None:
            self.rows[found.id] = self._signed(email, State.CONFIRMED)

    @rule(email=ADDRESSES, before=st.integers(0, 9), deed=st.sampled_from(["withdraw", "erase"]))
    def die_leaving(self, email: str, before: int, deed: str) -> None:
        known = self._known(email)
        if known is None:
            return
        if deed == "erase":
            die_while(self.url, before, "erase", known, self.now, by=Actor.SIGNER)
        else:
            die_while(self.url, before, "move", known, State.WITHDRAWN, self.now, by=Actor.SIGNER)
        self.told = False
        found = self.ledger.signature_by_id(known)
        assert found is not None
        if found.state is State.ERASED:
            assert deed == "erase"
            self._forgotten(known)
        elif found.state is not self.rows[known].state:
            self._moved(known, State.WITHDRAWN, Actor.SIGNER)

    @rule(scan=SCANS, count=st.integers(1, 2_000), before=st.integers(0, 4))
    def die_adding_paper(self, scan: str, count: int, before: int) -> None:
        figure = PaperFigure(count, "the market", NOW.date(), scan)
        if figure.canonical_reference in self.scans:
            return
        die_while(self.url, before, "add_paper", self.petition.id, figure, "Anahit", self.now)
        self.told = False
        for entry in self.ledger.paper(self.petition.id):
            if entry.stands and entry.figure.canonical_reference == figure.canonical_reference:
                self.scans[figure.canonical_reference] = (entry.id, count)

    @rule()
    def fail_in_the_middle(self) -> None:
        with pytest.raises(ZeroDivisionError):
            self._half_a_signature()

    def _half_a_signature(self) -> None:
        with self.ledger._database.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE tally SET here = here + 1, changes = changes + 1 WHERE slot = 0"
            )
            raise ZeroDivisionError

    # What always holds

    @invariant()
    def all_figures_agree(self) -> None:
        if not hasattr(self, "rows"):
            return
        here = sum(row.state in COUNTABLE for row in self.rows.values())
        paper = sum(count for _, count in self.scans.values())
        tally = self.ledger.tally(self.petition.id)
        assert (tally.here, tally.carried_over, tally.paper) == (here, 49, paper)
        audited = auditing.audit(self.slug, catalogue=self.catalogue, ledger=self.ledger)
        assert self._shown() == audited.count == 49 + here + paper
        assert sum(entry.figure.count for entry in audited.on_paper) == audited.paper == paper
        assert sum(day.day.added for day in audited.days) == len(self.rows)

    def _shown(self) -> int:
        """Return the number that visitors see; a copy nobody could renew is looked at when it is old."""
        if self.told:
            return self._seen_by(self.counter)
        later = self._counter(ahead=COPY_IS_OLD)
        shown = self._seen_by(later)
        later.close()
        self.told = True
        assert self._seen_by(self.counter) == shown
        return shown

    def _seen_by(self, counter: Counter) -> int:
        shown = signing.show(self.slug, catalogue=self.catalogue, ledger=self.ledger, counter=counter)
        return shown.progress.count

    def _counter(self, ahead: timedelta = timedelta()) -> Counter:
        clock: Callable[[], datetime] = lambda: datetime.now(UTC) + ahead  # noqa: E731
        return Counter(self.ledger.tally, redis_url=self.redis_url, clock=clock)

    # The model

    def _tell(self) -> None:
        self.counter.publish(self.petition.id, self.ledger.tally(self.petition.id))
        self.told = True

    def _known(self, email: str) -> int | None:
        return next((number for number, row in self.rows.items() if row.email == email), None)

    def _signed(self, email: str, state: State) -> Row:
        return Row(email, state, state is State.CONFIRMED, self.now, letters=(self.now,))

    def _meant(self, email: str | None) -> list[int]:
        return [n for n, row in self.rows.items() if email in (None, row.email)]

    def _accepted(self, number: int) -> State:
        return State.CONFIRMED if self.rows[number].confirmed else State.PENDING

    def _moving(self) -> dict[str, Any]:
        clock = {"clock": lambda: self.now, "within": WITHIN}
        return {"ledger": self.ledger, "counter": self.counter, **clock}

    def _carry_out(self, plan: reviewing.Review, meant: int) -> None:
        assert reviewing.count(plan, ledger=self.ledger) == meant
        done = reviewing.carry_out(
            plan, ledger=self.ledger, counter=self.counter, clock=lambda: self.now, within=WITHIN
        )
        assert sum(done) == meant
        assert reviewing.count(plan, ledger=self.ledger) == 0
        self.told = True

    def _reviewed(self, batch: str, targets: dict[int, State]) -> None:
        if not targets:
            return
        origins = {number: self.rows[number].state for number in targets}
        for number, target in targets.items():
            self._moved(number, target, Actor.ORGANISER)
            if target is State.PENDING:  # they have to confirm, by a link that works
                self.rows[number] = self.rows[number].written_to(self.now, WITHIN)
        self.batches[batch] = {number: (self.rows[number].moved, origins[number]) for number in targets}

    def _moved(self, number: int, to: State, by: Actor) -> None:
        row = self.rows[number]
        self.moves += 1
        confirmed = row.confirmed or to is State.CONFIRMED
        if to is State.WITHDRAWN:
            self.withdrawn_from[number] = row.state
        if (row.state, to, by) == (State.WITHDRAWN, State.CONFIRMED, Actor.SIGNER):
            held = self.withdrawn_from[number] is State.HELD
            to = State.HELD if held else to  # withdrawing is no way round the review
        self.rows[number] = replace(row, state=to, confirmed=confirmed, moved_at=self.now, moved=self.moves)

    def _forgotten(self, number: int) -> None:
        self.moves += 1
        self.rows[number] = Row(None, State.ERASED, False, self.now, moved=self.moves)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def stores(request: pytest.FixtureRequest) -> dict[str, Any]:
    """SQLite alone, as on a desk; PostgreSQL with Redis, as where it has to hold a crowd."""
    copied = request.param == "postgresql"
    return {
        "url": request.getfixturevalue(f"{request.param}_url"),
        "redis_url": request.getfixturevalue("redis_url") if copied else None,
    }


@pytest.mark.timeout(600)  # time to make a history that fails as short as it can be
@pytest.mark.parametrize(
    "examples", [40, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
def test_the_books_balance_whatever_happens(stores: dict[str, Any], examples: int) -> None:
    run_state_machine_as_test(
        type("OnTheseStores", (Histories,), stores),
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
