"""The JSON for the embed: shapes, answers, caching and CORS exactly as the contract says."""

import gzip
import json
from dataclasses import replace
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient

from tests.petitions import MILL, NOW, draft
from widget import i18n
from widget.domain.countries import COUNTRIES
from widget.domain.editing import aim
from widget.domain.goal import GoalKind
from widget.domain.petition import Confirmation, Status, Wording
from widget.parts import Parts
from widget.web.schemas import SignedAnswer

WIDGET = "/api/v1/petitions/save-the-mill/widget"
PROGRESS = "/api/v1/petitions/save-the-mill/progress"
SIGN = "/api/v1/petitions/save-the-mill/signatures"


def test_the_widget_gets_all_it_needs_in_one_answer(client: FlaskClient) -> None:
    answer = client.get(WIDGET)
    content = answer.get_json()
    assert answer.status_code == 200
    assert content["petition"] == {
        "slug": "save-the-mill",
        "title": "Save the mill",
        "addressed_to": ["the town council"],
        "started_by": "Anahit",
        "summary": "It has turned for three hundred years.",
        "url": "https://our.example.org/p/save-the-mill",
        "status": "open",
        "text_version": MILL.wording.text_version,
        "confirmation": "none",
        "lang": "en",
        "dir": "ltr",
    }
    assert content["form"][0] == {
        "name": "given_name",
        "type": "text",
        "required": True,
        "label": "First name",
        "autocomplete": "given-name",
        "maxlength": 100,
    }
    assert content["sign_url"] == "https://our.example.org" + SIGN
    assert (content["lang"], content["dir"], content["messages"]) == ("en", "ltr", i18n.embed_messages("en"))


def test_the_form_names_the_countries_it_takes(client: FlaskClient) -> None:
    fields = client.get("/api/v1/petitions/save-the-mill/widget").get_json()["form"]
    told = {field["name"]: field.get("options") for field in fields}
    codes = told.pop("country")
    assert {codes[at : at + 2] for at in range(0, len(codes), 2)} == COUNTRIES
    assert set(told.values()) == {None}


def test_the_summary_is_as_long_as_there_is_room_for(client: FlaskClient, parts: Parts) -> None:
    sentence = "The mill has turned for three hundred years and feeds the valley."
    for sentences, cut in ((4, False), (6, True)):
        text = " ".join([sentence] * sentences)
        wording = replace(MILL.wording, text=text)
        parts.ledger.add_petition(draft(slug=f"long-{sentences}", wording=wording), NOW)
        told = client.get(f"/api/v1/petitions/long-{sentences}/widget").get_json()["petition"]["summary"]
        assert (told == text) is not cut
        assert told.endswith("…") is cut
        assert len(told) <= 320


def test_progress_alone_is_the_widgets_progress(client: FlaskClient) -> None:
    alone, whole = client.get(PROGRESS).get_json(), client.get(WIDGET).get_json()["progress"]
    assert alone.keys() == whole.keys()
    assert {k: v for k, v in alone.items() if k != "as_of"} == {
        "count": 49,
        "goal": 50,
        "ratio": 0.98,
        "goal_kind": "ladder",
        "of_which": {"here": 0, "carried_over": 49, "paper": 0},
    }
    assert alone["as_of"].endswith("+00:00")


@pytest.mark.parametrize("as_json", [True, False])
def test_signing_moves_the_number(client: FlaskClient, sam: dict[str, str], as_json: bool) -> None:
    answer = client.post(SIGN, json=sam) if as_json else client.post(SIGN, data=sam)
    content = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert content["status"] == "counted"
    assert (content["progress"]["count"], content["progress"]["goal"]) == (50, 100)
    assert client.get(PROGRESS).get_json()["count"] == 50
    assert client.get(WIDGET).get_json()["progress"]["count"] == 50


def test_a_repeat_is_answered_like_the_first(client: FlaskClient, sam: dict[str, str]) -> None:
    first, again = client.post(SIGN, data=sam), client.post(SIGN, data=sam | {"given_name": "Sammy"})
    assert first.status_code == again.status_code
    assert set(first.headers.keys()) == set(again.headers.keys())
    assert _without_time(first.get_json()) == _without_time(again.get_json())


def test_an_address_to_confirm_is_answered_202(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    parts.ledger.add_petition(draft(slug="by-mail", confirmation=Confirmation.EMAIL), NOW)
    answer = client.post("/api/v1/petitions/by-mail/signatures", data=sam)
    assert answer.status_code == 202
    assert answer.get_json()["status"] == "check_email"
    assert answer.get_json()["progress"]["count"] == 49


def test_a_dry_run_says_so_and_stores_nothing(client: FlaskClient, sam: dict[str, str]) -> None:
    answer = client.post(SIGN, data=sam | {"test": "1"})
    assert answer.status_code == 201
    assert answer.get_json()["test"] is True
    assert client.get(PROGRESS).get_json()["count"] == 49
    assert client.post(SIGN, data={"test": "1"}).status_code == 422


def test_a_form_without_script_is_led_to_a_page(client: FlaskClient, sam: dict[str, str]) -> None:
    answer = client.post(SIGN, data=sam, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"].partition("#")[0])
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "50" in page.text


def test_a_form_without_script_keeps_what_was_typed(client: FlaskClient, sam: dict[str, str]) -> None:
    typed = sam | {"email": "not an address", "given_name": 'Sam "the" <b>'}
    answer = client.post(SIGN, data=typed, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert 'value="not an address"' in answer.text
    assert "<b>" not in answer.text.replace("<b>49", "")


def test_an_unchanged_number_is_a_304_and_a_changed_one_is_not(
    client: FlaskClient, sam: dict[str, str]
) -> None:
    for address in (PROGRESS, WIDGET):
        tag = client.get(address).headers["ETag"]
        for sent in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
            again = client.get(address, headers={"If-None-Match": sent})
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == tag
            assert again.headers["Access-Control-Allow-Origin"] == "*"
        assert client.get(address, headers={"If-None-Match": tag + "0"}).status_code == 200
    tag = client.get(PROGRESS).headers["ETag"]
    client.post(SIGN, data=sam)
    assert client.get(PROGRESS, headers={"If-None-Match": tag}).status_code == 200


def test_closing_a_petition_changes_the_widgets_tag(client: FlaskClient, parts: Parts) -> None:
    before = client.get(WIDGET)
    petition = parts.catalogue.petition("save-the-mill")
    parts.ledger.change(petition.id, {"status": Status.CLOSED})
    parts.catalogue.forget("save-the-mill")
    after = client.get(WIDGET, headers={"If-None-Match": before.headers["ETag"]})
    assert after.get_json()["petition"]["status"] == "closed"


def test_the_text_comes_in_the_language_asked_for_and_the_words_in_one_that_there_is(
    client: FlaskClient, parts: Parts
) -> None:
    arabic = Wording("ar", "أنقذوا الطاحونة", ("مجلس المدينة",), "دارت ثلاثمئة عام.")
    other = Wording("hyw", "Փրկենք ջրաղացը", ("խորհուրդ",), "Կը դառնայ։")
    made = parts.catalogue.petition("save-the-mill")
    tags = {client.get(WIDGET).headers["ETag"]}
    for wording in (arabic, other):
        parts.ledger.set_wording(made.id, wording, NOW)
    parts.catalogue.forget("save-the-mill")
    for asked, wording, dir_ in (
        ("ar", arabic, "rtl"),
        ("hyw", other, "ltr"),
        ("en", MILL.wording, "ltr"),
        ("xx", MILL.wording, "ltr"),
    ):
        answer = client.get(WIDGET, query_string={"lang": asked})
        content = answer.get_json()
        assert content["petition"]["title"] == wording.title, asked
        assert content["petition"]["addressed_to"] == list(wording.addressed_to)
        assert content["petition"]["text_version"] == wording.text_version
        assert (content["petition"]["lang"], content["petition"]["dir"]) == (wording.lang, dir_)
        assert content["lang"] == i18n.choose(asked, "en")
        assert content["progress"]["count"] == 49
        tags.add(answer.headers["ETag"])
    assert len(tags) == 3  # "en" and "xx" are the same answer, and the same as before there were others


def test_a_new_goal_is_a_new_answer_even_where_it_is_heard_of_late(client: FlaskClient, parts: Parts) -> None:
    """The tally's version may be here before the goal that made it: the tag then tells the two apart."""
    made = parts.catalogue.petition("save-the-mill")
    parts.ledger.change(made.id, aim(GoalKind.ORGANISER, 80))
    parts.counter.publish(made.id, parts.ledger.tally(made.id))
    between = client.get(PROGRESS)
    assert between.get_json()["goal"] == 50
    parts.catalogue.forget("save-the-mill")
    after = client.get(PROGRESS, headers={"If-None-Match": between.headers["ETag"]})
    assert (after.get_json()["goal"], after.get_json()["goal_kind"]) == (80, "organiser")


@pytest.mark.parametrize("more", [{}, {"test": "true"}])
def test_a_signers_answer_is_written_as_its_schema_would(
    client: FlaskClient, sam: dict[str, str], more: dict[str, str]
) -> None:
    answer = client.post(SIGN, json=sam | more)
    schema = SignedAnswer()  # refuses what it does not know and misses what is not there
    by_schema = schema.dump(schema.load(answer.get_json()))
    assert answer.get_data(as_text=True) == json.dumps(by_schema, separators=(",", ":"))
    assert ("test" in by_schema) is bool(more)


def test_the_organisers_page_for_signers_is_told_when_there_is_one(client: FlaskClient, parts: Parts) -> None:
    before = client.get(WIDGET)
    assert "thanks_url" not in before.get_json()["petition"]
    parts.ledger.change(
        parts.catalogue.petition("save-the-mill").id, {"thanks_url": "https://anahit.example.org/next"}
    )
    parts.catalogue.forget("save-the-mill")
    after = client.get(WIDGET, headers={"If-None-Match": before.headers["ETag"]})
    assert after.get_json()["petition"]["thanks_url"] == "https://anahit.example.org/next"


@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_longer_answer_is_packed_as_the_reader_takes_it(
    client: FlaskClient, coding: str, unpack: Any
) -> None:
    plain = client.get(WIDGET)
    packed = client.get(WIDGET, headers={"Accept-Encoding": coding})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == coding
    assert json.loads(unpack(packed.data)) == plain.get_json()
    for answer in (plain, packed):
        assert answer.headers["Vary"] == "Accept-Encoding"
    refused = client.get(WIDGET, headers={"Accept-Encoding": f"{coding};q=0"})
    assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize("address", [WIDGET, PROGRESS, "/api/v1/openapi.json", "/embed.js"])
@pytest.mark.parametrize("origin", [None, "https://petra.example.org", "null"])
def test_every_origin_may_read_and_no_cache_need_tell_them_apart(
    client: FlaskClient, address: str, origin: str | None
) -> None:
    answer = client.get(address, headers={"Origin": origin} if origin else {})
    headers = answer.headers
    assert answer.status_code == 200
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert {"ETag", "Retry-After"} == set(headers["Access-Control-Expose-Headers"].split(", "))
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"].startswith("public, max-age=")
    assert headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Set-Cookie" not in headers


def test_a_json_signature_passes_its_preflight(client: FlaskClient) -> None:
    answer = client.options(
        SIGN,
        headers={
            "Origin": "https://petra.example.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"].lower() == "content-type"


def test_refusals_can_be_read_across_origins_too(client: FlaskClient) -> None:
    answer = client.post(SIGN, data={"email": ""}, headers={"Origin": "https://petra.example.org"})
    assert answer.status_code == 422
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_service_says_what_it_can_reach(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (
        200,
        {"ledger": "ok", "redis": "not configured", "rate_limits": "on"},
    )
    assert ready.headers["Cache-Control"] == "no-store"


def _without_time(content: dict[str, Any]) -> dict[str, Any]:
    progress = {k: v for k, v in content["progress"].items() if k != "as_of"}
    return content | {"progress": progress}
