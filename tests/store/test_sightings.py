"""Sites that showed a widget: noticed in passing, told later, bounded, and forgotten; on both ledgers."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tests.petitions import MILL, NOW, draft
from widget.domain.petition import Petition
from widget.domain.refusals import LedgerUnavailable
from widget.domain.site import AT_MOST, REMEMBERED, Sighting
from widget.store.ledger import Ledger
from widget.store.sightings import KNOWN, WAITING, WAITING_OF_ONE, Sightings

PETRA, OTHER = "https://petra.example.org", "https://other.example.org"
HOUR = timedelta(hours=1)


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


# In the ledger


def test_a_site_has_its_first_hour_and_its_last(ledger: Ledger, petition: Petition) -> None:
    mill = petition.id
    for hours in (1, 0, 5, 3):  # processes tell in any order
        ledger.note_sightings({(mill, PETRA): NOW + hours * HOUR})
    ledger.note_sightings({(mill, OTHER): NOW + 2 * HOUR})
    assert ledger.sightings(mill) == [
        Sighting(PETRA, NOW + HOUR, NOW + 5 * HOUR),
        Sighting(OTHER, NOW + 2 * HOUR, NOW + 2 * HOUR),
    ]


def test_each_petition_has_its_own(ledger: Ledger, petition: Petition) -> None:
    other = ledger.add_petition(draft(slug="other"), NOW)
    ledger.note_sightings({(petition.id, PETRA): NOW, (other.id, OTHER): NOW})
    assert [one.site for one in ledger.sightings(petition.id)] == [PETRA]
    assert [one.site for one in ledger.sightings(other.id)] == [OTHER]


def test_a_petition_that_is_no_more_and_nothing_at_all_are_no_matter(
    ledger: Ledger, petition: Petition
) -> None:
    ledger.note_sightings({(petition.id + 9, OTHER): NOW, (petition.id, PETRA): NOW})
    ledger.note_sightings({})
    assert [one.site for one in ledger.sightings(petition.id)] == [PETRA]


def test_processes_that_tell_at_once_lose_nothing_and_never_wait_in_a_ring(
    ledger: Ledger, petition: Petition, database_url: str
) -> None:
    ledgers = [Ledger.connect(database_url) for _ in range(4)]
    start = threading.Barrier(4)

    def tell(number: int) -> None:
        start.wait()
        for turn in range(12):
            # Each in another order, all over the bound, so that room is made while others write.
            some = [(turn * 40 + one * (1 if number % 2 else -1)) % 300 for one in range(60)]
            ledgers[number].note_sightings(
                {(petition.id, f"https://s{one:03}.example.org"): NOW + turn * HOUR for one in some}
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(4)))
    for one in ledgers:
        one.close()
    ledger.note_sightings({(petition.id, PETRA): NOW + 12 * HOUR})
    found = ledger.sightings(petition.id)
    assert found[0].site == PETRA
    assert len(found) == AT_MOST
    assert len({one.site for one in found}) == AT_MOST


def test_inventing_sites_drives_out_none_that_is_seen_as_late(ledger: Ledger, petition: Petition) -> None:
    mill = petition.id
    ledger.note_sightings({(mill, PETRA): NOW, (mill, OTHER): NOW})
    ledger.note_sightings({(mill, PETRA): NOW + 3 * HOUR})
    for turn in range(8):
        invented = {(mill, f"https://m{turn}-{one}.example.org"): NOW + 3 * HOUR for one in range(50)}
        ledger.note_sightings(invented)
    found = ledger.sightings(mill)
    assert found[0] == Sighting(PETRA, NOW, NOW + 3 * HOUR)
    assert len(found) == AT_MOST
    assert OTHER not in [one.site for one in found]  # seen longest ago
    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sightings").scalar() == AT_MOST


def test_a_flood_drives_out_neither_who_came_back_nor_who_is_allowed(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(allowed_origins=(OTHER,)), NOW).id
    ledger.note_sightings({(mill, PETRA): NOW - HOUR, (mill, OTHER): NOW - 80 * HOUR})
    ledger.note_sightings({(mill, PETRA): NOW})
    for turn in range(12):
        at = NOW + (1 + turn // 6) * HOUR
        ledger.note_sightings({(mill, f"https://m{turn % 6}-{one}.example.org"): at for one in range(50)})
    found = {one.site for one in ledger.sightings(mill)}
    assert {PETRA, OTHER} < found
    assert len(found) == AT_MOST
    ledger.note_sightings({(mill, "https://new.example.org"): NOW + 3 * HOUR})
    assert ledger.sightings(mill)[0].site == "https://new.example.org"  # there is room for who comes later


def test_a_site_that_is_seen_no_more_is_forgotten(ledger: Ledger, petition: Petition) -> None:
    ledger.note_sightings({(petition.id, PETRA): NOW, (petition.id, OTHER): NOW + HOUR})
    assert ledger.count_sightings(NOW) == 0
    assert ledger.count_sightings(NOW + HOUR) == 1
    assert ledger.forget_sightings(NOW + HOUR) == 1
    assert [one.site for one in ledger.sightings(petition.id)] == [OTHER]
    assert timedelta(days=90) == REMEMBERED


# In a process


@dataclass
class Desk:
    """A ledger that may be away or hang, and a clock that the test moves."""

    told: list[dict[tuple[int, str], datetime]] = field(default_factory=list)
    away: bool = False
    hangs: bool = False
    asked: int = 0
    now: float = NOW.timestamp()

    def tell(self, seen: Mapping[tuple[int, str], datetime]) -> None:
        self.asked += 1
        if self.away:
            raise LedgerUnavailable
        self.told.append(dict(seen))

    def sightings(self) -> Sightings:
        own = ["https://our.example.org"]
        return Sightings(self.tell, hangs=lambda: self.hangs, own=own, clock=lambda: self.now)


def test_a_site_is_told_once_an_hour() -> None:
    desk = Desk()
    sightings = desk.sightings()
    for _ in range(3):
        for said in (PETRA, "HTTPS://Petra.example.org:443", "https://our.example.org", "nonsense", "", None):
            sightings.notice(1, said)
        sightings.tell()
    assert desk.told == [{(1, PETRA): NOW}]
    desk.now += 3599
    sightings.notice(1, PETRA)
    sightings.tell()
    assert len(desk.told) == 1
    desk.now += 1
    sightings.notice(1, PETRA)
    sightings.tell()
    assert desk.told[1:] == [{(1, PETRA): NOW + HOUR}]


def test_while_the_ledger_is_away_it_waits_and_while_it_hangs_nobody_asks_it() -> None:
    desk = Desk(hangs=True)
    sightings = desk.sightings()
    sightings.notice(1, PETRA)
    sightings.tell()
    assert (desk.asked, desk.told) == (0, [])
    desk.hangs, desk.away = False, True
    sightings.tell()
    assert (desk.asked, desk.told) == (1, [])
    desk.away = False
    sightings.notice(1, OTHER)
    sightings.tell()
    assert desk.told == [{(1, PETRA): NOW, (1, OTHER): NOW}]


def test_mallorys_inventions_are_bounded_and_crowd_out_no_other_petition() -> None:
    desk = Desk()
    sightings = desk.sightings()
    for number in range(KNOWN + 500):
        sightings.notice(1, f"https://m{number}.example.org")
    for number in range(WAITING):
        sightings.notice(2 + number, PETRA)
    sightings.notice(1, "x" * 10_000)
    assert len(sightings._known) <= KNOWN
    assert max(len(said) for _, said in sightings._known) < 300
    sightings.tell()
    (told,) = desk.told
    assert sum(petition == 1 for petition, _ in told) == WAITING_OF_ONE
    assert sum(site == PETRA for _, site in told) == WAITING - WAITING_OF_ONE
    assert len(told) == WAITING
    sightings.notice(WAITING + 1, PETRA)  # there was no room for it: it is noticed when it asks again
    sightings.tell()
    assert desk.told[1:] == [{(WAITING + 1, PETRA): NOW}]


def test_what_finds_no_room_while_the_ledger_is_away_comes_again() -> None:
    desk = Desk(away=True)
    sightings = desk.sightings()
    for number in range(WAITING_OF_ONE):
        sightings.notice(1, f"https://s{number}.example.org")
    original = desk.tell

    def meanwhile(seen: Mapping[tuple[int, str], datetime]) -> None:
        sightings.notice(1, PETRA)
        original(seen)

    sightings._tell = meanwhile
    sightings.tell()
    sightings._tell, desk.away = original, False
    sightings.tell()
    for number in range(WAITING_OF_ONE):
        sightings.notice(1, f"https://s{number}.example.org")
    sightings.tell()
    assert {site for told in desk.told for _, site in told} == {
        PETRA,
        *(f"https://s{number}.example.org" for number in range(WAITING_OF_ONE)),
    }


def test_threads_that_notice_while_it_is_told_lose_nothing() -> None:
    desk = Desk()
    sightings = desk.sightings()

    def visit(petition: int) -> None:
        for number in range(40):
            sightings.notice(petition, f"https://s{number}.example.org")
            sightings.tell()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(8)))
    sightings.tell()
    assert sum(len(told) for told in desk.told) == 8 * 40


def test_the_hour_is_that_of_utc() -> None:
    desk = Desk(now=datetime(2026, 5, 1, 13, 59, 59, tzinfo=UTC).timestamp())
    sightings = desk.sightings()
    sightings.notice(1, PETRA)
    sightings.tell()
    assert desk.told == [{(1, PETRA): NOW + HOUR}]
