"""A webmaster's dry run: `?test` marks form, thanks and frame, and nothing is stored."""

import pytest
from flask.testing import FlaskClient

from tests.web.test_pages import BROWSER, PAGE, SIGN, Page, opened
from widget.parts import Parts

NOTE = "Test: nothing is stored."
FRAME = "/embed/save-the-mill"


@pytest.mark.parametrize("asked", ["?test", "?test=1", "?source=petra&test"])
def test_a_dry_run_is_marked_all_the_way_and_stores_nothing(
    client: FlaskClient, sam: dict[str, str], asked: str
) -> None:
    page = opened(client, PAGE + asked)
    assert NOTE in page.words
    assert page.one("meta", name="robots")["content"] == "noindex"
    hidden = {field["name"]: field["value"] for field in page.all("input", type="hidden")}
    assert hidden["test"] == "1"
    answer = client.post(SIGN, data=sam | hidden, headers=BROWSER)
    thanks = Page(client.get(answer.headers["Location"].partition("#")[0], headers=BROWSER))
    assert answer.status_code == 303
    assert NOTE in thanks.words
    assert "You are one of 49." in thanks.words
    assert client.get("/api/v1/petitions/save-the-mill/progress").get_json()["count"] == 49


def test_a_mistake_in_a_dry_run_leaves_it_one(client: FlaskClient) -> None:
    page = Page(client.post(SIGN, data={"test": "1", "email": "sam@"}, headers=BROWSER))
    assert NOTE in page.words
    assert page.one("input", name="test")["value"] == "1"


@pytest.mark.parametrize("sent", [{}, {"test": "0"}, {"test": "false"}])
def test_what_is_meant_is_not_marked(client: FlaskClient, sam: dict[str, str], sent: dict[str, str]) -> None:
    assert NOTE not in opened(client, PAGE).words
    mistaken = Page(client.post(SIGN, data={**sam, **sent, "email": "sam@"}, headers=BROWSER))
    assert NOTE not in mistaken.words
    assert mistaken.all("input", name="test") == []
    answer = client.post(SIGN, data={**sam, **sent}, headers=BROWSER)
    assert "test" not in answer.headers["Location"]
    assert client.get("/api/v1/petitions/save-the-mill/progress").get_json()["count"] == 50


def test_the_frame_passes_it_on_to_the_widget_and_to_the_form_without_a_script(client: FlaskClient) -> None:
    framed = opened(client, f"{FRAME}?test")
    assert "test" in framed.one("support-now")
    assert framed.one("input", name="test")["value"] == "1"
    assert NOTE in framed.words
    plain = opened(client, FRAME)
    assert "test" not in plain.one("support-now")
    assert plain.all("input", name="test") == []


def test_a_page_kept_ready_is_never_a_dry_run(client: FlaskClient) -> None:
    assert NOTE in opened(client, f"{PAGE}?test").words
    assert NOTE not in opened(client, PAGE).words
    assert NOTE in opened(client, f"{PAGE}?test").words


def test_thanks_offer_the_organisers_own_page_where_there_is_one(client: FlaskClient, parts: Parts) -> None:
    thanks = f"{PAGE}?signed=counted"
    assert "Continue" not in opened(client, thanks).words
    parts.ledger.change(
        parts.catalogue.petition("save-the-mill").id, {"thanks_url": "https://anahit.example.org/?a=1&b=2"}
    )
    parts.catalogue.forget("save-the-mill")
    link = opened(client, thanks).one("a", href="https://anahit.example.org/?a=1&b=2")
    assert link["rel"] == "noopener"
    # Whoever still has to open a letter is not led away from that.
    assert "Continue" not in opened(client, f"{PAGE}?signed=check_email").words
    assert "Continue" not in opened(client, PAGE).words


def test_pages_that_frames_lead_to_can_be_shown_in_their_sandbox(client: FlaskClient) -> None:
    """Cross-Origin-Opener-Policy in a sandbox makes a browser show an error instead of the page."""
    for address in (PAGE, f"{PAGE}?signed=counted", FRAME):
        assert "Cross-Origin-Opener-Policy" not in client.get(address, headers=BROWSER).headers
    for address in ("/", "/demo", "/nowhere"):
        assert client.get(address, headers=BROWSER).headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_frame_without_an_origin_may_run_our_script_and_send_to_us(client: FlaskClient) -> None:
    policy = client.get(FRAME, headers=BROWSER).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name in ("script-src", "connect-src", "style-src", "form-action"):
        assert rules[name].split() == ["'self'", "https://our.example.org"]
    assert rules["frame-ancestors"] == "*"
    assert rules["base-uri"] == rules["default-src"] == "'none'"
