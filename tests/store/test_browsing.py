"""Signers found and leafed through, on both ledgers: whoever fits, in order, nobody twice or missed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unicodedata import normalize

import pytest

from tests.petitions import MILL, NOW, draft, signature
from widget.domain.criteria import Criteria
from widget.domain.petition import Petition
from widget.domain.signature import State
from widget.store.ledger import Ledger

PAGE = 7
PETRA = "https://petra.example.org"


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def put(ledger: Ledger, petition: Petition, email: str, **changes: Any) -> int:
    recorded = ledger.record(signature(petition.id, email, **changes), None)
    assert recorded.id is not None
    return recorded.id


def found(ledger: Ledger, petition: Petition, criteria: Criteria) -> list[str]:
    """Return the mailboxes found, and check that a review means the same."""
    newest = ledger.newest(petition.id, criteria, limit=100)
    assert ledger.count_matching(petition.id, criteria) == len(newest)
    return sorted(one.email.partition("@")[0] for one in newest)


NAMES = {
    "armenian": ("ՍԱՄ", "Երևանցի"),
    "cyrillic": ("Сам", "Слёзкин"),
    "turkish": ("IŞIK", "İnci"),
    "decomposed": (normalize("NFD", "Zoë"), "Cast"),
    "percent": ("100%", "Cast"),
    "underscore": ("s_m", "Cast"),
    "other": ("sam", "Cast"),
    "backslash": ("back\\slash", "Cast"),
    "quotes": ("Sam", 'O\'Cast "the" ;--'),
    "star": ("five*star", "Cast"),
    "one": ("Սամ", ""),
}
SEARCHES = [
    ("սամ *", {"armenian"}),
    ("* ԵՐԵՒԱՆՑԻ", {"armenian"}),
    ("сам слёзкин", {"cyrillic"}),
    ("ışık inci", {"turkish"}),
    ("IŞIK *", {"turkish"}),
    ("ZOË CAST", {"decomposed"}),
    (normalize("NFD", "zoë cast"), {"decomposed"}),
    ("100% cast", {"percent"}),
    ("%", set()),
    ("s_m cast", {"underscore"}),
    ("s*m cast", {"underscore", "other"}),
    ("back\\slash cast", {"backslash"}),
    ('sam o\'cast "the" ;--', {"quotes"}),
    ("five*star cast", {"star"}),
    ("սամ", {"one"}),
    ("s", set()),
    ("s*", {"underscore", "other", "quotes"}),
    ("*cast", set(NAMES) - {"armenian", "cyrillic", "turkish", "quotes", "one"}),
    ("*", set(NAMES)),
    ("*example.org", set()),  # a domain is no part of a name
    ("nobody", set()),
]


@pytest.mark.parametrize(("words", "expected"), SEARCHES)
def test_a_name_is_found_in_any_script(
    ledger: Ledger, petition: Petition, words: str, expected: set[str]
) -> None:
    for mailbox, (given, family) in NAMES.items():
        put(ledger, petition, f"{mailbox}@example.org", given_name=given, family_name=family)
    assert found(ledger, petition, Criteria(name=words)) == sorted(expected)


COMBINED = [
    (Criteria(domain="petra.example"), ["a", "b"]),
    (Criteria(domain="*.example"), ["a", "b", "c"]),
    (Criteria(domain="petra.example*"), ["a", "b"]),
    (Criteria(domain="example"), []),
    (Criteria(site=PETRA), ["a", "c"]),
    (Criteria(site=f"{PETRA}/mill"), ["a"]),
    (Criteria(site=f"{PETRA}/mil"), []),
    (Criteria(site="petra.example.org"), []),
    (Criteria(site="*"), []),
    (Criteria(site=PETRA, domain="petra.example"), ["a"]),
    (Criteria(name="petra *", domain="*.example", site=PETRA, states=frozenset({State.HELD})), ["c"]),
    (Criteria(name="petra *", states=frozenset({State.CONFIRMED})), ["a"]),
    (Criteria(states=frozenset({State.CONFIRMED, State.HELD})), ["a", "b", "c", "d"]),
    (Criteria(address="A@petra.example"), ["a"]),
]


@pytest.mark.parametrize(("criteria", "expected"), COMBINED)
def test_criteria_that_meet(
    ledger: Ledger, petition: Petition, criteria: Criteria, expected: list[str]
) -> None:
    put(ledger, petition, "a@petra.example", given_name="Petra", page_url=f"{PETRA}/mill/one")
    put(ledger, petition, "b@petra.example", page_url="https://petra.example.org.mallory.example/")
    put(ledger, petition, "c@sub.example", given_name="Petra", page_url=PETRA, state=State.HELD)
    put(ledger, petition, "d@example.org")
    other = ledger.add_petition(draft(slug="other"), NOW)
    put(ledger, other, "a@petra.example", given_name="Petra", page_url=PETRA)
    assert found(ledger, petition, criteria) == expected


def test_whoever_is_erased_is_found_by_nothing(ledger: Ledger, petition: Petition) -> None:
    gone = put(ledger, petition, "sam@sam.example", page_url=f"{PETRA}/x")
    put(ledger, petition, "anahit@example.org", given_name="Anahit")
    ledger.erase(gone, NOW)
    everything = [Criteria(name="sam *"), Criteria(name="*"), Criteria(domain="sam.example")]
    for criteria in (*everything, Criteria(site=PETRA), Criteria(address="sam@sam.example")):
        assert gone not in [one.id for one in ledger.newest(petition.id, criteria, limit=9)]
    assert len(ledger.newest(petition.id, Criteria(states=frozenset({State.ERASED})), limit=9)) == 1
    ledger.anonymise(petition.id, NOW)
    assert ledger.newest(petition.id, Criteria(name="*"), limit=9) == []
    with ledger._database.reading() as connection:
        assert set(connection.exec_driver_sql("SELECT found_by FROM signatures").scalars()) == {""}


def test_a_corrected_name_is_found_and_the_old_one_is_not(ledger: Ledger, petition: Petition) -> None:
    number = put(ledger, petition, "sam@example.org", page_url=PETRA)
    assert ledger.rename(number, given_name="Samuel", family_name="")
    assert found(ledger, petition, Criteria(name="samuel", domain="example.org", site=PETRA)) == ["sam"]
    assert found(ledger, petition, Criteria(name="sam of the cast")) == []
    ledger.erase(number, NOW)
    assert not ledger.rename(number, given_name="Sam", family_name="")
    assert found(ledger, petition, Criteria(name="*")) == []


@pytest.mark.parametrize(
    "criteria",
    [Criteria(), Criteria(name="sam *"), Criteria(states=frozenset({State.HELD}))],
    ids=["all", "name", "state"],
)
def test_pages_stay_together_while_others_sign_and_are_erased(
    ledger: Ledger, petition: Petition, criteria: Criteria
) -> None:
    """Whoever was there all the time is met once, in order, whoever comes and goes meanwhile."""
    stay, go = [], []
    for number in range(40):
        one = put(ledger, petition, f"{number}@example.org", state=State.HELD)
        (go if number % 5 == 0 else stay).append(one)
    seen: list[int] = []
    for turn, page in enumerate(_downwards(ledger, petition, criteria)):
        seen += page
        put(ledger, petition, f"late{turn}@example.org", state=State.HELD)
        for gone in go[turn::3]:
            ledger.erase(gone, NOW + timedelta(hours=turn))
    assert seen == sorted(set(seen), reverse=True)
    assert set(stay) <= set(seen)
    back: list[int] = []
    for turn, page in enumerate(_upwards(ledger, petition, criteria, seen[-1])):
        back += page[::-1]
        put(ledger, petition, f"later{turn}@example.org", state=State.CONFIRMED)
    assert back == sorted(set(back))
    assert set(stay) - {seen[-1]} <= set(back)


def _downwards(ledger: Ledger, petition: Petition, criteria: Criteria) -> Iterator[list[int]]:
    before = None
    while page := [one.id for one in ledger.newest(petition.id, criteria, before=before, limit=PAGE)]:
        yield page
        before = page[-1]


def _upwards(ledger: Ledger, petition: Petition, criteria: Criteria, after: int) -> Iterator[list[int]]:
    for _ in range(20):
        page = [one.id for one in ledger.newest(petition.id, criteria, after=after, limit=PAGE)]
        if not page:
            return
        yield page
        after = page[0]
