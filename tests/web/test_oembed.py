"""oEmbed as its specification has it, and the way an editor finds it."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.petitions import MILL, NOW, draft
from widget.domain.petition import Status, Wording
from widget.parts import Parts

MILLS_PAGE = "https://our.example.org/p/save-the-mill"
EVIL = '"><script>alert(1)</script>&amp;'
ARMENIAN = Wording("hy", "Փրկենք ջրաղացը", ("խորհուրդ",), "Այն պտտվում է։")


class Frame(HTMLParser):
    """What an editor finds in the html: elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def asked(client: FlaskClient, url: str = MILLS_PAGE, **more: str) -> TestResponse:
    return client.get("/oembed", query_string={"url": url, **more})


def frame(answer: TestResponse) -> dict[str, str | None]:
    ((tag, attributes),) = Frame(answer.get_json()["html"]).elements
    assert tag == "iframe"
    return attributes


def test_a_petitions_address_becomes_its_frame(client: FlaskClient) -> None:
    answer = asked(client)
    content = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert frame(answer) == {
        "src": "https://our.example.org/embed/save-the-mill",
        "title": "Petition: Save the mill",
        "width": "720",
        "height": "446",
        "loading": "lazy",
    }
    del content["html"]
    assert content == {
        "type": "rich",
        "version": "1.0",
        "title": "Save the mill",
        "author_name": "Anahit",
        "provider_name": "Support Now",
        "provider_url": "https://our.example.org",
        "cache_age": 86_400,
        "width": 720,
        "height": 446,
    }
    assert client.get(urlsplit(str(frame(answer)["src"])).path).status_code == 200


@pytest.mark.parametrize(
    ("most", "size"),
    [
        ({}, (720, 446)),
        ({"maxwidth": "1000", "maxheight": "1000"}, (720, 446)),
        ({"maxwidth": "640"}, (640, 446)),
        ({"maxwidth": "400"}, (400, 446)),
        ({"maxwidth": "399"}, (399, 500)),
        ({"maxwidth": "320", "maxheight": "480"}, (320, 480)),
        ({"maxheight": "200"}, (720, 200)),
        ({"maxwidth": "1", "maxheight": "1"}, (1, 1)),
        ({"maxwidth": "", "maxheight": ""}, (720, 446)),
    ],
)
def test_the_frame_is_never_larger_than_asked_for(
    client: FlaskClient, most: dict[str, str], size: tuple[int, int]
) -> None:
    answer = asked(client, **most)
    content = answer.get_json()
    assert (content["width"], content["height"]) == size
    assert (frame(answer)["width"], frame(answer)["height"]) == tuple(map(str, size))


@pytest.mark.parametrize("length", ["0", "-5", "1.5", "1e3", "ten", "007", "١٢", " 5", "9" * 50])
@pytest.mark.parametrize("name", ["maxwidth", "maxheight"])
def test_a_length_that_is_none_is_refused(client: FlaskClient, name: str, length: str) -> None:
    answer = asked(client, **{name: length})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_body")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "save-the-mill",
        "/p/save-the-mill",
        "https://our.example.org/",
        "https://our.example.org/p/",
        "https://our.example.org/p/nothing",
        "https://our.example.org/p/secret",
        "https://our.example.org/p/save-the-mill/wording/x",
        "https://our.example.org/p/save-the-mill%00",
        "https://our.example.org/embed/save-the-mill",
        "https://our.example.org:8443/p/save-the-mill",
        "https://mallory.example.org/p/save-the-mill",
        "https://our.example.org@mallory.example.org/p/save-the-mill",
        "https://our.example.org.mallory.example.org/p/save-the-mill",
        "ftp://our.example.org/p/save-the-mill",
        "javascript:alert(1)//our.example.org/p/save-the-mill",
        "http://[::1/p/save-the-mill",
    ],
)
def test_any_other_address_is_not_found(client: FlaskClient, parts: Parts, url: str) -> None:
    parts.ledger.add_petition(draft(slug="secret", status=Status.DRAFT), NOW)
    answer = asked(client, url)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "petition_not_found")
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "url",
    [
        "http://our.example.org/p/save-the-mill",
        "https://OUR.example.org/p/save-the-mill/",
        f"{MILLS_PAGE}#sign",
        f" {MILLS_PAGE}?utm_medium=x ",
    ],
)
def test_a_petitions_address_may_be_spelt_in_several_ways(client: FlaskClient, url: str) -> None:
    assert asked(client, url).data == asked(client).data


@pytest.mark.parametrize("form", ["xml", "yaml", "JSON", ""])
def test_another_form_than_json_is_not_implemented(client: FlaskClient, form: str) -> None:
    answer = asked(client, format=form)
    assert (answer.status_code, answer.get_json()["code"]) == (501, "not_implemented")
    assert asked(client, format="json").status_code == 200


def test_language_and_source_of_the_pasted_address_go_on(client: FlaskClient, parts: Parts) -> None:
    parts.ledger.set_wording(parts.catalogue.petition("save-the-mill").id, ARMENIAN, NOW)
    parts.catalogue.forget("save-the-mill")
    answer = asked(client, f"{MILLS_PAGE}?lang=hy&source={'n' * 120}&signed=counted")
    assert answer.get_json()["title"] == ARMENIAN.title
    query = parse_qs(urlsplit(str(frame(answer)["src"])).query)
    assert query == {"lang": ["hy"], "source": ["n" * 100]}


def test_what_mallory_writes_stays_inside_its_attribute(client: FlaskClient, parts: Parts) -> None:
    evil: Any = replace(MILL.wording, title=EVIL)
    parts.ledger.add_petition(draft(slug="evil", wording=evil), NOW)
    answer = asked(client, f'https://our.example.org/p/evil?source="><b>&lang={EVIL}')
    attributes = frame(answer)
    assert attributes["title"] == f"Petition: {EVIL}"
    assert parse_qs(urlsplit(str(attributes["src"])).query)["source"] == ['"><b>']


def test_the_answer_is_kept_and_read_by_any_site(client: FlaskClient) -> None:
    answer = asked(client)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"].startswith("public, max-age=300,")
    assert "Content-Security-Policy" not in answer.headers
    again = client.get(
        "/oembed", query_string={"url": MILLS_PAGE}, headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    refused = asked(client, "https://mallory.example.org/")
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lang", ["", "?lang=hy"])
def test_the_petitions_page_leads_there(client: FlaskClient, parts: Parts, lang: str) -> None:
    parts.ledger.set_wording(parts.catalogue.petition("save-the-mill").id, ARMENIAN, NOW)
    parts.catalogue.forget("save-the-mill")
    page = Frame(client.get(f"/p/save-the-mill{lang}", headers={"Accept": "text/html"}).text)
    (link,) = [a for tag, a in page.elements if tag == "link" and a.get("type") == "application/json+oembed"]
    assert link["rel"] == "alternate"
    assert str(link["href"]).startswith("https://our.example.org/oembed?url=")
    found = client.get(str(link["href"]))
    assert found.get_json()["title"] == link["title"] == (ARMENIAN.title if lang else "Save the mill")
