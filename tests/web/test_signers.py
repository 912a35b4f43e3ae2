"""What a signer opens from a letter: pages that show, buttons that change, help where a link fails."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from tests import links
from tests.petitions import MILL, NOW, draft, signature
from widget import create_app, tokens
from widget.domain.petition import Confirmation, Wording
from widget.domain.signature import Occasion, State
from widget.parts import Parts
from widget.tokens import Purpose

BROWSER = {"Accept": "text/html"}
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA",
    "PUBLIC_URL": "https://our.example.org",
}
SMTP = {"SMTP_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "post@example.org"}


@pytest.fixture
def sams(parts: Parts) -> int:
    """Sam's signature, waiting to be confirmed, on a petition of its own."""
    petition = parts.ledger.add_petition(draft(slug="confirmed", confirmation=Confirmation.EMAIL), NOW)
    new = signature(petition.id, state=State.PENDING, signed_at=datetime.now(UTC))
    recorded = parts.ledger.record(new, Occasion.CONFIRMATION)
    assert recorded.id
    return recorded.id


def link(parts: Parts, signature_id: int, purpose: Purpose = Purpose.CONFIRM) -> str:
    return f"/confirm/{links.token(parts, purpose, signature_id)}"


def state(parts: Parts, signature_id: int) -> State:
    kept = parts.ledger.signature_by_id(signature_id)
    assert kept is not None
    return kept.state


def test_the_page_shows_the_petition_and_one_button(client: FlaskClient, parts: Parts, sams: int) -> None:
    page = client.get(link(parts, sams), headers=BROWSER)
    assert page.status_code == 200
    assert "Save the mill" in page.text
    assert page.text.count("<button") == 1
    assert '<form class="sure" method="post">' in page.text
    assert "sam@example.org" not in page.text
    assert state(parts, sams) is State.PENDING


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_its_address_gets_nowhere(client: FlaskClient, parts: Parts, sams: int, method: str) -> None:
    for address in (link(parts, sams), "/confirm/altered"):
        page = client.open(address, method=method, headers=BROWSER)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert 'name="robots" content="noindex' in page.text
        assert "Set-Cookie" not in page.headers


def test_the_button_confirms_and_thanks_with_the_number_and_the_way_to_the_own_page(
    client: FlaskClient, parts: Parts, sams: int
) -> None:
    page = client.post(link(parts, sams), headers=BROWSER)
    own = links.token(parts, Purpose.OWN_PAGE, sams)
    assert page.status_code == 200
    assert "You are one of 50." in page.text
    assert f'href="/signature/{own}"' in page.text
    assert "<button" not in page.text
    assert state(parts, sams) is State.CONFIRMED
    assert client.get(link(parts, sams)).text == page.text


def test_head_and_options_change_nothing(client: FlaskClient, parts: Parts, sams: int) -> None:
    assert client.head(link(parts, sams)).status_code == 200
    assert client.options(link(parts, sams)).status_code == 200
    assert state(parts, sams) is State.PENDING


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_that_is_altered_or_for_something_else_is_refused_and_helps(
    client: FlaskClient, parts: Parts, sams: int, method: str
) -> None:
    good = link(parts, sams)
    # Not the last letter: two of its bits say nothing, and another one may mean the same.
    swapped = good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1]
    kept = parts.ledger.signature_by_id(sams)
    assert kept is not None
    foreign = f"/confirm/{tokens.make('another key' * 4, Purpose.CONFIRM, kept.link)}"
    bad = [
        swapped,
        good[:-5],
        good + "A",
        foreign,
        link(parts, sams, Purpose.OWN_PAGE),
        link(parts, sams, Purpose.LEAVE_NEWS),
        link(parts, 999),
        "/confirm/%00",
        "/confirm/" + "a" * 3_000,
        "/confirm/1",
    ]
    for address in bad:
        page = client.open(address, method=method, headers=BROWSER)
        assert (page.status_code, page.mimetype) == (404, "text/html"), address
        assert "This link does not work" in page.text
        assert "sign again" in page.text
    assert state(parts, sams) is State.PENDING


def test_a_link_that_is_too_old_says_what_to_do(client: FlaskClient, parts: Parts) -> None:
    petition = parts.ledger.add_petition(draft(slug="confirmed", confirmation=Confirmation.EMAIL), NOW)
    old = datetime.now(UTC) - timedelta(days=22)
    recorded = parts.ledger.record(
        signature(petition.id, state=State.PENDING, signed_at=old), Occasion.CONFIRMATION
    )
    assert recorded.id
    page = client.post(link(parts, recorded.id), headers=BROWSER)
    assert page.status_code == 410
    assert "This link is too old" in page.text
    assert "closed" not in page.text
    assert state(parts, recorded.id) is State.PENDING


def test_the_title_is_text(client: FlaskClient, parts: Parts) -> None:
    wording = Wording("ar", "<script>alert(1)</script>", ("<b>council</b>",), "Text.")
    petition = parts.ledger.add_petition(
        draft(slug="confirmed", confirmation=Confirmation.EMAIL, wording=wording), NOW
    )
    new = signature(
        petition.id, state=State.PENDING, signed_at=datetime.now(UTC), text_version=wording.text_version
    )
    recorded = parts.ledger.record(new, Occasion.CONFIRMATION)
    assert recorded.id
    page = client.get(link(parts, recorded.id), headers=BROWSER).text
    assert "<script>alert" not in page
    assert "<b>council" not in page
    assert '<h1 lang="ar" dir="rtl">' in page


# Send it again


def test_the_page_that_asks_to_look_for_the_letter_can_send_it_again(
    client: FlaskClient, parts: Parts, sams: int
) -> None:
    page = client.get("/p/confirmed?signed=check_email", headers=BROWSER)
    assert 'action="/p/confirmed/letter"' in page.text
    answers = [
        client.post("/p/confirmed/letter", data={"email": who, "lang": "en"}, headers=BROWSER)
        for who in ("sam@example.org", "petra@example.org", "sam@example.org")
    ]
    assert {(answer.status_code, answer.location) for answer in answers} == {
        (303, "/p/confirmed?signed=sent_again&lang=en#sign")
    }
    assert len(parts.ledger.letters(limit=10)) == 1  # the first was written less than ten minutes ago
    told = client.get(answers[0].location, headers=BROWSER).text
    assert "If a signature waits at that address" in told


def test_sending_again_after_ten_minutes_writes_a_letter(client: FlaskClient, parts: Parts) -> None:
    petition = parts.ledger.add_petition(draft(slug="confirmed", confirmation=Confirmation.EMAIL), NOW)
    before = datetime.now(UTC) - timedelta(minutes=11)
    parts.ledger.record(signature(petition.id, state=State.PENDING, signed_at=before), Occasion.CONFIRMATION)
    client.post("/p/confirmed/letter", data={"email": "SAM+x@example.org"})
    assert [one.occasion for one in parts.ledger.letters(limit=10)] == ["confirmation", "confirmation"]


def test_an_address_that_is_none_is_said_so(client: FlaskClient, sams: int) -> None:
    for typed in ("", "sam", "sam@example.org\r\nBcc: petra@example.org"):
        page = client.post("/p/confirmed/letter", data={"email": typed}, headers=BROWSER)
        assert page.status_code == 422
        assert 'id="email-error"' in page.text
        assert "One more step" in page.text


def test_a_petition_that_asks_nobody_to_confirm_sends_nothing(client: FlaskClient, parts: Parts) -> None:
    petition = parts.ledger.petition("save-the-mill")
    before = datetime.now(UTC) - timedelta(hours=1)
    parts.ledger.record(signature(petition.id, signed_at=before), Occasion.RECEIPT)
    answer = client.post("/p/save-the-mill/letter", data={"email": "sam@example.org"})
    assert answer.status_code == 303
    assert len(parts.ledger.letters(limit=10)) == 1
    assert client.post("/p/nowhere/letter", data={"email": "sam@example.org"}).status_code == 404


# The mailbox of a desk


def service(sqlite_url: str, tmp_path: Path, **environ: str) -> Flask:
    return create_app(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path), **environ}))


def close(app: Flask) -> None:
    made: Parts = app.extensions["support_now"]
    made.counter.close()
    made.ledger.close()


@pytest.fixture(
    params=[PRODUCTION, PRODUCTION | SMTP, SMTP], ids=["production", "with mail", "desk with mail"]
)
def elsewhere(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = service(sqlite_url, tmp_path, **request.param)
    yield app
    close(app)


def test_there_is_no_mailbox_where_mail_goes_out_or_strangers_come(elsewhere: Flask, sam: Any) -> None:
    made: Parts = elsewhere.extensions["support_now"]
    made.ledger.add_petition(draft(confirmation=Confirmation.EMAIL), NOW)
    elsewhere.test_client().post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    assert made.ledger.letter(1) is not None
    for address in ("/dev/mailbox", "/dev/mailbox/", "/dev/mailbox/1", "/dev/mailbox/1/html"):
        answer = elsewhere.test_client().get(address, headers=BROWSER)
        assert answer.status_code == 404
        assert "confirm" not in answer.text.lower()


def test_on_a_desk_letters_are_shown_with_their_links(client: FlaskClient, parts: Parts, sams: int) -> None:
    listed = client.get("/dev/mailbox", headers=BROWSER).text
    assert "/dev/mailbox/1" in listed
    assert "Please confirm: Save the mill" in listed
    assert "sam@example.org · Confirmation · " in listed
    page = client.get("/dev/mailbox/1", headers=BROWSER)
    assert "Please confirm: Save the mill" in page.text
    assert "letter 1 to sam@example.org" in page.text
    assert link(parts, sams) in page.text
    assert 'sandbox="allow-popups"' in page.text
    framed = client.get("/dev/mailbox/1/html", headers=BROWSER)
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert framed.text.startswith("<!doctype html>")
    assert client.get("/dev/mailbox/99").status_code == 404


# When mail can go out


def test_without_a_mail_server_no_receipts_pile_up_in_production(
    sqlite_url: str, tmp_path: Path, sam: dict[str, str]
) -> None:
    app = service(sqlite_url, tmp_path, **PRODUCTION)
    made: Parts = app.extensions["support_now"]
    made.ledger.add_petition(MILL, NOW)
    made.ledger.add_petition(draft(slug="confirmed", confirmation=Confirmation.EMAIL), NOW)
    client = app.test_client()
    assert client.post("/api/v1/petitions/save-the-mill/signatures", data=sam).status_code == 201
    assert made.ledger.letters(limit=10) == []
    # Who is to confirm keeps the letter until there is a server again: else they would never count.
    assert client.post("/api/v1/petitions/confirmed/signatures", data=sam).status_code == 202
    assert [one.occasion for one in made.ledger.letters(limit=10)] == ["confirmation"]
    close(app)


@pytest.mark.parametrize(("environ", "confirmation"), [({}, "none"), (SMTP, "email")])
def test_a_new_petition_asks_to_confirm_as_soon_as_mail_can_go_out(
    sqlite_url: str, tmp_path: Path, environ: dict[str, str], confirmation: str
) -> None:
    app = service(sqlite_url, tmp_path, **environ)
    done = app.test_cli_runner().invoke(args=["petition", "load-sample"])
    assert done.exit_code == 0
    made: Parts = app.extensions["support_now"]
    assert made.ledger.petition("stop-bloodshed-in-artsakh").confirmation == confirmation
    close(app)


def test_what_is_due_later_stands_apart(client: FlaskClient, parts: Parts, sam: Any) -> None:
    parts.ledger.change(parts.ledger.petition("save-the-mill").id, {"confirmation": Confirmation.EMAIL})
    parts.catalogue.forget("save-the-mill")
    client.post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    parts.ledger.mark_letter_sent(parts.ledger.letters(limit=1)[0].id, parts.clock())  # two days later...
    now, later = client.get("/dev/mailbox", headers=BROWSER).get_data(as_text=True).split("Due later", 1)
    assert "· Confirmation ·" in now
    assert "· Reminder ·" not in now
    assert "· Reminder ·" in later


def test_whoever_has_confirmed_reads_the_organisers_thanks(
    client: FlaskClient, parts: Parts, sams: int
) -> None:
    petition = parts.ledger.petition("confirmed")
    thanks = (("en", "See you on {Sunday}.\nBring <b>a candle</b>."),)
    parts.ledger.change(petition.id, {"thanks_text": thanks, "thanks_url": "https://example.org/next"})
    assert "Bring" not in client.get(link(parts, sams), headers=BROWSER).text
    page = client.post(link(parts, sams), headers=BROWSER).text
    assert "<p>See you on {Sunday}.</p>" in page
    assert "<p>Bring &lt;b&gt;a candle&lt;/b&gt;.</p>" in page
    assert '<a class="onward" href="https://example.org/next" rel="noopener">' in page
