"""The guard at the edge: what a visitor is answered, and what is kept of where they came from."""

import json
import logging
import re
from base64 import b64decode, b64encode
from typing import Any

import altcha
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Settings
from tests.conftest import typed_by
from tests.petitions import MILL, NOW, draft
from widget import create_app
from widget.domain.guard import Listing
from widget.domain.lists import understood
from widget.domain.petition import Confirmation
from widget.domain.signature import Signature, State
from widget.parts import Parts

SIGN = "/api/v1/petitions/save-the-mill/signatures"
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
# So low that a test reaches them; the proof is as easy as one can be.
LOW = {
    "LIMIT_FAMILY": "2 per hour",
    "LIMIT_CROWD": "4 per hour",
    "LIMIT_NETWORK": "9 per hour",
    "PROOF_COST": "1",
}


@pytest.fixture
def app(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: object) -> Any:
    marker = request.node.get_closest_marker("settings_of_the_guard")
    environ = {"DATABASE_URL": sqlite_url, "PUBLIC_URL": "https://our.example.org", "DATA_DIR": str(tmp_path)}
    made = create_app(Settings.from_env(environ | LOW | (marker.kwargs if marker else {})))
    parts: Parts = made.extensions["support_now"]
    parts.ledger.add_petition(MILL, NOW)
    yield made
    parts.counter.close()
    parts.ledger.close()


class Visitor:
    """A browser or a program at one address."""

    def __init__(self, app: Flask, peer: str = "192.0.2.1", headers: dict[str, str] | None = None) -> None:
        self.client = app.test_client()
        self.environ = {"REMOTE_ADDR": peer}
        self.headers = headers or {}

    def sign(self, name: str = "Sam", **fields: str) -> TestResponse:
        sent = typed_by(name, **fields)
        return self.client.post(SIGN, data=sent, environ_overrides=self.environ, headers=self.headers)


def kept(parts: Parts, email: str = "sam@example.org") -> Signature:
    found = parts.ledger.signature(parts.ledger.petition("save-the-mill").id, email)
    assert found is not None
    return found


def count(parts: Parts) -> int:
    return parts.ledger.tally(parts.ledger.petition("save-the-mill").id).count


def solve(challenged: TestResponse) -> str:
    challenge = altcha.Challenge.from_dict(challenged.get_json()["challenge"])
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def told(answer: TestResponse) -> tuple[Any, ...]:
    """Return all that an answer tells, without the number, the moment and the request's own name."""
    content = answer.get_json()
    content.pop("progress", None)
    headers = {
        name: value for name, value in answer.headers if name not in {"X-Request-Id", "Content-Length"}
    }
    return answer.status_code, content, headers


def crowd(visitor: Visitor, size: int, start: int = 0) -> list[TestResponse]:
    return [visitor.sign(email=f"sam.{n}@example.org") for n in range(start, start + size)]


def test_a_family_signs_and_the_next_one_is_asked_for_work(app: Flask, parts: Parts) -> None:
    answers = crowd(Visitor(app), 3)
    assert [answer.status_code for answer in answers] == [201, 201, 428]
    content = answers[2].get_json()
    assert (content["code"], answers[2].mimetype) == ("proof_required", "application/problem+json")
    assert content["challenge"]["parameters"]["algorithm"] == "PBKDF2/SHA-256"
    assert answers[2].headers["Access-Control-Allow-Origin"] == "*"
    assert count(parts) == 51


def test_with_the_work_done_it_counts(app: Flask, parts: Parts) -> None:
    visitor = Visitor(app)
    challenged = crowd(visitor, 3)[2]
    answer = visitor.sign(email="sam.2@example.org", proof=solve(challenged))
    assert (answer.status_code, answer.get_json()["progress"]["count"]) == (201, 52)
    assert kept(parts, "sam.2@example.org").state is State.CONFIRMED


def test_a_proof_serves_once_and_for_its_petition(app: Flask, parts: Parts) -> None:
    parts.ledger.add_petition(draft(slug="another-mill"), NOW)
    visitor = Visitor(app)
    proof = solve(crowd(visitor, 3)[2])
    crowd(Visitor(app, "192.0.2.2"), 3)
    assert visitor.sign(email="sam.2@example.org", proof=proof).status_code == 201
    assert visitor.sign(email="sam.3@example.org", proof=proof).status_code == 428
    assert Visitor(app, "192.0.2.2").sign(email="sam.4@example.org", proof=proof).status_code == 428
    other = "/api/v1/petitions/another-mill/signatures"
    for n in range(2):
        visitor.client.post(
            other, data=typed_by("Sam", email=f"{n}@example.org"), environ_overrides=visitor.environ
        )
    fresh = solve(crowd(Visitor(app, "192.0.2.3"), 3, 10)[2])
    sent = typed_by("Sam", proof=fresh)
    assert visitor.client.post(other, data=sent, environ_overrides=visitor.environ).status_code == 428


def test_an_altered_proof_is_worth_a_new_challenge(app: Flask) -> None:
    visitor = Visitor(app)
    content = json.loads(b64decode(solve(crowd(visitor, 3)[2])))
    content["solution"]["derivedKey"] = "00" + "f" * 62
    forged = b64encode(json.dumps(content).encode()).decode()
    answer = visitor.sign(email="sam.2@example.org", proof=forged)
    assert answer.status_code == 428
    assert answer.get_json()["challenge"] != content["challenge"]
    assert visitor.sign(email="sam.2@example.org", proof="x" * 2_001).status_code == 422


def test_above_the_crowd_they_are_held_and_answered_like_the_others(app: Flask, parts: Parts) -> None:
    visitor = Visitor(app)
    first = visitor.sign(email="sam.0@example.org")
    crowd(visitor, 3, 1)
    held = visitor.sign(email="petra@example.org")
    assert told(held) == told(first)
    found = kept(parts, "petra@example.org")
    assert (found.state, found.held_because) == (State.HELD, "crowd")
    assert found.network_key == kept(parts, "sam.0@example.org").network_key


def test_a_plain_form_is_held_where_a_script_would_be_challenged(app: Flask, parts: Parts) -> None:
    visitor = Visitor(app, headers=BROWSER)
    answers = crowd(visitor, 3)
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert kept(parts, "sam.2@example.org").held_because == "family"
    assert count(parts) == 51


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_a_flood_is_refused_and_told_so(app: Flask, parts: Parts, headers: dict[str, str]) -> None:
    visitor = Visitor(app, headers=headers)
    crowd(visitor, 9)
    answer = visitor.sign(email="late@example.org", given_name="Typed once")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    if headers:
        assert "Typed once" in answer.text
    else:
        assert answer.get_json()["code"] == "too_many_requests"
    assert parts.ledger.signature(parts.ledger.petition("save-the-mill").id, "late@example.org") is None
    assert Visitor(app, "192.0.2.2").sign(email="late@example.org").status_code == 201


def test_new_and_repeated_are_told_the_same_whatever_the_verdict(app: Flask) -> None:
    """Promise 10: Mallory learns nothing about Sam, below the limits, above them, and far above."""
    first = Visitor(app, "192.0.2.1").sign()
    assert told(Visitor(app, "192.0.2.2").sign()) == told(first)
    for peer, size in (("192.0.2.3", 2), ("192.0.2.4", 4), ("192.0.2.5", 9)):
        visitor = Visitor(app, peer)
        crowd(visitor, size, start=100)
        again, new = told(visitor.sign()), told(visitor.sign(email=f"new.{size}@example.org"))
        for answer in (again, new):
            answer[1].pop("challenge", None)
        assert again == new


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"website": "https://mallory.example"}, "trap"),
        ({"elapsed": "0.2"}, "too_quick"),
        ({"elapsed": "-1"}, "too_quick"),
        ({"email": "sam@mailinator.com"}, "disposable"),
        ({"email": "sam@new.mailinator.com"}, "disposable"),
    ],
)
def test_the_signs_of_a_robot_hold_in_silence(
    app: Flask, parts: Parts, fields: dict[str, str], reason: str
) -> None:
    honest = Visitor(app, "192.0.2.9").sign(email="anahit@example.org")
    answer = Visitor(app).sign(**fields)
    assert told(answer) == told(honest)
    assert kept(parts, fields.get("email", "sam@example.org")).held_because == reason


@pytest.mark.parametrize("elapsed", ["", "soon", "nan", "inf", "1e999", "12.5", "1"])
def test_what_says_nothing_of_haste_holds_nobody(app: Flask, parts: Parts, elapsed: str) -> None:
    assert Visitor(app).sign(elapsed=elapsed, website="").status_code == 201
    assert kept(parts).state is State.CONFIRMED


def test_nobody_is_written_to_for_a_robot(app: Flask, parts: Parts) -> None:
    def letters(email: str) -> int:
        with parts.ledger._database.reading() as connection:
            asked = "SELECT count(*) FROM outbox WHERE signature_id = ?"
            return int(connection.exec_driver_sql(asked, (kept(parts, email).id,)).scalar_one())

    Visitor(app).sign(website="x")
    crowd(Visitor(app, "192.0.2.2", BROWSER), 3)
    assert letters("sam@example.org") == 0
    assert kept(parts, "sam.2@example.org").state is State.HELD
    assert letters("sam.2@example.org") == 1


def test_what_is_held_stays_held_when_it_is_confirmed_or_signed_again(app: Flask, parts: Parts) -> None:
    petition = parts.ledger.add_petition(draft(slug="by-mail", confirmation=Confirmation.EMAIL), NOW)
    sent = typed_by("Sam", website="x")
    address = "/api/v1/petitions/by-mail/signatures"
    assert app.test_client().post(address, data=sent).status_code == 202
    assert app.test_client().post(address, data=typed_by("Sam")).status_code == 202
    found = parts.ledger.signature(petition.id, "sam@example.org")
    assert found is not None
    assert found.state is State.HELD
    assert parts.ledger.tally(petition.id).count == 49


def test_whoever_withdrew_does_not_come_back_past_the_guard(app: Flask, parts: Parts) -> None:
    Visitor(app).sign()
    parts.ledger.move(kept(parts).id, State.WITHDRAWN, NOW)
    Visitor(app).sign(website="x")
    assert kept(parts).state is State.WITHDRAWN
    Visitor(app, "192.0.2.2").sign()
    assert kept(parts).state is State.CONFIRMED


# Lists


@pytest.mark.parametrize("text", ["sam+tag@example.org", "example.org", "*.org", "192.0.2.0/24"])
def test_a_listed_one_is_held_or_let_through(app: Flask, parts: Parts, text: str) -> None:
    parts.ledger.put_listing(Listing.BLOCK, *understood(text), "", NOW)
    assert Visitor(app).sign().status_code == 201
    assert kept(parts).state is State.HELD
    parts.ledger.put_listing(Listing.ALLOW, *understood(text), "", NOW)
    parts.lists.forget()
    crowd(Visitor(app), 2)
    assert Visitor(app).sign(email="sam@example.org", comment="once more").status_code in {201, 428}


def test_an_allowed_school_signs_as_one(app: Flask, parts: Parts) -> None:
    parts.ledger.put_listing(Listing.ALLOW, *understood("192.0.2.0/24"), "the school", NOW)
    answers = crowd(Visitor(app), 30)
    assert {answer.status_code for answer in answers} == {201}
    assert count(parts) == 79


# Where a request came from


def test_a_forged_header_makes_no_new_network(app: Flask, parts: Parts) -> None:
    answers = [
        Visitor(app, headers={"X-Forwarded-For": f"203.0.113.{n}"}).sign(email=f"sam.{n}@example.org")
        for n in range(4)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 428, 428]


@pytest.mark.settings_of_the_guard(TRUSTED_PROXIES="1")
def test_behind_a_proxy_each_visitor_is_a_network(app: Flask, parts: Parts) -> None:
    for n in range(5):
        headers = {"X-Forwarded-For": f"9.9.9.{n}, 203.0.113.{n}"}
        assert Visitor(app, "10.0.0.1", headers).sign(email=f"sam.{n}@example.org").status_code == 201
    forged = [
        Visitor(app, "10.0.0.1", {"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.77"}).sign(
            email=f"m.{n}@example.org"
        )
        for n in range(3)
    ]
    assert [answer.status_code for answer in forged] == [201, 201, 428]


def test_a_forgotten_proxy_is_said_once(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "support_now.guard"):
        for n in range(3):
            Visitor(app, headers={"X-Forwarded-For": "203.0.113.7"}).sign(email=f"{n}@example.org")
    said = [record.getMessage() for record in caplog.records if "TRUSTED_PROXIES" in record.getMessage()]
    assert len(said) == 1
    assert "203.0.113" not in said[0]


def test_the_address_itself_is_kept_nowhere(app: Flask, parts: Parts, sqlite_url: str) -> None:
    Visitor(app, "203.0.113.77").sign()
    Visitor(app, "2001:db8:7:7::1").sign(email="sam.2@example.org")
    Visitor(app, "2001:db8:7:7:ffff::9").sign(email="sam.3@example.org")
    keys = [kept(parts, email).network_key for email in ("sam.2@example.org", "sam.3@example.org")]
    assert keys[0] == keys[1] != kept(parts).network_key
    with parts.ledger._database.reading() as connection:
        stored = [
            str(row)
            for (table,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).all()
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").all()
        ]
    assert stored
    assert not [row for row in stored if "203.0.113" in row or "2001:db8" in row]


# On and off


@pytest.mark.settings_of_the_guard(RATE_LIMITS="off")
def test_off_means_no_limit_and_is_said(app: Flask, parts: Parts, client: FlaskClient) -> None:
    answers = crowd(Visitor(app), 30)
    assert {answer.status_code for answer in answers} == {201}
    assert Visitor(app).sign(elapsed="0").status_code == 201
    assert count(parts) == 49 + 31
    assert client.get("/readyz").get_json()["rate_limits"] == "off"


def test_off_is_said_loudly_at_start(
    sqlite_url: str, tmp_path: object, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget.logs.configure", lambda _level: None)  # it would take the listener away
    environ = {"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}
    create_app(Settings.from_env(environ))
    assert "RATE_LIMITS" not in caplog.text
    create_app(Settings.from_env(environ | {"RATE_LIMITS": "off"}))
    assert "RATE_LIMITS is off" in caplog.text


def test_a_rehearsal_is_not_counted(app: Flask, parts: Parts) -> None:
    visitor = Visitor(app)
    assert {visitor.sign(test="true").status_code for _ in range(12)} == {201}
    assert visitor.sign().status_code == 201


@pytest.mark.parametrize("page", ["/p/save-the-mill", "/embed/save-the-mill"])
def test_the_plain_form_has_the_field_for_robots(client: FlaskClient, page: str) -> None:
    text = client.get(page).text
    assert 'name="website"' in text
    assert 'class="trap" aria-hidden="true"' in text


@pytest.mark.settings_of_the_guard(
    LIMIT_FAMILY="1000 per hour",
    LIMIT_CROWD="1000 per hour",
    LIMIT_NETWORK="1000 per minute",
    LIMIT_SURGE="1000 per hour",
)
def test_a_hundred_from_one_network_are_told_to_the_operator_once(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def alarms() -> float:
        text = app.test_client().get("/metrics").get_data(as_text=True)
        found = re.search(r'^support_now_alarms_total{size="100",source="network"} (\S+)$', text, re.M)
        assert found
        return float(found[1])

    before = alarms()
    crowd(Visitor(app), 102)
    assert alarms() == before + 1
    said = [record for record in caplog.records if "very many signatures" in record.getMessage()]
    facts: Any = [record.__dict__["facts"] for record in said if "network" in record.getMessage()]
    assert [one["count"] for one in facts] == [100]
    assert set(facts[0]) == {"petition", "count"}
    assert "192.0.2" not in caplog.text
