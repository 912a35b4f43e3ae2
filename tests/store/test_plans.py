"""How both databases look for signers: along an index, however many there are. Plans, not times."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from tests.petitions import MILL, NOW, draft
from tests.postgres_server import PostgresServer
from widget.domain.criteria import Criteria
from widget.domain.folding import found_by
from widget.domain.petition import Petition
from widget.domain.signature import State
from widget.store.ledger import Ledger
from widget.store.tables import signatures

MANY = 20_000
HALF = MANY // 2
STATES = (State.INVALIDATED, State.HELD, State.PENDING, State.WITHDRAWN)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def filled(request: pytest.FixtureRequest) -> Iterator[tuple[Ledger, Petition]]:
    """A ledger of many signatures, nine of ten under one petition, with what ANALYZE learns of them."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = request.getfixturevalue("tmp_path_factory").mktemp("filled") / "ledger.sqlite3"
        path.write_bytes(template.read_bytes())
        url, server, name = f"sqlite:///{path}", None, ""
    else:
        server = request.getfixturevalue("postgres_server")
        server.heal()
        name = server.create_database(request.getfixturevalue("postgresql_template"))
        url = server.url(name)
    yield from _filled(url)
    if isinstance(server, PostgresServer):
        server.heal()
        server.drop_database(name)


def _filled(url: str) -> Iterator[tuple[Ledger, Petition]]:
    ledger = Ledger.connect(url)
    petition, other = ledger.add_petition(MILL, NOW), ledger.add_petition(draft(slug="other"), NOW)
    with ledger._database.writing() as connection:
        connection.execute(
            insert(signatures), [_row(n, petition.id if n % 10 else other.id) for n in range(1, MANY + 1)]
        )
    with ledger._database.unhurried() as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)" if "postgresql" in url else "ANALYZE")
    yield ledger, petition
    ledger.close()


def _row(number: int, petition_id: int) -> dict[str, Any]:
    state = STATES[number % 4] if number % 50 == 0 or number % 51 == 0 else State.CONFIRMED
    person = {
        "given_name": ("Sam", "Samuel", "Samira")[number % 3],
        "family_name": f"of Cast {number % 5000}",
    }
    email, page_url = (
        f"sam.{number}@mail{number % 40}.example.org",
        f"https://p{number % 50}.example.org/mill",
    )
    return person | {
        "petition_id": petition_id,
        "text_version": MILL.wording.text_version,
        "state": state.value,
        "email": email,
        "canonical_email": email,
        "country": "AM",
        "postal_code": "",
        "comment": "It is ours. " * 5,
        "show_name": number % 3 == 0,
        "lang": "en",
        "source": "",
        "page_url": page_url,
        "found_by": found_by(person["given_name"], person["family_name"], email, page_url),
        "signed_at": NOW,
        "confirmed_at": NOW,
        "moved_at": NOW,
    }


def plans(ledger: Ledger, petition: Petition, criteria: Criteria, **page: int) -> str:
    """Return how the database finds a page, told on the same connection just before it does."""
    told: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith("SELECT"):
            return
        kind = "EXPLAIN QUERY PLAN" if ledger._database.is_sqlite else "EXPLAIN"
        rows = cursor.connection.execute(f"{kind} {statement}", values).fetchall()
        told.extend(str(row[-1]) for row in rows)

    event.listen(ledger._database._engine, "before_cursor_execute", explain)
    try:
        ledger.newest(petition.id, criteria, limit=51, **page)
    finally:
        event.remove(ledger._database._engine, "before_cursor_execute", explain)
    return "\n".join(told)


def reads_everything(plan: str) -> bool:
    """Tell whether some part of it looks at the whole table."""
    return "Seq Scan on signatures" in plan or "SCAN signatures" in plan


SEARCHES = {
    "a rare name": Criteria(name="sam of cast 4711"),
    "a common name": Criteria(name="sam *"),
    "its end": Criteria(name="* 4711"),
    "its middle": Criteria(name="*cast 47*"),
    "nobody": Criteria(name="nobody"),
    "a letter": Criteria(name="s*"),
    "anything": Criteria(name="*"),
    "a domain": Criteria(domain="mail3.example.org"),
    "a rare domain": Criteria(domain="*.example.net"),
    "a site": Criteria(site="https://p7.example.org"),
    "a rare site": Criteria(site="https://petra.example.org"),
    "a name and a state": Criteria(name="sam of cast 4711", states=frozenset({State.CONFIRMED})),
    "all of it": Criteria(
        name="sam *",
        domain="mail3.example.org",
        site="https://p7.example.org",
        states=frozenset({State.CONFIRMED}),
    ),
}
LISTS = {
    "everybody": Criteria(),
    "an address": Criteria(address="sam.4711@mail31.example.org"),
    **{state.value: Criteria(states=frozenset({state})) for state in State},
    "a name set aside": Criteria(name="sam *", states=frozenset({State.INVALIDATED})),
}
PAGES: dict[str, dict[str, int]] = {"first": {}, "older": {"before": HALF}, "newer": {"after": HALF}}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("which", [*SEARCHES, *LISTS])
def test_no_page_reads_every_signature(filled: tuple[Ledger, Petition], which: str, page: str) -> None:
    ledger, petition = filled
    plan = plans(ledger, petition, (SEARCHES | LISTS)[which], **PAGES[page])
    assert "signatures" in plan
    assert not reads_everything(plan), plan


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("which", SEARCHES)
def test_a_search_reads_the_index_and_nothing_beside_it(
    filled: tuple[Ledger, Petition], which: str, page: str
) -> None:
    ledger, petition = filled
    plan = plans(ledger, petition, SEARCHES[which], **PAGES[page])
    assert ("COVERING INDEX" if ledger._database.is_sqlite else "Index Only Scan") in plan, plan
    assert "ix_signatures_petition" in plan, plan


def test_a_plan_that_reads_everything_would_be_seen(filled: tuple[Ledger, Petition]) -> None:
    ledger, _ = filled
    kind = "EXPLAIN QUERY PLAN" if ledger._database.is_sqlite else "EXPLAIN"
    with ledger._database.reading() as connection:
        rows = connection.exec_driver_sql(f"{kind} SELECT * FROM signatures WHERE comment = 'x'").all()
    assert reads_everything("\n".join(str(row[-1]) for row in rows))
