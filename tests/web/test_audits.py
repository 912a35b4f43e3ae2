"""The public audit: it adds up to the number shown, tells nobody's secret, opens safely in a spreadsheet."""

import csv
import io
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient

from tests.petitions import MILL, NOW, draft, signature
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
