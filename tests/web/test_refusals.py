"""Bad input of every kind: a clear 4xx in problem+json, never a 5xx, and nothing stored."""

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from tests.petitions import NOW, draft
from widget.domain.petition import Status
from widget.domain.refusals import LedgerUnavailable
from widget.logs import JsonFormatter
from widget.parts import Parts

SIGN = "/api/v1/petitions/save-the-mill/signatures"
FORM = "application/x-www-form-urlencoded"


def rows(parts: Parts) -> int:
    with parts.ledger._database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM signatures").scalar_one())


BAD_FIELDS = [
    ({"email": ""}, "email"),
    ({"email": "sam"}, "email"),
    ({"email": "sam@"}, "email"),
    ({"email": "@example.org"}, "email"),
    ({"email": "sam@example"}, "email"),
    ({"email": "sam@exam ple.org"}, "email"),
    ({"email": "sam@example.org\nBcc: anahit@example.org"}, "email"),
    ({"email": "sam@" + "a" * 250 + ".org"}, "email"),
    ({"email": "sam@[127.0.0.1]"}, "email"),
    ({"email": "s\ufe0fam@example.org"}, "email"),
    ({"email": "sa\u034fm@example.org"}, "email"),
    ({"given_name": ""}, "given_name"),
    ({"given_name": "   "}, "given_name"),
    ({"given_name": "\u200b\u2060"}, "given_name"),
    ({"given_name": "a" * 101}, "given_name"),
    ({"given_name": "Sam\x00"}, "given_name"),
    ({"given_name": "Sam\x1b[31m"}, "given_name"),
    ({"given_name": "Sam\u202eylud"}, "given_name"),
    ({"given_name": "Sam\u2066"}, "given_name"),
    ({"given_name": "Sam\nCast"}, "given_name"),
    ({"given_name": "Sam\ufffd"}, "given_name"),
    ({"family_name": "a" * 10_000}, "family_name"),
    ({"country": ""}, "country"),
    ({"country": "XX"}, "country"),
    ({"country": "Armenia"}, "country"),
    ({"postal_code": "0" * 21}, "postal_code"),
    ({"updates": "maybe"}, "updates"),
    ({"show_name": "2"}, "show_name"),
    ({"text_version": "0" * 32}, "text_version"),
    ({"text_version": "x"}, "text_version"),
    ({"source": "s" * 101}, "source"),
    ({"page_url": "javascript:alert(1)"}, "page_url"),
    ({"page_url": "https://example.org/" + "p" * 2_000}, "page_url"),
    ({"page_url": "http://[::1"}, "page_url"),
    ({"lang": "x" * 36}, "lang"),
    ({"test": "perhaps"}, "test"),
]


@pytest.mark.parametrize(("bad", "field"), BAD_FIELDS)
@pytest.mark.parametrize("as_json", [True, False])
def test_a_bad_field_is_named_in_words(
    client: FlaskClient, parts: Parts, sam: dict[str, str], bad: dict[str, str], field: str, as_json: bool
) -> None:
    sent = sam | bad
    answer = client.post(SIGN, json=sent) if as_json else client.post(SIGN, data=sent)
    content = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert (content["status"], content["code"]) == (422, "invalid_input")
    assert list(content["errors"]) == [field]
    assert all(len(words) > 10 for words in content["errors"][field])
    assert rows(parts) == 0


BAD_JSON_VALUES = [None, 1, 1.5, True, [], {}, ["a"], {"a": "b"}, "\ud800"]


@pytest.mark.parametrize("value", BAD_JSON_VALUES, ids=repr)
@pytest.mark.parametrize("field", ["email", "given_name", "country"])
def test_a_value_of_another_type_is_named(
    client: FlaskClient, parts: Parts, sam: dict[str, str], field: str, value: Any
) -> None:
    answer = client.post(SIGN, json=sam | {field: value})
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]
    assert rows(parts) == 0


@pytest.mark.parametrize("field", ["lang", "source", "page_url", "text_version", "updates", "test"])
@pytest.mark.parametrize("value", [None, 1, [], {}, [["x"]]], ids=repr)
def test_a_hidden_value_of_another_type_is_named_too(
    client: FlaskClient, parts: Parts, sam: dict[str, str], field: str, value: Any
) -> None:
    answer = client.post(SIGN, json=sam | {field: value})
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]
    assert rows(parts) == 0


@pytest.mark.parametrize("field", ["website", "elapsed", "proof"])
@pytest.mark.parametrize("value", [None, 1, [], {}, [["x"]], "\ud800", float("inf")], ids=repr)
def test_what_is_for_the_guard_breaks_nothing_whatever_it_is(
    client: FlaskClient, sam: dict[str, str], field: str, value: Any
) -> None:
    assert client.post(SIGN, json=sam | {field: value}).status_code in {201, 422}


def test_bytes_that_are_no_utf_8_are_unreadable_and_the_first_of_two_values_counts(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    form = urlencode(sam | {"given_name": "X"}).encode()
    for broken in (b"given_name=\xff", b"given_name=%FF"):
        answer = client.post(SIGN, data=form.replace(b"given_name=X", broken), content_type=FORM)
        assert list(answer.get_json()["errors"]) == ["given_name"]
    assert rows(parts) == 0
    twice = form.replace(b"given_name=X", b"given_name=Sam&given_name=Mallory")
    assert client.post(SIGN, data=twice, content_type=FORM).status_code == 201
    with parts.ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT given_name FROM signatures").scalar_one() == "Sam"


def test_half_a_pair_of_surrogates_is_refused_on_a_page_too(client: FlaskClient, sam: dict[str, str]) -> None:
    answer = client.post(SIGN, json=sam | {"given_name": "\ud800"}, headers={"Accept": "text/html"})
    assert answer.status_code == 422


def test_a_doubled_slash_does_not_lead_to_the_host_that_was_asked_for(client: FlaskClient) -> None:
    answer = client.get("/p//save-the-mill", headers={"Host": "mallory.example.org"})
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_files_are_served_only_where_the_documentation_says(client: FlaskClient) -> None:
    assert client.get("/static/embed.js").status_code == 404


def test_every_problem_is_told_at_once(client: FlaskClient) -> None:
    errors = client.post(SIGN, data={"comment": "hi"}).get_json()["errors"]
    assert set(errors) == {"given_name", "family_name", "email", "country"}


def test_what_nobody_asked_for_does_not_pass(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    smuggled = {
        "state": "confirmed",
        "id": "7",
        "petition_id": "2",
        "signed_at": "1999-01-01",
        "comment": "hi",
    }
    assert client.post(SIGN, json=sam | smuggled).status_code == 201
    kept = parts.ledger.signature(parts.ledger.petition("save-the-mill").id, "sam@example.org")
    assert kept is not None
    assert (kept.id, kept.comment, kept.signed_at.year > 2000) == (1, "", True)


BAD_BODIES = [
    (b"{", "application/json", 400, "malformed_body"),
    (b"[]", "application/json", 400, "malformed_body"),
    (b'"text"', "application/json", 400, "malformed_body"),
    (b"null", "application/json", 400, "malformed_body"),
    (b"\xff\xfe{}", "application/json", 400, "malformed_body"),
    (b'{"email": NaN}', "application/json", 422, "invalid_input"),
    (b"[" * 30_000, "application/json", 400, "malformed_body"),
    (b"{}", "text/plain", 415, "unsupported_media_type"),
    (b"{}", "", 415, "unsupported_media_type"),
    (b"<a/>", "application/xml", 415, "unsupported_media_type"),
    (b"", FORM, 422, "invalid_input"),
    (b"email=%ff%fe&given_name=%00", FORM, 422, "invalid_input"),
    (b"&".join(b"a%d=1" % n for n in range(5_000)), FORM, 422, "invalid_input"),
    (b"x" * (10 * 1024 * 1024), FORM, 413, "body_too_large"),
    (b"x" * (10 * 1024 * 1024), "application/json", 413, "body_too_large"),
    (b"--x\r\n", "multipart/form-data; boundary=x", 422, "invalid_input"),
    (b"nothing", "multipart/form-data", 422, "invalid_input"),
]


@pytest.mark.parametrize(("body", "kind", "status", "code"), BAD_BODIES)
def test_a_body_that_cannot_be_read_is_refused(
    client: FlaskClient, parts: Parts, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = client.post(SIGN, data=body, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["code"] == code
    assert rows(parts) == 0


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/api/v1/petitions/nothing/widget", 404, "petition_not_found"),
        ("GET", "/api/v1/petitions/nothing/progress", 404, "petition_not_found"),
        ("POST", "/api/v1/petitions/nothing/signatures", 404, "petition_not_found"),
        ("GET", "/api/v1/petitions/%00/progress", 404, "petition_not_found"),
        ("GET", "/api/v1/petitions/%ff/progress", 404, "petition_not_found"),
        ("GET", "/api/v1/petitions/" + "a" * 3_000 + "/progress", 404, "petition_not_found"),
        ("GET", "/api/v1/petitions/Save-The-Mill/progress", 404, "petition_not_found"),
        ("GET", "/api/v1/petitions/..%2f..%2fsecret/widget", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", SIGN, 405, "method_not_allowed"),
        ("PUT", SIGN, 405, "method_not_allowed"),
        ("DELETE", "/api/v1/petitions/save-the-mill/progress", 405, "method_not_allowed"),
    ],
)
def test_an_address_or_method_that_is_not_there(
    client: FlaskClient, method: str, address: str, status: int, code: str
) -> None:
    answer = client.open(address, method=method, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["code"] == code
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("state", "code"), [(Status.CLOSED, 410), (Status.DELIVERED, 410), (Status.DRAFT, 404)]
)
def test_a_petition_that_takes_nothing(
    client: FlaskClient, parts: Parts, sam: dict[str, str], state: Status, code: int
) -> None:
    parts.ledger.add_petition(draft(slug="over", status=state), NOW)
    answer = client.post("/api/v1/petitions/over/signatures", data=sam)
    assert answer.status_code == code
    assert answer.get_json()["code"] == ("petition_closed" if code == 410 else "petition_not_found")
    assert rows(parts) == 0


def test_a_site_that_is_not_allowed(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    parts.ledger.add_petition(draft(slug="guarded", allowed_origins=("https://petra.example.org",)), NOW)
    address = "/api/v1/petitions/guarded/signatures"
    refused = client.post(address, data=sam, headers={"Origin": "https://mallory.example.org"})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "origin_not_allowed")
    assert rows(parts) == 0
    for origin in ("https://petra.example.org", "https://our.example.org"):
        assert client.post(address, data=sam, headers={"Origin": origin}).status_code == 201


def test_a_ledger_that_cannot_be_written_says_when_to_come_back(
    client: FlaskClient, parts: Parts, sam: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/api/v1/petitions/save-the-mill/progress").get_json()["count"] == 49
    monkeypatch.setattr(parts.ledger, "record", _away)
    answer = client.post(SIGN, data=sam)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "ledger_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    page = client.post(SIGN, data=sam, headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert int(page.headers["Retry-After"]) > 0
    assert 'value="sam@example.org"' in page.text, "what was typed is kept"
    assert "again in a minute" in page.text


def _away(*_: object, **__: object) -> None:
    raise LedgerUnavailable


def test_a_fault_of_ours_is_a_500_that_tells_nothing(
    client: FlaskClient,
    parts: Parts,
    sam: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("sam@example.org is in this message")

    monkeypatch.setattr(parts.ledger, "record", broken)
    answer = client.post(SIGN, data=sam)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "sam@" not in answer.text
    failed = next(record for record in caplog.records if record.exc_info)
    record = JsonFormatter().format(failed)
    assert "RuntimeError" in record
    assert "test_refusals.py" in record
    assert "sam@" not in record
