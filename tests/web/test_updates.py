"""Updates on the petition's page, and the way out of the letters that bring them."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests import links
from tests.petitions import MILL, NOW, signature
from widget import i18n
from widget.domain.petition import Status
from widget.domain.refusals import LedgerUnavailable
from widget.domain.signature import Consent, Signature
from widget.domain.update import Kind, Update, UpdateDraft
from widget.parts import Parts
from widget.tokens import Purpose

WORDS = UpdateDraft(Kind.UPDATE, "en", "The mill turns", "# Since today\n\nWith *a new wheel*.")


def publish(parts: Parts, draft: UpdateDraft = WORDS) -> Update:
    petition = parts.ledger.petition("save-the-mill")
    kept = parts.ledger.add_update(petition.id, draft, NOW)
    done = parts.ledger.publish_update(kept.id, NOW, mailing=False)
    parts.catalogue.forget("save-the-mill")
    return done


def page(client: FlaskClient, query: str = "") -> str:
    found = client.get(f"/p/save-the-mill{query}")
    assert found.status_code == 200
    return found.text


def test_an_update_stands_on_the_page_once_it_is_published(client: FlaskClient, parts: Parts) -> None:
    assert 'id="news"' not in page(client)
    petition = parts.ledger.petition("save-the-mill")
    parts.ledger.add_update(petition.id, replace(WORDS, title="Not yet"), NOW)
    assert "Not yet" not in page(client)
    one = publish(parts)
    shown = page(client)
    assert '<section class="updates" id="news" aria-labelledby="news-heading">' in shown
    assert f'<h3 id="update-{one.id}-heading">The mill turns</h3>' in shown
    assert "<h4>Since today</h4>" in shown
    assert "<em>a new wheel</em>" in shown
    assert '<a href="#news">Read the latest news</a>' in shown
    assert '<time datetime="2026-05-01">May 1, 2026</time>' in shown
    assert "Not yet" not in shown


def test_the_newest_is_first_and_older_ones_are_folded(client: FlaskClient, parts: Parts) -> None:
    for number in range(5):
        publish(parts, replace(WORDS, title=f"Word {number}"))
    shown = page(client)
    places = [shown.index(f"Word {number}</h3>") for number in range(5)]
    assert places == sorted(places, reverse=True)
    assert shown.count("<details>") == 2
    assert shown.index("<details>") > shown.index("Word 2</h3>")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DELIVERED])
def test_a_petition_that_is_over_leads_to_its_answer(
    client: FlaskClient, parts: Parts, status: Status
) -> None:
    parts.ledger.change(parts.ledger.petition("save-the-mill").id, {"status": status})
    publish(parts, replace(WORDS, kind=Kind.ANSWER, title="The council says yes"))
    shown = page(client)
    assert '<a href="#news">Read the answer</a>' in shown
    assert "The answer · " in shown
    assert "The council says yes" in shown


def test_an_update_in_another_language_says_so(client: FlaskClient, parts: Parts) -> None:
    publish(parts, UpdateDraft(Kind.UPDATE, "ar", "الطاحونة", "نص"))
    assert '-heading" lang="ar" dir="rtl">الطاحونة</h3>' in page(client)
    assert i18n.text("hy", "page.updates") in page(client, "?lang=hy")


def test_what_the_organiser_writes_is_safe(client: FlaskClient, parts: Parts) -> None:
    evil = '"><script>alert(1)</script>'
    publish(
        parts, UpdateDraft(Kind.UPDATE, "en", evil, f"x {evil} [y](javascript:alert(1)) ![z](https://m/z)")
    )
    shown = page(client)
    assert "<script>alert" not in shown
    assert 'href="javascript' not in shown
    assert "<img" not in shown


def test_while_the_ledger_is_away_the_page_is_shown_all_the_same(
    client: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(parts)
    parts.catalogue.petition("save-the-mill")

    def gone(_petition_id: int) -> list[Update]:
        raise LedgerUnavailable

    with monkeypatch.context() as away:
        away.setattr(parts.news, "_load", gone)
        assert "The mill turns" not in page(client)
    assert "The mill turns" in page(client)  # and comes back by itself


# Leaving the news


@pytest.fixture
def sam(parts: Parts) -> int:
    petition = parts.ledger.petition("save-the-mill")
    new = signature(petition.id, consent=Consent(NOW, "Keep me informed"))
    number = parts.ledger.record(new, None).id
    assert number is not None
    return number


@pytest.fixture
def path(parts: Parts, sam: int) -> str:
    return f"/news/{links.token(parts, Purpose.LEAVE_NEWS, sam)}"


def of(parts: Parts, number: int) -> Signature:
    found = parts.ledger.signature_by_id(number)
    assert found is not None
    return found


def test_opening_the_link_changes_nothing_and_the_button_ends_the_news(
    client: FlaskClient, parts: Parts, sam: int, path: str
) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        assert client.open(path, method=method).status_code == 200
    shown = client.get(path)
    assert shown.text.count("<button") == 1
    assert "sam@example.org" not in shown.text
    assert of(parts, sam).consent is not None
    for _ in range(2):
        left = client.post(path)
        assert left.status_code == 200
        assert "You get no more news." in left.text
        assert "<button" not in left.text
    assert of(parts, sam).consent is None
    assert "<button" not in client.get(path).text
    assert parts.ledger.tally(1).count == 50


def test_a_mail_provider_ends_it_with_one_request(
    client: FlaskClient, parts: Parts, sam: int, path: str
) -> None:
    """RFC 8058: from anywhere, without a cookie, a body of one field, and no redirect."""
    foreign = {"Origin": "https://mail.example.org", "Sec-Fetch-Site": "cross-site"}
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"}, headers=foreign)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert of(parts, sam).consent is None


def test_whoever_is_erased_is_told_that_no_more_news_comes(
    client: FlaskClient, parts: Parts, sam: int, path: str
) -> None:
    parts.ledger.erase(sam, NOW)
    assert "You get no more news." in client.post(path).text
    assert "You get no more news." in client.get(path).text


def test_no_other_link_ends_anything(client: FlaskClient, parts: Parts, sam: int, path: str) -> None:
    others = [
        f"/news/{links.token(parts, Purpose.OWN_PAGE, sam)}",
        f"/news/{links.token(parts, Purpose.CONFIRM, sam)}",
        f"/news/{links.token(parts, Purpose.LEAVE_NEWS, 999)}",
        path[:-4],
        "/news/1",
    ]
    for other in others:
        assert (client.get(other).status_code, client.post(other).status_code) == (404, 404)
    assert of(parts, sam).consent is not None
    opened = client.get(path.replace("/news/", "/signature/")).status_code
    assert opened == 404


def test_its_address_gets_nowhere(client: FlaskClient, path: str) -> None:
    for found in (client.get(path), client.post(path)):
        assert found.headers["Referrer-Policy"] == "no-referrer"
        assert found.headers["Cache-Control"] == "no-store"
        assert found.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_the_page_of_a_petition_without_news_is_made_as_before(client: FlaskClient) -> None:
    assert MILL.wording.title in page(client)
    assert "latest" not in page(client)
