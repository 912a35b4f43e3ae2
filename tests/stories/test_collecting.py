"""The story of signatures on paper, on both ledgers: one scan counts once, and what was written stays."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.petitions import NOW, draft
from widget import auditing, collecting, signing
from widget.domain.paper import PaperEntry, PaperFigure
from widget.domain.paper_names import read_names
from widget.domain.petition import Status
from widget.domain.refusals import PaperNotFound, PaperRefused, PetitionNotFound, ReferenceTaken
from widget.domain.retention import Retention
from widget.retaining import Anonymised, retain
from widget.signing import Shown
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger

SLUG = "save-the-mill"
MARKET = PaperFigure(120, "the market", date(2026, 4, 30), "A-17", note="rain until noon")


class Desk:
    """Anahit's desk: the petition, its number, and a pile of paper."""

    def __init__(self, ledger: Ledger, redis_url: str | None = None) -> None:
        self.ledger = ledger
        self.petition = ledger.add_petition(draft(), NOW)
        self.catalogue = Catalogue(ledger.petition, monotonic=lambda: 0.0)
        self.counter = Counter(ledger.tally, redis_url=redis_url, clock=lambda: datetime.now(UTC))

    def add(self, figure: PaperFigure = MARKET, now: datetime = NOW, names: str = "") -> PaperEntry:
        return collecting.add_paper(
            SLUG,
            figure,
            recorded_by="Anahit",
            ledger=self.ledger,
            counter=self.counter,
            now=now,
            names=read_names(names),
        )

    def names(self, entry: PaperEntry) -> list[str]:
        return [one.name for _, one in collecting.names_on(self.petition, entry.id, ledger=self.ledger)]

    def take_back(self, entry_id: int, now: datetime = NOW) -> PaperEntry:
        return collecting.take_back(
            SLUG,
            entry_id,
            because="counted twice",
            recorded_by="Anahit",
            ledger=self.ledger,
            counter=self.counter,
            now=now,
        )

    def shown(self) -> Shown:
        return signing.show(SLUG, catalogue=self.catalogue, ledger=self.ledger, counter=self.counter)

    @property
    def books(self) -> list[PaperEntry]:
        return collecting.paper_of(SLUG, ledger=self.ledger)[1]

    def audited(self) -> auditing.PublicAudit:
        return auditing.audit(SLUG, catalogue=self.catalogue, ledger=self.ledger)


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    return Desk(ledger)


def test_paper_joins_the_number_and_the_goal_moves_on(desk: Desk) -> None:
    before = desk.shown().progress
    entry = desk.add()
    after = desk.shown().progress
    assert (after.count, after.paper, after.here, after.carried_over) == (169, 120, 0, 49)
    assert (before.goal, after.goal) == (50, 200)
    assert after.version > before.version
    assert desk.books == [entry]
    assert (entry.figure, entry.recorded_by, entry.recorded_at) == (MARKET, "Anahit", NOW)
    assert desk.audited().count == 169


def test_one_scan_counts_once_for_a_petition(desk: Desk) -> None:
    desk.add()
    with pytest.raises(ReferenceTaken, match="a-17"):
        desk.add(replace(MARKET, reference=" a-17 ", count=7))
    desk.add(replace(MARKET, reference="A-18"))
    other = desk.ledger.add_petition(draft(slug="other"), NOW)
    desk.ledger.add_paper(other.id, MARKET, "Anahit", NOW)
    assert desk.shown().progress.paper == 240


def test_what_is_taken_back_stays_in_the_books_and_may_be_added_rightly(desk: Desk) -> None:
    entry = desk.add()
    back = desk.take_back(entry.id)
    assert desk.shown().progress.count == 49
    assert desk.shown().progress.goal == 50  # nobody had been shown the next one
    assert (back.takes_back, back.figure.count, back.figure.note) == (entry.id, -120, "counted twice")
    right = desk.add(replace(MARKET, count=12))
    assert [one.figure.count for one in desk.books] == [120, -120, 12]
    assert [one.stands for one in desk.books] == [False, False, True]
    assert desk.shown().progress.count == 61
    assert desk.books[-1] == right


def test_a_goal_that_was_shown_stays(desk: Desk) -> None:
    entry = desk.add()
    assert desk.shown().progress.goal == 200
    desk.take_back(entry.id)
    assert (desk.shown().progress.count, desk.shown().progress.goal) == (49, 200)


def test_what_was_taken_back_or_is_a_counter_entry_or_another_petitions_is_not_found(desk: Desk) -> None:
    entry = desk.add()
    other = desk.ledger.add_petition(draft(slug="other"), NOW)
    foreign = desk.ledger.add_paper(other.id, MARKET, "Mallory", NOW)
    back = desk.take_back(entry.id)
    for entry_id in (entry.id, back.id, foreign.id, 999, 2**40):
        with pytest.raises(PaperNotFound):
            desk.take_back(entry_id)
    assert desk.shown().progress.paper == 0
    assert desk.ledger.tally(other.id).paper == 120


def test_nonsense_stores_nothing(desk: Desk) -> None:
    for wrong in ({"count": -1}, {"count": 10**9}, {"collected_on": date(2027, 1, 1)}, {"place": ""}):
        with pytest.raises(PaperRefused):
            desk.add(replace(MARKET, **wrong))  # type: ignore[arg-type]
    with pytest.raises(PaperRefused):
        collecting.take_back(
            SLUG, 1, because="", recorded_by="", ledger=desk.ledger, counter=desk.counter, now=NOW
        )
    with pytest.raises(PetitionNotFound):
        collecting.paper_of("nothing", ledger=desk.ledger)
    assert (desk.books, desk.shown().progress.count) == ([], 49)


TWO = replace(MARKET, count=2)
NAMES = "Sam Signs; Gyumri\nPetra Hosts"


def test_people_on_paper_are_kept_with_their_figure_or_not_at_all(desk: Desk) -> None:
    entry = desk.add(TWO, names=NAMES)
    assert desk.names(entry) == ["Sam Signs", "Petra Hosts"]
    assert desk.books == [entry]
    assert entry.names == 2
    with pytest.raises(PaperRefused, match="2 names where 3 were counted"):
        desk.add(replace(TWO, count=3, reference="A-18"), names=NAMES)
    with pytest.raises(ReferenceTaken):
        desk.add(TWO, names="Mallory; elsewhere\nMallory; anywhere")
    assert desk.names(entry) == ["Sam Signs", "Petra Hosts"]
    assert desk.shown().progress.paper == 2


def test_one_person_is_forgotten_and_the_figure_stays(desk: Desk) -> None:
    entry, other = desk.add(TWO, names=NAMES), desk.ledger.add_petition(draft(slug="other"), NOW)
    [(sam, _), (petra, _)] = collecting.names_on(desk.petition, entry.id, ledger=desk.ledger)
    with pytest.raises(PaperNotFound):
        collecting.forget_name(other, entry.id, sam, ledger=desk.ledger)
    with pytest.raises(PaperNotFound):
        collecting.forget_name(desk.petition, entry.id + 1, sam, ledger=desk.ledger)
    assert collecting.names_on(other, entry.id, ledger=desk.ledger) == []
    collecting.forget_name(desk.petition, entry.id, sam, ledger=desk.ledger)
    with pytest.raises(PaperNotFound):
        collecting.forget_name(desk.petition, entry.id, sam, ledger=desk.ledger)
    assert desk.names(entry) == ["Petra Hosts"]
    assert desk.shown().progress.paper == 2
    assert petra != sam


def test_people_go_with_a_figure_that_is_taken_back(desk: Desk) -> None:
    entry = desk.add(TWO, names=NAMES)
    desk.take_back(entry.id)
    assert desk.names(entry) == []
    assert [one.names for one in desk.books] == [0, 0]


def test_people_on_paper_are_anonymised_with_the_signers(desk: Desk) -> None:
    entry = desk.add(TWO, names=NAMES)
    desk.ledger.change(desk.petition.id, {"status": Status.CLOSED})
    rules = Retention(unconfirmed_days=21, network_key_days=30, anonymise_months=6, held_days=90)
    retain(ledger=desk.ledger, rules=rules, now=NOW)
    later = NOW + timedelta(days=200)
    shown = retain(ledger=desk.ledger, rules=rules, now=later, dry_run=True)
    assert retain(ledger=desk.ledger, rules=rules, now=later) == shown
    assert shown.anonymised == (Anonymised(SLUG, 2),)
    assert desk.names(entry) == []
    with pytest.raises(PaperRefused, match="anonymised"):
        desk.add(replace(TWO, reference="A-18"), names=NAMES)
    desk.add(replace(TWO, reference="A-18"))
    assert desk.shown().progress.paper == 4
    assert retain(ledger=desk.ledger, rules=rules, now=later).anonymised == ()


def test_people_on_paper_as_a_table(desk: Desk) -> None:
    desk.add(replace(TWO, reference="=1+1"), names="@Sam; Gyumri\nPetra")
    desk.add()
    assert b"".join(collecting.name_table(desk.petition, ledger=desk.ledger)).decode() == (
        "scan,place,collected_on,name,from\r\n"
        "'=1+1,the market,2026-04-30,'@Sam,Gyumri\r\n'=1+1,the market,2026-04-30,Petra,\r\n"
    )


def test_twenty_at_once_add_a_scan_once_and_take_it_back_once(desk: Desk) -> None:
    def try_to(act: object) -> bool:
        try:
            act()  # type: ignore[operator]
        except (ReferenceTaken, PaperNotFound):
            return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(try_to, [desk.add] * 20)) == 1
        [entry] = desk.books
        assert sum(crowd.map(try_to, [lambda: desk.take_back(entry.id)] * 20)) == 1
    assert desk.shown().progress.paper == 0
    assert len(desk.books) == 2


def test_a_closed_petition_takes_paper_still(desk: Desk) -> None:
    desk.ledger.change(desk.petition.id, {"status": Status.DELIVERED})
    desk.add()
    assert desk.shown().progress.count == 169


def test_a_recount_counts_the_paper_too(desk: Desk) -> None:
    desk.take_back(desk.add().id)
    desk.add(replace(MARKET, count=30))
    with desk.ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE tally SET paper = 7000 WHERE slot = 0")
    assert desk.ledger.recount(desk.petition.id).drift == 6_970
    assert desk.shown().progress.count == 79
    assert desk.ledger.recount(desk.petition.id).drift == 0


def test_the_audit_puts_paper_to_the_day_it_was_recorded(desk: Desk) -> None:
    entry = desk.add()
    desk.take_back(entry.id, NOW + timedelta(days=2))
    audited = desk.audited()
    assert [(one.day.day.day, one.total) for one in audited.days] == [(1, 169), (3, 49)]
    assert (audited.count, audited.paper, len(audited.on_paper)) == (49, 0, 2)


@pytest.fixture
def desk_with_redis(ledger: Ledger, redis_url: str) -> Iterator[Desk]:
    made = Desk(ledger, redis_url)
    yield made
    made.counter.close()


@pytest.mark.services
def test_the_copy_in_redis_says_it_at_once(desk_with_redis: Desk, redis_url: str) -> None:
    desk = desk_with_redis
    elsewhere = Counter(desk.ledger.tally, redis_url=redis_url, clock=lambda: datetime.now(UTC))
    assert elsewhere.read(desk.petition.id).count == 49
    entry = desk.add()
    assert elsewhere.read(desk.petition.id).count == 169
    desk.take_back(entry.id)
    assert elsewhere.read(desk.petition.id).count == 49
    elsewhere.close()
