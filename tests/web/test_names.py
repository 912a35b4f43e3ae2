"""The public list of signers: only where it is wanted, only those who want it, and gone at once."""

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.petitions import NOW, signature
from widget import owning
from widget.domain.signature import Actor, State
from widget.naming import PAGE
from widget.parts import Parts
from widget.store.ledger import Ledger

LIST = "/p/save-the-mill/signers"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def public(parts: Parts) -> Parts:
    """The service with the mill's list shown."""
    parts.ledger.change(parts.ledger.petition("save-the-mill").id, {"public_signers": True})
    return parts


def sign(parts: Parts, name: str, **changes: object) -> int:
    petition = parts.ledger.petition("save-the-mill")
    fields = {"show_name": True, "given_name": name.title()} | changes
    recorded = parts.ledger.record(signature(petition.id, f"{name}@example.org", **fields), None)
    assert recorded.id is not None
    return recorded.id


def names(client: FlaskClient, address: str = LIST) -> list[str]:
    page = client.get(address).get_data(as_text=True)
    return [unescape(found) for found in re.findall(r"<li><bdi>(.*?)</bdi>", page)]


def test_there_is_none_unless_the_organiser_wants_one(client: FlaskClient, parts: Parts) -> None:
    sign(parts, "sam")
    assert client.get(LIST).status_code == 404
    assert "/signers" not in client.get("/p/save-the-mill").get_data(as_text=True)


def test_where_it_is_wanted_the_petition_leads_to_it(client: FlaskClient, public: Parts) -> None:
    assert f'href="{LIST}"' in client.get("/p/save-the-mill").get_data(as_text=True)
    assert client.get("/p/save-the-lake/signers").status_code == 404


def test_only_who_counts_and_wants_it_is_named(client: FlaskClient, public: Parts) -> None:
    sign(public, "sam", family_name="of the Cast")
    sign(public, "petra", show_name=False)
    sign(public, "omar", given_name="", family_name="")
    for name, state in (("mallory", State.HELD), ("anahit", State.PENDING)):
        sign(public, name, state=state)
    gone = {"ada": State.WITHDRAWN, "eve": State.INVALIDATED}
    for name, state in gone.items():
        public.ledger.move(sign(public, name), state, NOW, by=Actor.SIGNER)
    assert names(client) == ["Sam of the Cast"]


def test_it_tells_name_country_and_day_and_nothing_else(client: FlaskClient, public: Parts) -> None:
    sign(public, "sam", comment="It is my mill.", postal_code="1234 AB", page_url="https://petra.example.org")
    page = client.get(LIST).get_data(as_text=True)
    assert "Armenia" in page
    assert "May 1, 2026" in page
    for hidden in ("sam@example.org", "my mill", "1234 AB", "petra.example.org", "12:00"):
        assert hidden not in page


def test_search_engines_and_caches_are_kept_off(client: FlaskClient, public: Parts) -> None:
    answer = client.get(LIST)
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert '<meta name="robots" content="noindex">' in answer.get_data(as_text=True)


@pytest.mark.parametrize("leaving", ["hides", "withdraws", "erases"])
def test_whoever_leaves_is_gone_at_once(client: FlaskClient, public: Parts, leaving: str) -> None:
    number = sign(public, "sam")
    seen = client.get(LIST)
    assert names(client) == ["Sam of the Cast"]
    facts = {"ledger": public.ledger, "counter": public.counter, "now": NOW}
    if leaving == "hides":
        owning.show_name(number, show=False, ledger=public.ledger)
    elif leaving == "withdraws":
        owning.withdraw(number, **facts)  # type: ignore[arg-type]
    else:
        owning.erase(number, **facts)  # type: ignore[arg-type]
    again = client.get(LIST, headers={"If-None-Match": seen.headers["ETag"]})
    assert again.status_code == 200
    assert "Sam" not in again.get_data(as_text=True)


def test_page_by_page_everybody_stands_in_it_once_the_newest_first(
    client: FlaskClient, public: Parts
) -> None:
    everybody = [f"sam{n}" for n in range(2 * PAGE + 1)]
    for name in everybody:
        sign(public, name, family_name="")
    found, address = [], LIST
    for length in (PAGE, PAGE, 1):
        page = names(client, address)
        assert len(page) == length
        found += page
        more = re.search(r'href="([^"]*\?before=[^"]*)"', client.get(address).get_data(as_text=True))
        address = unescape(more[1]) if more else ""
        sign(public, f"late{length}{len(found)}", family_name="")  # who comes meanwhile shifts nobody
    assert address == ""
    assert found == [name.title() for name in reversed(everybody)]


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "9" * 19, "9" * 400, "1 OR 1=1", "\x00", "١"])
def test_an_odd_place_is_the_beginning(client: FlaskClient, public: Parts, before: str) -> None:
    sign(public, "sam")
    answer = client.get(LIST, query_string={"before": before})
    assert answer.status_code == 200
    assert "Sam" in answer.get_data(as_text=True)


def test_names_are_escaped_and_keep_to_themselves(client: FlaskClient, public: Parts) -> None:
    sign(public, "mallory", given_name=EVIL, family_name="")
    page = client.get(LIST).get_data(as_text=True)
    assert EVIL not in page
    assert "<bdi>&lt;script&gt;" in page


def test_the_list_is_read_from_its_index(ledger: Ledger, database_url: str) -> None:
    """However many have signed, a page costs its fifty rows."""
    asked: list[tuple[str, Any]] = []
    engine = ledger._database._engine

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    ledger.named(1, before=999, limit=51)
    event.remove(engine, "before_cursor_execute", note)
    [(statement, values)] = asked
    with ledger._database.reading() as connection:
        if database_url.startswith("sqlite"):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).all()
    said = " ".join(str(row) for row in plan)
    assert "ix_signatures_public" in said
    assert "TEMP B-TREE" not in said
    assert "Sort" not in said
