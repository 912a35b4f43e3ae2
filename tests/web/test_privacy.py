"""The privacy notice says what the service does, with the figures it does it by."""

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config import Settings
from tests.conftest import Fields
from tests.petitions import MILL, NOW
from widget import create_app
from widget.domain.petition import Confirmation
from widget.domain.signature import LETTERS_AT_MOST
from widget.parts import Parts
from widget.store.ledger.blanking import BLANK

MAIL = {"SMTP_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "petitions@example.org"}


def notice(client: FlaskClient) -> str:
    """Return the words of the notice."""
    page = client.get("/p/save-the-mill").get_data(as_text=True)
    found = re.search(r'id="privacy".*?</section>', page, re.S)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]*>", "", found[0])).split())


@pytest.fixture
def mailing(sqlite_template: Path, tmp_path: Path) -> Iterator[FlaskClient]:
    """A visitor of a service that sends letters, and keeps things for other spans than the usual ones."""
    figures = {"UNCONFIRMED_DAYS": "40", "NETWORK_KEY_DAYS": "1", "ANONYMISE_MONTHS": "2", "HELD_DAYS": "50"}
    own = tmp_path / "mailing.sqlite3"
    shutil.copyfile(sqlite_template, own)
    environment = {"DATABASE_URL": f"sqlite:///{own}", "DATA_DIR": str(tmp_path), **MAIL, **figures}
    made = create_app(Settings.from_env(environment | {"PRIVACY_CONTACT": "omar@example.org"}))
    parts: Parts = made.extensions["support_now"]
    parts.ledger.add_petition(MILL, NOW)
    yield made.test_client()
    parts.counter.close()
    parts.ledger.close()


def parts_of(client: FlaskClient) -> Parts:
    found: Parts = client.application.extensions["support_now"]
    return found


def change(client: FlaskClient, **changes: object) -> None:
    made = parts_of(client)
    made.ledger.change(made.ledger.petition("save-the-mill").id, changes)  # type: ignore[arg-type]
    made.catalogue.forget("save-the-mill")


def test_it_names_who_asks_and_whom_to_ask(client: FlaskClient) -> None:
    assert "Your answers are for Anahit, who started this petition." in notice(client)
    assert "question about your data" not in notice(client)
    change(client, privacy_contact="anahit@example.org")
    assert "question about your data: anahit@example.org." in notice(client)
    assert 'href="mailto:anahit@example.org"' in client.get("/p/save-the-mill").get_data(as_text=True)


def test_the_operator_answers_where_the_organiser_named_nobody(mailing: FlaskClient) -> None:
    assert "question about your data: omar@example.org." in notice(mailing)
    change(mailing, privacy_contact="by post to the mill")
    said = notice(mailing)
    assert "question about your data: by post to the mill." in said
    assert "omar" not in said


def test_a_contact_is_escaped(client: FlaskClient) -> None:
    change(client, privacy_contact='"><script>alert("@")</script>')
    assert "<script>alert" not in client.get("/p/save-the-mill").get_data(as_text=True)


def test_the_figures_are_those_of_the_settings(client: FlaskClient, mailing: FlaskClient) -> None:
    assert "is deleted after 30 days." in notice(client)
    assert "6 months after the petition has closed" in notice(client)
    assert "nobody looked at is erased after 90 days." in notice(client)
    assert "never confirmed" not in notice(client)  # nobody is asked to
    change(mailing, confirmation=Confirmation.EMAIL)
    said = notice(mailing)
    assert "is deleted after 1 day." in said
    assert "2 months after the petition has closed" in said
    assert "nobody looked at is erased after 50 days." in said
    assert "What was never confirmed is erased 40 days after the last letter." in said


def test_letters_are_named_only_where_they_are_sent(client: FlaskClient, mailing: FlaskClient) -> None:
    assert "You get no letter about your signature." in notice(client)
    assert "page of your own" not in notice(client)
    assert "ends the news" not in notice(client)
    said = notice(mailing)
    assert "You get a letter that thanks you." in said
    assert f"never more than {LETTERS_AT_MOST} letters" in said
    assert "page of your own" in said
    assert "ends the news with one click" in said
    change(mailing, confirmation=Confirmation.EMAIL)
    said = notice(mailing)
    assert "opened its link and confirmed" in said
    assert "thanks you" not in said


def test_a_list_is_named_only_where_there_is_one(client: FlaskClient) -> None:
    page = client.get("/p/save-the-mill").get_data(as_text=True)
    assert "This petition shows no list of names." in notice(client)
    assert "Only the number is public." in page
    change(client, public_signers=True)
    page = client.get("/p/save-the-mill").get_data(as_text=True)
    assert "Public are the number and a list of those who ticked “Show my name publicly”" in notice(client)
    assert "Only the number is public." not in page


def test_what_it_says_of_cookies_and_addresses_is_so(client: FlaskClient, parts: Parts, sam: Fields) -> None:
    said = notice(client)
    assert "No cookie is set" in said
    assert "Your IP address is not stored." in said
    address = "203.0.113.77"
    signing = "/api/v1/petitions/save-the-mill/signatures"
    answer = client.post(signing, data=sam, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers
    with parts.ledger._database.reading() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows = [
            str(tuple(row))
            for name in tables.scalars().all()
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')
        ]
    assert any("sam@example.org" in row for row in rows)
    assert not any(address in row for row in rows)


def test_everything_kept_of_a_signer_is_named(client: FlaskClient) -> None:
    """Each personal column stands in the notice: a new one fails here until it does."""
    named = {
        # What a search goes by is made of address, name and page.
        "e-mail address": {"email", "canonical_email", "found_by"},
        "other answers": {"given_name", "family_name", "country", "postal_code", "comment", "answers"},
        "Show my name publicly": {"show_name"},
        "the moment and the words beside the box": {"consent_at", "consent_wording"},
        "the language": {"lang"},
        "page that you came from": {"source", "page_url"},
        "your network’s address": {"network_key"},
    }
    said = notice(client)
    assert [words for words in named if words not in said] == []
    assert set().union(*named.values()) == set(BLANK)
