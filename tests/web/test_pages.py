"""Pages from the server: complete without JavaScript, escaped, cached as they should be."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Settings
from tests.conftest import Fields
from tests.petitions import MILL, NOW, draft
from widget import create_app
from widget.domain.countries import COUNTRIES
from widget.domain.form import form
from widget.domain.goal import GoalKind
from widget.domain.petition import CarriedOver, Confirmation, Petition, Status, Wording
from widget.domain.tally import Tally
from widget.parts import Parts
from widget.store.catalogue import Catalogue
from widget.web import pages

PAGE = "/p/save-the-mill"
SIGN = "/api/v1/petitions/save-the-mill/signatures"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LIVE = "public, max-age=1, stale-while-revalidate=2, stale-if-error=300"
EVIL = '</script><script>alert("1")</script><img src=x onerror=alert(1)>'


class Page(HTMLParser):
    """A page as a browser reads it: elements with their attributes, scripts, and the words."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words = ""
        self._inside = ""
        self.feed(response.get_data(as_text=True))
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        else:
            self.words += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key.replace("_", "-")) == v for key, v in wanted.items())
        ]

    def one(self, tag: str, **wanted: str) -> dict[str, str | None]:
        (found,) = self.all(tag, **wanted)
        return found


def opened(client: FlaskClient, address: str, status: int = 200) -> Page:
    response = client.get(address, headers=BROWSER)
    assert response.status_code == status, response.get_data(as_text=True)
    return Page(response)


@contextmanager
def served(tmp_path: Path, sqlite_url: str, **environment: str) -> Iterator[FlaskClient]:
    made = create_app(
        Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path), **environment})
    )
    parts: Parts = made.extensions["support_now"]
    try:
        yield made.test_client()
    finally:
        parts.counter.close()
        parts.ledger.close()


# The petition page


def test_the_page_says_what_is_asked_of_whom_by_whom_and_how_far_it_is(client: FlaskClient) -> None:
    page = opened(client, PAGE)
    assert "Save the mill" in page.words
    assert "To the town council" in page.words
    assert "Started by Anahit" in page.words
    assert "April 1, 2026" in page.words
    assert "It has turned for three hundred years." in page.words
    assert "49 supporters next goal 50" in page.words
    assert "49 carried over from an earlier page 0 signed here" in page.words
    for bar in page.all("progress"):
        assert (bar["value"], bar["max"], bar["aria-valuetext"]) == ("49", "50", "49 of 50")
        assert bar["aria-label"]
    assert len(page.all("progress")) == 2
    assert len(page.all("h1")) == 1


def test_the_form_is_whole_without_javascript(client: FlaskClient, parts: Parts) -> None:
    page = opened(client, f"{PAGE}?source=newsletter")
    sent = page.one("form")
    assert (sent["method"], sent["action"]) == ("post", SIGN)
    for field in parts.catalogue.petition("save-the-mill").form:
        tag = "select" if field.type == "country" else "input"
        control = page.one(tag, name=field.name)
        assert ("required" in control) == field.required
        assert control.get("autocomplete") == field.autocomplete
        assert page.one("label", **{"for": field.name})
    assert page.one("input", name="email")["type"] == "email"
    assert page.one("input", name="text_version")["value"] == MILL.wording.text_version
    assert page.one("input", name="lang")["value"] == "en"
    assert page.one("input", name="source")["value"] == "newsletter"
    assert page.all("input", name="page_url") == []


def test_nothing_is_chosen_for_the_signer(client: FlaskClient) -> None:
    page = opened(client, PAGE)
    assert [box for box in page.all("input", type="checkbox") if "checked" in box] == []
    options = page.all("option")
    assert [o for o in options if "selected" in o] == []
    assert options[0]["value"] == ""
    assert {o["value"] for o in options[1:]} == COUNTRIES


def test_a_form_with_other_fields_asks_for_those(client: FlaskClient, parts: Parts) -> None:
    asked = form(required=("comment",), optional=())
    parts.ledger.add_petition(draft(slug="short", form=asked), NOW)
    page = opened(client, "/p/short")
    assert "required" in page.one("textarea", name="comment")
    assert page.all("select") == []
    assert page.all("input", name="given_name") == []


def test_the_page_describes_itself_to_those_who_link_to_it(client: FlaskClient) -> None:
    page = opened(client, f"{PAGE}?source=x&lang=en")
    assert page.one("link", rel="canonical")["href"] == "https://our.example.org/p/save-the-mill"
    said = {m["property"]: m["content"] for m in page.all("meta") if "property" in m}
    assert said["og:title"] == "Save the mill"
    assert said["og:url"] == "https://our.example.org/p/save-the-mill"
    assert said["og:description"] == "It has turned for three hundred years."
    data = json.loads(page.scripts[0])
    assert data["mainEntity"]["interactionStatistic"]["userInteractionCount"] == 49
    assert data["mainEntity"]["datePublished"] == "2026-04-01"
    assert data["inLanguage"] == "en"


@pytest.mark.parametrize(
    "address",
    ["/p/evil", "/", "/embed/evil", "/p/evil?signed=counted", "/demo", "/p/evil/wording/{version}", "POST"],
)
def test_what_mallory_writes_is_text_and_nothing_else(
    client: FlaskClient, parts: Parts, address: str
) -> None:
    evil = replace(MILL.wording, title=EVIL, addressed_to=(EVIL,), text=EVIL, appendix=EVIL)
    parts.ledger.add_petition(draft(slug="evil", wording=evil, started_by=EVIL), NOW)
    if address == "POST":
        sent = {"given_name": EVIL, "email": EVIL, "country": EVIL, "source": EVIL}
        page = Page(client.post("/api/v1/petitions/evil/signatures", data=sent, headers=BROWSER))
    else:
        page = opened(client, address.format(version=evil.text_version))
    assert EVIL in page.words
    assert page.all("img") == []
    scripts = page.all("script")
    assert all(s.get("src") or s.get("type") == "application/ld+json" for s in scripts)
    for content, attributes in zip(page.scripts, scripts, strict=True):
        if attributes.get("type"):
            assert json.loads(content)["name"] == EVIL
        else:
            assert content == ""
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]


def test_a_source_is_a_value_and_is_cut(client: FlaskClient) -> None:
    value = opened(client, f'{PAGE}?source="><script>{"x" * 200}').one("input", name="source")["value"]
    assert value == '"><script>' + "x" * 90


def test_no_page_has_inline_styles_scripts_or_foreign_sources(client: FlaskClient) -> None:
    for address in ("/", PAGE, f"{PAGE}/wording/{MILL.wording.text_version}", "/embed/save-the-mill"):
        page = opened(client, address)
        for tag, attributes in page.elements:
            assert "style" not in attributes, address
            assert tag != "style", address
            loaded = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
            told = attributes.get("rel") in ("canonical", "alternate")  # an address that is only told
            assert not loaded or loaded.startswith("/") or told, loaded


def test_no_page_sets_a_cookie(client: FlaskClient) -> None:
    for address in ("/", PAGE, "/demo", "/embed/save-the-mill", "/nowhere"):
        assert "Set-Cookie" not in client.get(address, headers=BROWSER).headers


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "next goal 50"),
        ({"goal_kind": GoalKind.ORGANISER, "goal_aim": 80}, "goal 80"),
        ({"goal_kind": GoalKind.THRESHOLD, "goal_aim": 100_000}, "100,000 needed"),
    ],
)
def test_the_goal_says_what_it_means(
    client: FlaskClient, parts: Parts, changes: dict[str, Any], said: str
) -> None:
    parts.ledger.add_petition(draft(slug="aim", **changes), NOW)
    assert f"49 supporters {said}" in opened(client, "/p/aim").words


def test_a_bar_beyond_its_goal_stays_full_while_the_number_is_true(client: FlaskClient, parts: Parts) -> None:
    parts.ledger.add_petition(draft(slug="past", goal_kind=GoalKind.ORGANISER, goal_aim=40), NOW)
    bar = opened(client, "/p/past").all("progress")[0]
    assert (bar["value"], bar["max"], bar["aria-valuetext"]) == ("40", "40", "49 of 40")


def test_a_number_that_is_all_from_here_needs_no_provenance(client: FlaskClient, parts: Parts) -> None:
    parts.ledger.add_petition(draft(slug="fresh", carried_over=None), NOW)
    words = opened(client, "/p/fresh").words
    assert "0 supporters next goal 5" in words
    assert "signed here" not in words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": Status.CLOSED}, "This petition is closed"),
        ({"closes_at": datetime(2026, 1, 1, tzinfo=UTC)}, "This petition is closed"),
        ({"status": Status.DELIVERED}, "This petition has been delivered"),
    ],
)
def test_a_petition_that_takes_no_more_says_so_instead_of_asking(
    client: FlaskClient, parts: Parts, changes: dict[str, Any], said: str
) -> None:
    parts.ledger.add_petition(draft(slug="over", **changes), NOW)
    page = opened(client, "/p/over")
    assert said in page.words
    assert "49 supporters" in page.words
    assert "It has turned for three hundred years." in page.words
    assert page.all("form") == page.all("progress") == page.all("button") == []


def test_a_draft_is_nowhere(client: FlaskClient, parts: Parts) -> None:
    made = parts.ledger.add_petition(draft(slug="secret", status=Status.DRAFT), NOW)
    version = made.wordings[0].text_version
    for address in ("/p/secret", f"/p/secret/wording/{version}", "/embed/secret"):
        assert "Nothing is here" in opened(client, address, 404).words
    assert "/p/secret" not in client.get("/").get_data(as_text=True)


def test_an_old_number_says_how_old_it_is(client: FlaskClient, parts: Parts, app: Flask) -> None:
    assert "last read" not in opened(client, PAGE).words

    class Stopped:
        def read(self, petition_id: int) -> Tally:
            return replace(parts.ledger.tally(petition_id), as_of=NOW - timedelta(minutes=3))

    app.extensions["support_now"] = replace(parts, counter=Stopped(), clock=lambda: NOW)  # type: ignore[arg-type]
    assert "The number was last read on May 1, 2026 at 11:57 (UTC)." in opened(client, PAGE).words


def test_a_text_in_another_language_is_marked_as_such(client: FlaskClient, parts: Parts) -> None:
    hebrew = Wording("he", "הצילו את הטחנה", ("מועצת העיר",), "# הטחנה\n\nהיא סובבת שלוש מאות שנה.")
    parts.ledger.add_petition(draft(slug="mill-he", wording=hebrew), NOW)
    page = opened(client, "/p/mill-he")
    assert page.one("html")["lang"] == "en"  # a language that our own words do not speak
    assert (page.one("h1")["lang"], page.one("h1")["dir"]) == ("he", "rtl")
    assert page.all("div", **{"class": "prose", "lang": "he", "dir": "rtl"})


@pytest.mark.parametrize("slug", ["a%00b", "A", "x" * 81, "%F0%9F%98%80", "a--b", "%ff"])
def test_an_address_that_no_petition_can_have_asks_nothing_of_the_ledger(
    client: FlaskClient, app: Flask, parts: Parts, slug: str
) -> None:
    def load(slug: str) -> Petition:
        raise AssertionError(slug)

    app.extensions["support_now"] = replace(parts, catalogue=Catalogue(load, monotonic=time.monotonic))
    for address in (f"/p/{slug}", f"/embed/{slug}", f"/p/{slug}/wording/x"):
        assert "There is no petition at this address." in opened(client, address, 404).words


# Thanks


@pytest.mark.parametrize(
    ("signed", "said", "forms"),
    [
        ("counted", "Thank you You are one of 49.", []),
        ("check_email", "One more step", ["/p/save-the-mill/letter"]),
        ("sent_again", "another letter is on its way", ["/p/save-the-mill/letter"]),
    ],
)
def test_thanks_take_the_forms_place(client: FlaskClient, signed: str, said: str, forms: list[str]) -> None:
    response = client.get(f"{PAGE}?signed={signed}", headers=BROWSER)
    page = Page(response)
    assert said in page.words
    assert [form["action"] for form in page.all("form")] == forms
    assert response.headers["Cache-Control"] == "no-store"
    assert page.one("meta", name="robots")["content"] == "noindex"
    mail = next(a["href"] for a in page.all("a") if (a["href"] or "").startswith("mailto:"))
    assert mail == "mailto:?subject=Save%20the%20mill&body=https%3A%2F%2Four.example.org%2Fp%2Fsave-the-mill"


def test_whoever_signed_here_passes_on_where_they_came_from(client: FlaskClient, sam: Fields) -> None:
    answer = client.post(
        "/api/v1/petitions/save-the-mill/signatures",
        data={**sam, "source": "petra & co"},
        headers={"Accept": "text/html"},
    )
    page = Page(client.get(answer.headers["Location"], headers=BROWSER))
    inside = [str(a["href"]) for a in page.all("a")]
    ways = [href for href in inside if "source%3Dpetra%2520%2526%2520co" in href]
    assert [urlsplit(href).netloc for href in ways] == [
        *("", "x.com", "wa.me", "t.me", "www.facebook.com", "bsky.app")
    ]
    assert "https://our.example.org/p/save-the-mill?source=petra%20%26%20co" in inside


def test_an_unknown_thanks_is_the_form(client: FlaskClient) -> None:
    assert opened(client, f"{PAGE}?signed=<b>").one("form")


def test_sam_signs_without_javascript(client: FlaskClient, sam: Fields) -> None:
    page = opened(client, PAGE)
    hidden = {i["name"]: i["value"] for i in page.all("input", type="hidden")}
    answer = client.post(SIGN, data={**sam, **hidden}, headers=BROWSER)
    assert answer.status_code == 303
    thanks = opened(client, answer.headers["Location"].partition("#")[0])
    assert "You are one of 50." in thanks.words
    assert "50 supporters next goal 100" in thanks.words


def test_a_mistake_comes_back_with_all_that_was_typed(client: FlaskClient, sam: Fields) -> None:
    typed = {**sam, "given_name": 'Sam "S"', "email": "sam@", "updates": "true", "source": "letter"}
    del typed["family_name"]
    response = client.post(SIGN, data=typed, headers=BROWSER)
    page = Page(response)
    assert response.status_code == 422
    assert response.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert page.one("input", name="given_name")["value"] == 'Sam "S"'
    assert page.one("input", name="email")["value"] == "sam@"
    assert page.one("input", name="source")["value"] == "letter"
    assert "checked" in page.one("input", name="updates")
    assert "checked" not in page.one("input", name="show_name")
    assert [o["value"] for o in page.all("option") if "selected" in o] == ["AM"]
    assert page.one("div", **{"class": "summary"}).keys() >= {"tabindex", "autofocus"}
    for field in ("family_name", "email"):
        control = page.one("input", name=field)
        assert control["aria-invalid"] == "true"
        assert control["aria-describedby"] == f"{field}-error"
        assert page.one("p", id=f"{field}-error")
        assert page.one("a", href=f"#{field}")
    assert "aria-invalid" not in page.one("input", name="given_name")
    assert page.words.count("Please enter your last name.") == 2


def test_a_mistake_in_what_no_field_shows_is_said_too(client: FlaskClient, sam: Fields) -> None:
    page = Page(client.post(SIGN, data={**sam, "text_version": "0" * 32}, headers=BROWSER))
    assert "The text has changed since this page was opened." in page.words
    assert page.one("input", name="text_version")["value"] == MILL.wording.text_version


# Wordings


def test_every_wording_can_still_be_read(client: FlaskClient, parts: Parts) -> None:
    earlier = MILL.wording
    today = replace(earlier, text="It has turned for three hundred and one years.")
    parts.ledger.set_wording(parts.catalogue.petition("save-the-mill").id, today, NOW)
    parts.catalogue.forget("save-the-mill")
    before = opened(client, f"{PAGE}/wording/{earlier.text_version}").words
    assert "It has turned for three hundred years." in before
    assert "This is an earlier wording." in before
    now = opened(client, f"{PAGE}/wording/{today.text_version}").words
    assert "It has turned for three hundred and one years." in now
    assert "This is the current wording." in now
    assert opened(client, PAGE).one("a", href=f"{PAGE}/wording/{today.text_version}")


def test_a_text_is_read_and_signed_in_the_language_asked_for(
    client: FlaskClient, parts: Parts, sam: Fields
) -> None:
    """Even where the page's own words do not speak that language."""
    georgian = Wording("ka", "გადავარჩინოთ წისქვილი", ("ქალაქის საბჭო",), "ის სამასი წელია ბრუნავს.")
    parts.ledger.set_wording(parts.catalogue.petition("save-the-mill").id, georgian, NOW)
    parts.catalogue.forget("save-the-mill")
    assert "Save the mill" in opened(client, PAGE).words
    page = opened(client, f"{PAGE}?lang=ka-GE")
    assert georgian.title in page.words
    assert page.one("h1")["lang"] == "ka"
    assert page.one("html")["lang"] == "en"
    assert {link.get("hreflang") for link in page.all("link", rel="alternate")} - {None} == {"en", "ka"}
    hidden = {i["name"]: i["value"] for i in page.all("input", type="hidden")}
    assert hidden["text_version"] == georgian.text_version
    mistaken = Page(client.post(SIGN, data={**hidden, "email": "sam@"}, headers=BROWSER))
    assert georgian.title in mistaken.words
    assert mistaken.one("input", name="text_version")["value"] == georgian.text_version


@pytest.mark.parametrize("version", ["0" * 32, "x", "%00", "%F0%9F%98%80"])
def test_a_wording_that_never_was_is_not_found(client: FlaskClient, version: str) -> None:
    assert "The petition never had this wording." in opened(client, f"{PAGE}/wording/{version}", 404).words


# The front door


def test_the_front_door_lists_what_is_open(client: FlaskClient, parts: Parts) -> None:
    parts.ledger.add_petition(draft(slug="closed", status=Status.CLOSED), NOW)
    parts.ledger.add_petition(draft(slug="newest", carried_over=None), NOW)
    page = opened(client, "/")
    links = [a["href"] for a in page.all("a") if (a["href"] or "").startswith("/p/")]
    assert links == ["/p/newest", "/p/save-the-mill"]
    assert "49 supporters next goal 50" in page.words
    assert page.one("a", href="/demo")


def test_a_front_door_without_petitions_says_so(tmp_path: Path, sqlite_url: str) -> None:
    with served(tmp_path, sqlite_url) as client:
        assert "No petition is open at the moment." in opened(client, "/").words


def test_no_link_of_ours_leads_nowhere(client: FlaskClient) -> None:
    for address in ("/", PAGE, "/nowhere", f"{PAGE}?signed=counted"):
        for tag, attributes in opened(client, address, 404 if address == "/nowhere" else 200).elements:
            target = attributes.get("href") if tag in ("a", "link") else attributes.get("src")
            if target and target.startswith("/"):
                assert client.get(target, headers=BROWSER).status_code in (200, 302), target


# Caching


@pytest.mark.parametrize("address", ["/", PAGE, f"{PAGE}?source=x", f"{PAGE}?lang=en"])
def test_a_page_that_many_see_may_be_kept_for_a_moment(client: FlaskClient, address: str) -> None:
    first = client.get(address, headers=BROWSER)
    assert first.headers["Cache-Control"] == LIVE
    again = client.get(address, headers={**BROWSER, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_a_kept_page_never_hides_a_new_signature(client: FlaskClient, sam: Fields) -> None:
    first = client.get(PAGE, headers=BROWSER)
    client.post(SIGN, data=sam)
    again = client.get(PAGE, headers={**BROWSER, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert "50 supporters next goal 100" in Page(again).words


def test_a_kept_page_never_hides_that_a_petition_closed(client: FlaskClient, parts: Parts) -> None:
    assert opened(client, PAGE).one("form")
    parts.ledger.change(parts.catalogue.petition("save-the-mill").id, {"status": Status.CLOSED})
    parts.catalogue.forget("save-the-mill")
    assert opened(client, PAGE).all("form") == []


def test_the_front_door_differs_by_language_and_says_so(client: FlaskClient) -> None:
    assert "Accept-Language" in client.get("/", headers=BROWSER).headers["Vary"]


def test_style_and_icon_are_kept_for_a_year_under_an_address_of_their_content(client: FlaskClient) -> None:
    page = opened(client, PAGE)
    sheets = page.all("link", rel="stylesheet")
    assert len(sheets) == 1
    for link, kind in ((sheets[0], "text/css"), (page.one("link", rel="icon"), "image/svg+xml")):
        address = str(link["href"])
        answer = client.get(address)
        assert answer.mimetype == kind
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        version = address.split("/")[2]
        stale = client.get(address.replace(version, "0" * 12))
        assert stale.status_code == 200
        assert "immutable" not in stale.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["embed.js", "nothing.css", "..%2fconfig.py", "%2e%2e/config.py"])
def test_only_what_is_listed_is_an_asset(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/x/{name}").status_code == 404


def test_a_page_and_its_style_are_small_on_the_wire(client: FlaskClient) -> None:
    """The target is 30 KB for all of it, the text of the petition included."""
    packed = {**BROWSER, "Accept-Encoding": "gzip"}
    page = client.get(PAGE, headers=packed)
    sheet = opened(client, PAGE).one("link", rel="stylesheet")["href"]
    style = client.get(str(sheet), headers=packed)
    assert page.headers["Content-Encoding"] == style.headers["Content-Encoding"] == "gzip"
    assert len(page.data) + len(style.data) < 15_000


# The widget in a frame


@pytest.mark.parametrize(
    ("allowed", "framed_by"),
    [
        ((), "frame-ancestors *"),
        (
            ("https://petra.example.org", "https://www.example.org"),
            "frame-ancestors https://petra.example.org https://www.example.org",
        ),
    ],
)
def test_the_frame_is_for_the_sites_that_are_allowed(
    client: FlaskClient, parts: Parts, allowed: tuple[str, ...], framed_by: str
) -> None:
    parts.ledger.add_petition(draft(slug="framed", allowed_origins=allowed), NOW)
    response = client.get("/embed/framed", headers=BROWSER)
    assert framed_by in response.headers["Content-Security-Policy"]
    assert "'none'" in response.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in response.headers
    page = Page(response)
    assert page.one("support-now")["petition"] == "framed"
    assert page.one("form")["target"] == "_blank"
    assert "/embed.js" in {script["src"] for script in page.all("script")}


def test_only_the_widget_may_be_framed(client: FlaskClient) -> None:
    for address in ("/", PAGE, "/demo", "/nowhere"):
        policy = client.get(address, headers=BROWSER).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy


# The partner's page


def two_origins(demo: str = "http://127.0.0.1:8000") -> Mapping[str, str]:
    return {"PUBLIC_URL": "http://localhost:8000", "DEMO_URL": demo}


def test_the_partners_page_is_shown_from_another_origin(tmp_path: Path, sqlite_url: str) -> None:
    with served(tmp_path, sqlite_url, **two_origins()) as client:
        made: Parts = client.application.extensions["support_now"]
        made.ledger.add_petition(MILL, NOW)
        sent = client.get("/demo", base_url="http://localhost:8000", headers=BROWSER)
        assert (sent.status_code, sent.headers["Location"]) == (302, "http://127.0.0.1:8000/demo")
        response = client.get("/demo", base_url="http://127.0.0.1:8000", headers=BROWSER)
        page = Page(response)
        widget = page.one("support-now")
        assert (widget["petition"], widget["height"]) == ("save-the-mill", "446")
        assert widget["style"] == "display:block;min-height:446px"
        assert page.one("script") == {"async": None, "src": "http://localhost:8000/embed.js"}
        assert page.all("a", href="http://localhost:8000/p/save-the-mill")
        policy = response.headers["Content-Security-Policy"]
        assert "script-src http://localhost:8000; connect-src http://localhost:8000;" in policy
        assert "share one origin" not in page.words


def test_one_origin_for_both_is_said(tmp_path: Path, sqlite_url: str) -> None:
    with served(tmp_path, sqlite_url, **two_origins("http://localhost:8000")) as client:
        made: Parts = client.application.extensions["support_now"]
        made.ledger.add_petition(MILL, NOW)
        response = client.get("/demo", base_url="http://localhost:8000", headers=BROWSER)
        assert response.status_code == 200
        assert "share one origin" in Page(response).words


def test_the_sample_is_shown_before_newer_petitions(client: FlaskClient, parts: Parts) -> None:
    parts.ledger.add_petition(draft(slug="stop-bloodshed-in-artsakh"), NOW)
    parts.ledger.add_petition(draft(slug="newer"), NOW)
    assert opened(client, "/demo").one("support-now")["petition"] == "stop-bloodshed-in-artsakh"


def test_a_partners_page_without_a_petition_is_not_found(tmp_path: Path, sqlite_url: str) -> None:
    with served(tmp_path, sqlite_url, PUBLIC_URL="https://our.example.org") as client:
        assert client.get("/demo", headers=BROWSER).status_code == 404


# When something is refused


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "malformed_body", "That did not work"),
        (403, "origin_not_allowed", "This is not allowed"),
        (404, "petition_not_found", "Nothing is here"),
        (405, "method_not_allowed", "That did not work"),
        (410, "petition_closed", "This petition is closed"),
        (413, "body_too_large", "That was too much"),
        (429, "too_many_requests", "A little slower, please"),
        (500, "internal_error", "Something went wrong on our side"),
        (503, "ledger_unavailable", "We cannot answer right now"),
    ],
)
def test_a_refusal_says_what_to_do_next(app: Flask, status: int, code: str, said: str) -> None:
    with app.test_request_context("/"):
        response = pages.error_page(status, code, "<why>", lang="en")
    body = response.get_data(as_text=True)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    assert said in body
    assert "&lt;why&gt;" in body
    assert 'class="next"' in body
    assert 'href="/"' in body


def test_a_page_for_a_person_and_json_for_a_program(client: FlaskClient) -> None:
    assert client.get("/nowhere", headers=BROWSER).mimetype == "text/html"
    assert client.post(PAGE, headers=BROWSER).status_code == 405


def test_signing_a_closed_petition_is_answered_by_a_page(
    client: FlaskClient, parts: Parts, sam: Fields
) -> None:
    parts.ledger.add_petition(draft(slug="over", status=Status.CLOSED), NOW)
    response = client.post("/api/v1/petitions/over/signatures", data=sam, headers=BROWSER)
    assert response.status_code == 410
    assert "This petition is closed" in Page(response).words


def test_confirmation_by_mail_leads_to_one_more_step(client: FlaskClient, parts: Parts, sam: Fields) -> None:
    parts.ledger.add_petition(draft(slug="mail", confirmation=Confirmation.EMAIL), NOW)
    response = client.post("/api/v1/petitions/mail/signatures", data=sam, headers=BROWSER)
    assert response.status_code == 303
    page = opened(client, response.headers["Location"].partition("#")[0])
    assert "One more step" in page.words
    assert "49 supporters" in page.words


def test_paper_and_earlier_pages_are_told_apart(client: FlaskClient, parts: Parts) -> None:
    parts.ledger.add_petition(draft(slug="many", carried_over=CarriedOver(1_500, "x")), NOW)
    assert "1,500 carried over from an earlier page 0 signed here" in opened(client, "/p/many").words


def test_robots_are_told_what_is_not_for_them(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert re.search(r"^Disallow: /api/$", answer.get_data(as_text=True), re.MULTILINE)
