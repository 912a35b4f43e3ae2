"""Figures people look at, counted by both databases, against a count by hand over the same rows."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count as count_up

import pytest

from tests.petitions import NOW, draft, signature
from widget.domain.figures import KEPT, Asked, Figures, Group, Kind, Part, Period, since
from widget.domain.intake import Incoming
from widget.domain.paper import PaperFigure
from widget.domain.petition import Petition
from widget.domain.signature import Actor, Signature, State
from widget.store.ledger import Ledger

WITHIN = timedelta(days=21)
SITES = (
    ("https://partner.example.org/a/long/path", "https://partner.example.org"),
    ("https://partner.example.org", "https://partner.example.org"),
    ("http://a/", "http://a"),
    ("http://PETRA.example.org:8080/x", "http://petra.example.org:8080"),
    ("", ""),
)
SOURCES = ("", "named", "letter", "=1+1", "Ереван")
AGES = (timedelta(0), timedelta(hours=5), timedelta(days=3), timedelta(days=12), timedelta(days=40))


def count(ledger: Ledger, petition: Petition, now: datetime = NOW) -> Figures:
    return ledger.count_figures(petition.id, now, confirm_within=WITHIN, unhurried=False)


def by_name(figures: Figures, part: Part, period: Period) -> dict[tuple[Kind, str], int]:
    return {(kind, name): count for kind, name, count in figures.of(part, period)}


def a_history(ledger: Ledger, petition: Petition, luck: random.Random) -> tuple[list[int], dict[int, str]]:
    """Let people sign at all times, from all sides, and do what people do; return their numbers and sites."""
    numbers, sites = [], {}
    for number in range(60):
        page, site = luck.choice(SITES)
        state = luck.choice((State.CONFIRMED, State.CONFIRMED, State.PENDING, State.HELD))
        new = signature(
            petition.id,
            f"sam.{number}@example.org",
            state=state,
            signed_at=NOW - luck.choice(AGES) - timedelta(minutes=luck.randrange(600)),
            page_url=page,
            source=luck.choice(SOURCES),
            country=luck.choice(("AM", "DE", "")),
            lang=luck.choice(("en", "hy")),
            held_because="crowd" if state is State.HELD else None,
        )
        made = ledger.record(new, letter=None).id
        assert made is not None
        numbers.append(made)
        sites[made] = site
    for made in luck.sample(numbers, 35):
        deed = luck.randrange(5)
        if deed == 0:
            ledger.confirm_signature(made, NOW, reason="confirmed by mail")
        elif deed == 1:
            ledger.erase(made, NOW)
        else:
            target = (State.CONFIRMED, State.WITHDRAWN, State.INVALIDATED)[deed - 2]
            ledger.move(made, target, NOW, by=Actor.ORGANISER)
    return numbers, sites


def rows(ledger: Ledger, numbers: list[int]) -> Iterator[Signature]:
    for number in numbers:
        found = ledger.signature_by_id(number)
        assert found is not None
        yield found


def naively_asked(one: Signature) -> str:
    if one.held_because or one.state is State.HELD:
        return Asked.HELD
    if one.confirmed_at is not None:
        return Asked.AT_ONCE if one.confirmed_at == one.signed_at else Asked.CONFIRMED
    waits = one.state is State.PENDING and one.signed_at > NOW - WITHIN
    return Asked.WAITING if waits else Asked.UNCONFIRMED


@pytest.mark.parametrize("seed", range(8))
def test_every_part_is_what_a_count_by_hand_gives(ledger: Ledger, seed: int) -> None:
    petition, other = ledger.add_petition(draft(), NOW), ledger.add_petition(draft(slug="lake"), NOW)
    numbers, sites = a_history(ledger, petition, random.Random(seed))
    a_history(ledger, other, random.Random(seed + 100))
    figures = count(ledger, petition)
    for period in Period:
        begins = since(period, NOW)
        inside = [one for one in rows(ledger, numbers) if begins is None or one.signed_at >= begins]
        counting = [one for one in inside if one.state is State.CONFIRMED]

        def named(found: list[str]) -> dict[tuple[Kind, str], int]:
            return dict(Counter((Kind.NAMED if name else Kind.NONE, name) for name in found))

        assert by_name(figures, Part.SITE, period) == named([sites[one.id] for one in counting])
        assert by_name(figures, Part.SOURCE, period) == named([one.source for one in counting])
        assert by_name(figures, Part.COUNTRY, period) == named([one.country for one in counting])
        assert by_name(figures, Part.LANG, period) == named([one.lang for one in counting])
        assert by_name(figures, Part.STATE, period) == named([one.state.value for one in inside])
        assert by_name(figures, Part.ASKED, period) == named([naively_asked(one) for one in inside])
        lately = [one for one in counting if one.signed_at >= (since(Period.WEEK, NOW) or NOW)]
        assert by_name(figures, Part.HOUR, period) == named([f"{o.signed_at:%Y-%m-%d %H}" for o in lately])
    whole = figures.total(Part.COUNTRY, Period.ALL)
    assert whole == ledger.tally(petition.id).here == sum(d.change_here for d in ledger.audit(petition.id))


def test_what_an_import_brought_is_no_hour_of_anybody(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(), NOW)
    ledger.record(signature(petition.id), letter=None)
    brought = [
        signature(
            petition.id, f"sam.{n}@example.org", signed_at=NOW - timedelta(days=2), page_url="https://x/y"
        )
        for n in range(7)
    ]
    waiting = replace(brought[0], state=State.PENDING, email="p@example.org", canonical_email="p@example.org")
    lines = [Incoming(new, new.signed_at, new.signed_at) for new in brought]
    begun = ledger.begin_import(
        petition.id, file_name="f", fingerprint="0" * 64, mapping={}, recorded_by="Anahit", now=NOW
    )
    rows = [*lines, Incoming(waiting, None, NOW)]
    ledger.take_in(begun.id, 0, 8, rows, refused=0, now=NOW)
    ledger.take_in(begun.id, 8, 8, rows, refused=0, now=NOW)  # all of them signed before
    assert ledger.imported_days(petition.id) == {NOW.date(): 7}
    figures = count(ledger, petition)
    assert by_name(figures, Part.SITE, Period.ALL) == {(Kind.IMPORTED, ""): 7, (Kind.NONE, ""): 1}
    assert by_name(figures, Part.COUNTRY, Period.ALL) == {(Kind.NAMED, "AM"): 8}
    assert figures.total(Part.HOUR, Period.ALL) == 1
    assert figures.total(Part.ASKED, Period.ALL) == 1


def test_who_was_anonymised_still_counts(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(), NOW)
    ledger.record(signature(petition.id, source="letter"), letter=None)
    ledger.anonymise(petition.id, NOW)
    figures = count(ledger, petition)
    for part in (Part.SITE, Part.SOURCE, Part.COUNTRY, Part.LANG):
        assert by_name(figures, part, Period.ALL) == {(Kind.FORGOTTEN, ""): 1}


def test_many_groups_are_bounded_and_still_add_up(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(), NOW)
    many = KEPT + 30
    lines = []
    for number in range(many):
        new = signature(petition.id, f"sam.{number}@example.org", source=f"s{number}")
        lines.append(Incoming(new, NOW, NOW))
    begun = ledger.begin_import(
        petition.id, file_name="f", fingerprint="0" * 64, mapping={}, recorded_by="Anahit", now=NOW
    )
    ledger.take_in(begun.id, 0, many, lines, refused=0, now=NOW)
    figures = count(ledger, petition)
    assert by_name(figures, Part.SOURCE, Period.ALL)[Kind.OTHERS, ""] == 30
    assert figures.total(Part.SOURCE, Period.ALL) == many


def test_all_parts_are_of_one_moment(ledger: Ledger) -> None:
    """Whoever signs or leaves meanwhile is in all tables or in none."""
    petition, stop = ledger.add_petition(draft(), NOW), threading.Event()

    def sign() -> None:
        for number in count_up():
            if stop.is_set():
                return
            made = ledger.record(signature(petition.id, f"sam.{number}@example.org"), letter=None).id
            if made and number % 3 == 0:
                ledger.erase(made, NOW)

    signer = threading.Thread(target=sign)
    signer.start()
    try:
        counted = [count(ledger, petition) for _ in range(20)]
        while not counted[-1].total(Part.STATE, Period.ALL):
            counted.append(count(ledger, petition))
    finally:
        stop.set()
        signer.join()
    parts = (Part.SITE, Part.SOURCE, Part.COUNTRY, Part.LANG, Part.HOUR)
    for figures in counted:
        standing = figures.count(Part.STATE, State.CONFIRMED, Period.ALL)
        assert {figures.total(part, Period.ALL) for part in parts} == {standing}


def test_two_workers_at_once_keep_the_later_count(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(), NOW)
    found = [Figures(NOW + timedelta(seconds=second), {}) for second in range(20)]
    random.Random(7).shuffle(found)

    def keep(some: list[Figures]) -> None:
        for one in some:
            ledger.keep_figures(petition.id, one, 1.0)

    keepers = [threading.Thread(target=keep, args=(some,)) for some in (found[::2], found[1::2])]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    kept = ledger.kept_figures(petition.id)
    assert kept is not None
    assert kept.figures.as_of == NOW + timedelta(seconds=19)


def test_of_two_counts_the_later_one_is_kept(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(), NOW)
    assert ledger.kept_figures(petition.id) is None
    early = Figures(NOW, {Part.STATE: (Group(Kind.NAMED, "confirmed", (1, 2, 3, 4)),)})
    late = replace(early, as_of=NOW + timedelta(minutes=1))
    for one in (early, late, early):
        ledger.keep_figures(petition.id, one, 2.5)
    kept = ledger.kept_figures(petition.id)
    assert kept is not None
    assert (kept.figures, kept.seconds) == (late, 2.5)


def test_large_petitions_and_touched_ones_are_found(ledger: Ledger) -> None:
    mill, lake = ledger.add_petition(draft(), NOW), ledger.add_petition(draft(slug="lake"), NOW)
    before = ledger.latest()
    assert before == (0, 0)
    for number in range(3):
        ledger.record(signature(mill.id, f"sam.{number}@example.org"), letter=None)
    ledger.record(signature(lake.id), letter=None)
    assert ledger.larger_than(2) == [mill.id]
    assert ledger.is_larger_than(mill.id, 2)
    assert not ledger.is_larger_than(lake.id, 2)
    signed = ledger.latest()
    assert ledger.touched(before, signed) == {mill.id, lake.id}
    ledger.erase(1, NOW)
    assert ledger.touched(signed, ledger.latest()) == {mill.id}


def test_the_day_of_an_import_is_that_of_the_books(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(), NOW)
    begun = ledger.begin_import(
        petition.id, file_name="f", fingerprint="0" * 64, mapping={}, recorded_by="Anahit", now=NOW
    )
    for day in range(2):
        new = signature(petition.id, f"sam.{day}@example.org", signed_at=NOW - timedelta(days=300))
        at = NOW + timedelta(days=day)
        ledger.take_in(begun.id, day, 1, [Incoming(new, new.signed_at, at)], refused=0, now=at)
    assert ledger.imported_days(petition.id) == {date(2026, 5, 1): 1, date(2026, 5, 2): 1}


def test_how_a_day_changed_the_number(ledger: Ledger) -> None:
    mill, other, quiet = (ledger.add_petition(draft(slug=slug), NOW) for slug in ("mill", "other", "quiet"))
    yesterday, tomorrow = NOW - timedelta(days=1), NOW + timedelta(days=1)
    made = [
        ledger.record(signature(mill.id, f"sam.{n}@example.org", signed_at=at), letter=None).id
        for n, at in enumerate((yesterday, yesterday, NOW, NOW, NOW))
    ]
    for number, target in ((made[0], State.WITHDRAWN), (made[2], State.INVALIDATED)):
        assert number is not None
        ledger.move(number, target, NOW, by=Actor.ORGANISER)
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    for number, at in enumerate((midnight - timedelta(seconds=1), midnight, tomorrow, yesterday)):
        figure = PaperFigure(10 + number, "the market", yesterday.date(), f"A-{number}")
        ledger.add_paper((mill, mill, mill, other)[number].id, figure, "Anahit", at)
    [*_, entry] = ledger.paper(other.id)
    ledger.take_back_paper(other.id, entry.id, "counted twice", "Anahit", NOW)
    asked = [mill.id, other.id, quiet.id]
    assert ledger.changed_on(NOW.date(), asked) == {mill.id: 1 + 11, other.id: -13}
    assert ledger.changed_on(yesterday.date(), asked) == {mill.id: 2 + 10, other.id: 13}
    assert ledger.changed_on(NOW.date(), []) == {}
