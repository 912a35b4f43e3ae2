"""The public audit: it adds up to the number shown, tells nobody's secret, opens safely in a spreadsheet."""

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.petitions import MILL, NOW, draft, signature
from widget import importing
from widget.domain.paper import PaperFigure
from widget.domain.petition import CarriedOver, Status
from widget.domain.signature import Actor, State
from widget.parts import Parts

AUDIT = "/api/v1/petitions/save-the-mill/audit"


def audit(client: FlaskClient) -> dict[str, Any]:
    content: dict[str, Any] = client.get(AUDIT).get_json()
    return content


def test_it_starts_with_what_was_carried_over(client: FlaskClient) -> None:
    assert audit(client) == {
        "petition": "save-the-mill",
        "count": 49,
        "carried_over": [{"count": 49, "source": "an earlier page", "counted_on": "2026-04-20"}],
        "paper": 0,
        "on_paper": [],
        "days": [],
    }


def test_it_adds_up_to_the_number_shown(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    client.post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    petition = parts.ledger.petition("save-the-mill")
    gone = parts.ledger.record(signature(petition.id, "p@example.org"), None).id
    assert gone is not None
    parts.ledger.move(gone, State.WITHDRAWN, NOW, by=Actor.SIGNER)
    found = audit(client)
    shown = client.get("/api/v1/petitions/save-the-mill/progress").get_json()["count"]
    assert found["count"] == found["days"][-1]["total"] == shown == 50
    assert [day["confirmed"] - day["withdrawn"] for day in found["days"]] == [0, 1]


def test_it_does_not_tell_whether_an_address_had_signed(client: FlaskClient, parts: Parts) -> None:
    petition = parts.ledger.petition("save-the-mill")
    pending = signature(petition.id, state=State.PENDING)
    parts.ledger.record(pending, None)
    came_in = audit(client)["days"][0]["added"]
    parts.ledger.record(pending, None)
    after_a_repeat = audit(client)["days"][0]["added"]
    parts.ledger.record(replace(pending, canonical_email="new@example.org"), None)
    after_a_new_one = audit(client)["days"][0]["added"]
    assert (came_in, after_a_repeat, after_a_new_one) == (1, 2, 3)


def test_as_a_table_it_opens_safely_and_says_the_same(client: FlaskClient, parts: Parts) -> None:
    evil = CarriedOver(7, '=HYPERLINK("https://mallory.example.org")', None)
    other = replace(MILL, slug="other", carried_over=evil)
    parts.ledger.add_petition(other, NOW)
    parts.ledger.record(signature(parts.ledger.petition("other").id), None)
    answer = client.get("/api/v1/petitions/other/audit.csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [(line["total"], line["confirmed"]) for line in lines] == [("7", ""), ("8", "1")]
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line.values())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_as_a_table_it_opens_safely_whatever_the_separator(
    client: FlaskClient, parts: Parts, separator: str
) -> None:
    petition = parts.ledger.petition("save-the-mill")
    market = PaperFigure(12, "the market;=1+1", date(2026, 4, 30), "A\t@17; \uff1d1")
    parts.ledger.add_paper(petition.id, market, "Omar", NOW)
    lines = list(csv.reader(io.StringIO(client.get(AUDIT + ".csv").text), delimiter=separator))
    cells = [cell.strip() for line in lines for cell in line]
    assert any("=1+1" in cell for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\uff1d"))] == []


def test_as_a_page_it_shows_every_day_and_where_the_rest_is_from(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    client.post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    page = client.get("/p/save-the-mill/audit")
    assert page.status_code == 200
    assert "an earlier page" in page.text
    assert "April 20, 2026" in page.text
    assert page.text.count("<tr>") == 4
    assert "/p/save-the-mill/audit" in client.get("/p/save-the-mill").text


MARKET = PaperFigure(120, "=the market()", date(2026, 4, 30), "@17", note="Petra's aunt has the folder")


def put_paper(parts: Parts) -> None:
    petition = parts.ledger.petition("save-the-mill")
    entry = parts.ledger.add_paper(petition.id, MARKET, "Omar", NOW)
    parts.ledger.take_back_paper(petition.id, entry.id, "counted twice", "Omar", NOW + timedelta(days=1))
    again = replace(MARKET, count=12, place="the school", reference="A-18")
    parts.ledger.add_paper(petition.id, again, "Omar", NOW + timedelta(days=1))
    parts.counter.publish(petition.id, parts.ledger.tally(petition.id))


def test_paper_stands_in_it_with_where_it_is_from(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    put_paper(parts)
    client.post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    found = audit(client)
    assert found["on_paper"][0] == {
        "number": 1,
        "count": 120,
        "place": "=the market()",
        "collected_on": "2026-04-30",
        "reference": "@17",
        "recorded_at": "2026-05-01T12:00:00+00:00",
        "takes_back": None,
    }
    assert [line["takes_back"] for line in found["on_paper"]] == [None, 1, None]
    assert [day["paper"] for day in found["days"]] == [120, -108, 0]
    assert [day["total"] for day in found["days"]] == [169, 61, 62]
    shown = client.get("/api/v1/petitions/save-the-mill/progress").get_json()
    assert found["paper"] == shown["of_which"]["paper"] == 12
    assert found["count"] == shown["count"] == 62


def test_the_lines_of_the_table_together_are_the_number(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    put_paper(parts)
    client.post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    lines = list(csv.DictReader(io.StringIO(client.get(AUDIT + ".csv").text)))
    assert [line["change"] for line in lines] == ["49", "120", "-120", "12", "1"]
    assert [line["total"] for line in lines] == ["49", "169", "49", "61", "62"]
    assert (lines[1]["source"], lines[1]["counted_on"]) == ("on paper: =the market()", "2026-04-30")
    assert lines[1]["reference"] == "'@17"  # no formula
    assert lines[2]["source"] == "on paper, taken back: =the market()"


@pytest.mark.parametrize("address", [AUDIT, AUDIT + ".csv", "/p/save-the-mill/audit"])
def test_who_recorded_paper_and_why_stays_in_the_books(
    client: FlaskClient, parts: Parts, address: str
) -> None:
    put_paper(parts)
    text = client.get(address).text
    assert "aunt" not in text
    assert "counted twice" not in text
    assert "the school" in text
    assert "Omar" not in text


def test_the_page_shows_each_paper_figure_with_the_number_after_it(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    put_paper(parts)
    client.post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    page = client.get("/p/save-the-mill/audit").text
    totals = re.findall(r"</th><td>([\d,]+)", page)
    assert totals == ["49", "169", "49", "61", "62", "62"]
    assert "Signed on paper: 120 (<bdi>=the market()</bdi>, April 30, 2026, scan <bdi>@17</bdi>)" in page
    assert "Taken back of those on paper: 120" in page
    assert "Each scan can be counted again." in page


def test_a_draft_and_a_stranger_are_not_found(client: FlaskClient, parts: Parts) -> None:
    parts.ledger.add_petition(draft(slug="draft", status=Status.DRAFT), NOW)
    for slug in ("draft", "nothing"):
        for address in (f"/api/v1/petitions/{slug}/audit", f"/api/v1/petitions/{slug}/audit.csv"):
            assert client.get(address).get_json()["code"] == "petition_not_found"
        assert client.get(f"/p/{slug}/audit").status_code == 404


def test_an_unchanged_audit_is_a_304(client: FlaskClient) -> None:
    for address in (AUDIT, AUDIT + ".csv", "/p/save-the-mill/audit"):
        tag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_imports_are_told_from_signing(client: FlaskClient, parts: Parts) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.record(signature(mill.id), letter=None)
    table = io.BytesIO(b"email\nsam@example.org\npetra@example.org\nani@example.org\n")
    file = importing.opened(table)
    how = importing.reading(mill, importing.chosen(mill, {"email": 0}, file.head), State.CONFIRMED, "x", NOW)
    into = importing.begin(file, how, mapped={}, recorded_by="", ledger=parts.ledger, now=NOW)
    list(importing.carry_on(into, file, how, ledger=parts.ledger, counter=parts.counter, clock=lambda: NOW))
    told = audit(client)
    [day] = told["days"]
    assert (day["confirmed"], day["imported"], told["count"]) == (3, 2, 49 + 3)
    rows = list(csv.DictReader(client.get("/api/v1/petitions/save-the-mill/audit.csv").text.splitlines()))
    assert (rows[-1]["confirmed"], rows[-1]["imported"], rows[-1]["total"]) == ("3", "2", "52")
    assert "(2 of them brought in from elsewhere)" in client.get("/p/save-the-mill/audit?lang=en").text
