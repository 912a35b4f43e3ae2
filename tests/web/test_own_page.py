"""The signer's own page over HTTP: a link only shows, a form changes, no other link opens anything."""

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import links
from tests.petitions import NOW, signature
from widget import i18n, tokens
from widget.domain.seen import Happened
from widget.domain.signature import Actor, Consent, Occasion, Signature, State
from widget.parts import Parts
from widget.tokens import Purpose
from widget.web.own_page import DONE

EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def signed(parts: Parts) -> int:
    """Sam's signature, with something in every field."""
    petition = parts.ledger.petition("save-the-mill")
    new = signature(
        petition.id,
        lang="en",
        postal_code="1234 AB",
        comment="It is my mill.",
        consent=Consent(NOW, "Keep me informed"),
        source="petra",
        page_url="https://petra.example.org/mill",
        network_key="0123456789abcdef" * 2,
    )
    recorded = parts.ledger.record(new, Occasion.RECEIPT)
    assert recorded.id is not None
    return recorded.id


@pytest.fixture
def path(parts: Parts, signed: int) -> str:
    """The address in Sam's letter."""
    return f"/signature/{links.token(parts, Purpose.OWN_PAGE, signed)}"


def stored(parts: Parts, signature_id: int) -> Signature:
    found = parts.ledger.signature_by_id(signature_id)
    assert found is not None
    return found


def count(parts: Parts) -> int:
    return parts.ledger.tally(parts.ledger.petition("save-the-mill").id).count


def shown(client: FlaskClient) -> int:
    """Return the number as every partner's page gets it."""
    number: int = json.loads(client.get("/api/v1/petitions/save-the-mill/progress").data)["count"]
    return number


def words(response: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.get_data(as_text=True))).split())


def test_everything_stored_is_on_the_page(client: FlaskClient, path: str, parts: Parts) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    said = words(answer)
    shown = ("Sam", "of the Cast", "sam@example.org", "Armenia", "1234 AB", "It is my mill.", "petra")
    for thing in (*shown, "https://petra.example.org/mill", "Keep me informed", "English", "May 31, 2026"):
        assert thing in said, thing
    version = parts.ledger.petition("save-the-mill").wordings[0].text_version
    assert f'href="/p/save-the-mill/wording/{version}"' in answer.get_data(as_text=True)
    assert "You have signed this petition." in said
    assert "May 1, 2026, 12:00 UTC" in said
    assert "Thanks for signing not sent, or not yet" in said


@pytest.mark.parametrize("place", ["", "/download", "/erase"])
def test_the_address_goes_nowhere(client: FlaskClient, path: str, place: str) -> None:
    headers = client.get(path + place).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"].startswith("noindex")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers
    page = client.get(path + place).get_data(as_text=True)
    assert not re.search(r'(?:src|<link[^>]*href)="(?:https?:)?//(?!our\.example\.org)', page)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_opening_any_link_changes_nothing(client: FlaskClient, parts: Parts, path: str, method: str) -> None:
    """Mail scanners open every address in a letter, and some of those they find behind it."""
    before = stored(parts, 1), count(parts), parts.ledger.history(1)
    places = ("", "/erase", "/download", "/name", "/show-name", "/leave-news", "/withdraw", "/resume")
    for place in places:
        client.open(path + place, method=method, query_string={"show_name": "true"})
    assert (stored(parts, 1), count(parts), parts.ledger.history(1)) == before


def test_the_name_is_corrected(client: FlaskClient, parts: Parts, path: str, signed: int) -> None:
    sent = {"given_name": " Samuel ", "family_name": "Cast", "email": "mallory@example.org"}
    answer = client.post(f"{path}/name", data=sent)
    assert answer.status_code == 303
    found = stored(parts, signed)
    assert (found.given_name, found.family_name, found.email) == ("Samuel", "Cast", "sam@example.org")
    assert "Your name is corrected." in words(client.get(answer.location))


@pytest.mark.parametrize("given_name", ["", "x" * 101, "Sam\u202e"])
def test_a_name_that_cannot_be_is_refused_and_kept_in_the_form(
    client: FlaskClient, parts: Parts, path: str, signed: int, given_name: str
) -> None:
    answer = client.post(f"{path}/name", data={"given_name": given_name, "family_name": EVIL})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'aria-invalid="true"' in page
    assert EVIL not in page
    assert "&gt;&lt;script&gt;" in page
    assert stored(parts, signed).given_name == "Sam"


def test_showing_and_hiding_are_one_button_each(
    client: FlaskClient, parts: Parts, path: str, signed: int
) -> None:
    for wanted, other in (("true", "Hide my name"), ("false", "Show my name")):
        answer = client.post(f"{path}/show-name", data={"show_name": wanted})
        assert stored(parts, signed).show_name is (wanted == "true")
        assert other in words(client.get(answer.location))
    assert client.post(f"{path}/show-name", data={"show_name": "maybe"}).status_code == 400


def test_it_is_taken_back_and_given_again(client: FlaskClient, parts: Parts, path: str) -> None:
    said = client.post(f"{path}/withdraw", follow_redirects=True)
    assert count(parts) == 49
    assert "You have taken your signature back." in words(said)
    assert shown(client) == 49
    said = client.post(f"{path}/resume", follow_redirects=True)
    assert count(parts) == 50
    assert "You have signed again." in words(said)
    assert shown(client) == 50


def test_the_news_are_left(client: FlaskClient, parts: Parts, path: str, signed: int) -> None:
    assert "Leave the news" in words(client.get(path))
    said = words(client.post(f"{path}/leave-news", follow_redirects=True))
    assert stored(parts, signed).consent is None
    assert "You get no more news." in said
    assert "Leave the news" not in said


def test_erasing_asks_once_and_names_what_happens(
    client: FlaskClient, parts: Parts, path: str, signed: int
) -> None:
    asked = words(client.get(f"{path}/erase"))
    for said in ("all your answers", "falls by one", "cannot be undone", "Erase everything", "Keep it"):
        assert said in asked
    assert stored(parts, signed).state is State.CONFIRMED
    answer = client.post(f"{path}/erase")
    assert answer.status_code == 200
    assert "Nothing of you is stored" in words(answer)
    assert stored(parts, signed).email == ""
    assert count(parts) == 49
    assert client.post(f"{path}/erase").status_code == 404


def test_all_of_it_can_be_taken_away_as_json(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}/download")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="signature-save-the-mill.json"'
    found = json.loads(answer.get_data())
    assert found["email"] == "sam@example.org"
    assert found["updates"] == {"given_at": "2026-05-01T12:00:00+00:00", "wording": "Keep me informed"}
    assert found["network_key"] == "0123456789abcdef" * 2
    assert found["events"] == [{"happened": "signed", "at": "2026-05-01T12:00:00+00:00"}]
    held_back = {"id", "petition_id", "confirmed_at", "moved_at", "held_because"}
    kept = set(Signature.__dataclass_fields__) - held_back - {"consent", "signed_at"}
    assert kept <= set(found)


def foreign_links(parts: Parts, signed: int) -> dict[str, str]:
    """Return addresses that must open nothing, each by what is wrong with it."""
    good = links.token(parts, Purpose.OWN_PAGE, signed)
    parts.ledger.erase(_another(parts), NOW)
    letter = "A" if good[-2] != "A" else "B"  # two bits of the very last letter say nothing
    return {
        "for confirming": links.token(parts, Purpose.CONFIRM, signed),
        "for leaving the news": links.token(parts, Purpose.LEAVE_NEWS, signed),
        "altered near the end": good[:-2] + letter + good[-1],
        "of another number": f"{signed + 1}{good[good.index('.') :]}",
        "under another key": tokens.make("x" * 40, Purpose.OWN_PAGE, stored(parts, signed).link),
        "of an erased signature": links.token(parts, Purpose.OWN_PAGE, signed + 1),
        "of nobody": links.token(parts, Purpose.OWN_PAGE, 4_000),
        "cut short": good[:10],
        "of words": "show-me-everything",
        "very long": "9" * 1_000,
    }


def _another(parts: Parts) -> int:
    petition = parts.ledger.petition("save-the-mill")
    recorded = parts.ledger.record(signature(petition.id, "petra@example.org"), None)
    assert recorded.id is not None
    return recorded.id


def test_every_other_link_gets_the_same_answer_and_does_nothing(
    client: FlaskClient, parts: Parts, signed: int
) -> None:
    answers = set()
    before = stored(parts, signed)
    for token in foreign_links(parts, signed).values():
        for place in ("", "/erase", "/download"):
            answers.add(_plain(client.get(f"/signature/{token}{place}")))
        for place in ("/name", "/show-name", "/leave-news", "/withdraw", "/resume", "/erase"):
            sent = {"given_name": "Mallory", "family_name": "M", "show_name": "true"}
            answers.add(_plain(client.post(f"/signature/{token}{place}", data=sent)))
    assert len(answers) == 1
    status, page = answers.pop()
    assert status == 404
    assert "copy all of it from the letter" in page
    assert stored(parts, signed) == before


def _plain(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://our.example.org"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://our.example.org"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
        ({"Origin": "https://mallory.example.org"}, False),
        ({"Origin": "https://our.example.org.mallory.example.org"}, False),
    ],
)
def test_forms_of_other_sites_are_refused(
    client: FlaskClient, parts: Parts, path: str, headers: dict[str, str], let_in: bool
) -> None:
    answer = client.post(f"{path}/withdraw", headers=headers)
    assert answer.status_code == (303 if let_in else 403)
    assert count(parts) == (49 if let_in else 50)
    assert client.get(path, headers=headers).status_code == 200  # a link in a mail comes from anywhere


@pytest.mark.parametrize("state", [State.CONFIRMED, State.HELD])
def test_a_held_signature_is_not_given_away(
    client: FlaskClient, parts: Parts, path: str, signed: int, state: State
) -> None:
    if state is State.HELD:
        parts.ledger.move(signed, State.HELD, NOW, by=Actor.SERVICE, reason="blocked domain")
    pages = [client.get(path + place).get_data(as_text=True).lower() for place in ("", "/erase", "/download")]
    assert "held" not in "".join(pages)
    assert "blocked" not in "".join(pages)
    assert "you have signed this petition." in pages[0]


def test_what_sam_wrote_is_escaped(client: FlaskClient, parts: Parts) -> None:
    petition = parts.ledger.petition("save-the-mill")
    texts = dict.fromkeys(("given_name", "family_name", "postal_code", "comment", "source", "page_url"), EVIL)
    new = signature(petition.id, "evil@example.org", consent=Consent(NOW, EVIL), **texts)
    number = parts.ledger.record(new, None).id
    assert number is not None
    page = client.get(f"/signature/{links.token(parts, Purpose.OWN_PAGE, number)}")
    assert "<script>" not in page.get_data(as_text=True)


def test_the_log_holds_no_link(client: FlaskClient, path: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    client.get(path)
    client.post(f"{path}/withdraw")
    client.post(f"{path}x/withdraw")
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert path.removeprefix("/signature/") not in logged
    assert "sam@example.org" not in logged
    assert "/signature/<token>/withdraw" in logged


def test_everything_that_can_be_said_has_words() -> None:
    composed = {
        *(f"page.own_state_{state}" for state in State if state not in {State.HELD, State.ERASED}),
        *(f"page.own_event_{happened}" for happened in Happened),
        *(f"page.own_letter_{occasion}" for occasion in Occasion),
        *(f"page.own_done_{done}" for done in DONE),
    }
    assert {key for key in composed if not i18n.has("en", key)} == set()
    assert not i18n.has("en", "page.own_state_held")


def test_the_page_speaks_the_signers_language(client: FlaskClient, parts: Parts) -> None:
    petition = parts.ledger.petition("save-the-mill")
    number = parts.ledger.record(signature(petition.id, "anahit@example.org", lang="hy"), None).id
    assert number is not None
    path = f"/signature/{links.token(parts, Purpose.OWN_PAGE, number)}"
    page = client.get(path).get_data(as_text=True)
    assert '<html lang="hy"' in page
    assert i18n.text("hy", "page.own_title") in page
    assert '<html lang="en"' in client.get(f"{path}?lang=en").get_data(as_text=True)
