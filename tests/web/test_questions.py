"""Sam answers what Anahit asks of her own; what else he sends, and what Mallory sends, goes nowhere."""

import csv
import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.questions import AGE, ALL, ANSWERED, BRANCH, HELP, SIZE, STORY, ask
from widget import exporting, tokens
from widget.domain.question import Question
from widget.domain.signature import Signature
from widget.i18n import CATALOGUES
from widget.parts import Parts
from widget.tokens import Purpose

SIGN = "/api/v1/petitions/save-the-mill/signatures"
WIDGET = "/api/v1/petitions/save-the-mill/widget"
HTML = {"Accept": "text/html"}


def sign(client: FlaskClient, sam: dict[str, str], **answers: Any) -> TestResponse:
    return client.post(SIGN, json={**sam, **answers})


def signed(parts: Parts) -> Signature:
    found = parts.ledger.signature(parts.ledger.petition("save-the-mill").id, "sam@example.org")
    assert found is not None
    return found


def errors(answer: TestResponse) -> dict[str, list[str]]:
    assert answer.status_code == 422, answer.text
    found: dict[str, list[str]] = answer.get_json()["errors"]
    return found


# What the widget is told


def test_the_widget_is_told_of_them_between_the_fields_and_the_consents(
    client: FlaskClient, parts: Parts
) -> None:
    ask(parts, *ALL)
    form = client.get(f"{WIDGET}?lang=hy").get_json()["form"]
    assert [field["name"] for field in form] == [
        *("given_name", "family_name", "email", "country", "postal_code"),
        *("own_branch", "own_story", "own_age", "own_help", "own_size"),
        *("show_name", "updates"),
    ]
    assert form[5] == {
        "name": "own_branch",
        "type": "text",
        "required": True,
        "label": "Which <branch> are you in?",
        "lang": "en",  # the petition has no Armenian text
        "maxlength": 20,
    }
    assert form[9] == {
        "name": "own_size",
        "type": "choice",
        "required": False,
        "label": "Shirt",
        "lang": "en",
        "options": ["Small", "=Large"],
    }


def test_they_are_asked_in_the_language_of_the_text(client: FlaskClient, parts: Parts) -> None:
    ask(parts, *ALL)
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.set_wording(mill.id, _in("hy", mill.wordings[0]), parts.clock())
    parts.catalogue.forget(mill.slug)
    form = {field["name"]: field for field in client.get(f"{WIDGET}?lang=hy").get_json()["form"]}
    assert (form["own_size"]["label"], form["own_size"]["options"]) == ("Վերնաշապիկ", ["Փոքր", "Մեծ"])
    # Where nobody wrote it in that language, in the petition's own, and it says so.
    assert (form["own_story"]["label"], form["own_story"]["lang"]) == ("Your story", "en")


def _in(lang: str, wording: Any) -> Any:
    from dataclasses import replace

    return replace(wording, lang=lang)


def test_a_form_without_any_is_what_it_was(client: FlaskClient) -> None:
    form = client.get(WIDGET).get_json()["form"]
    assert not any("lang" in field or field["name"].startswith("own") for field in form)


def test_the_description_knows_them(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    body = document["paths"]["/api/v1/petitions/{slug}/signatures"]["post"]["requestBody"]["content"]
    schema = body["application/json"]["schema"]
    (pattern,) = schema["patternProperties"]
    assert all(re.search(pattern, one.name) for one in ALL)
    assert not any(re.search(pattern, name) for name in schema["properties"])
    field = document["components"]["schemas"]["FieldAnswer"]["properties"]
    assert "choice" in field["type"]["enum"]
    assert {"type": "array", "items": {"type": "string"}} in field["options"]["oneOf"]


# What is stored


@pytest.mark.parametrize("form", [True, False], ids=["form", "json"])
def test_the_answers_are_stored_and_nothing_that_was_not_asked(
    client: FlaskClient, parts: Parts, sam: dict[str, str], *, form: bool
) -> None:
    ask(parts, *ALL)
    sent = {
        **sam,
        **ANSWERED,
        "own_story": " Once\r\nupon ",
        "own_help": "",
        "own_other": "x",
        "answers": "{}",
    }
    answer = client.post(SIGN, data=sent) if form else client.post(SIGN, json=sent)
    assert answer.status_code == 201, answer.text
    assert signed(parts).answers == {
        "own_branch": "North",
        "own_story": "Once\nupon",
        "own_age": True,
        "own_size": "Small",
    }


def test_nothing_answered_is_nothing_stored(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    ask(parts, STORY, HELP, SIZE)
    assert sign(client, sam, own_story="  ", own_help=False, own_size="").status_code == 201
    assert signed(parts).answers is None


def test_signing_again_answers_the_same_and_overwrites_nothing(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    ask(parts, BRANCH)
    first = sign(client, sam, own_branch="North")
    again = sign(client, sam, own_branch="South", given_name="Mallory")
    assert (again.status_code, again.get_json()["status"]) == (first.status_code, first.get_json()["status"])
    assert (signed(parts).answers, signed(parts).given_name) == ({"own_branch": "North"}, "Sam")


def test_an_option_is_known_in_every_language_and_spelling(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    """A script of an older version shows a line to type in."""
    ask(parts, SIZE)
    assert sign(client, sam, own_size="  մԵԾ ", lang="hy").status_code == 201
    assert signed(parts).answers == {"own_size": "=Large"}


def test_a_page_that_was_opened_before_a_question_went_still_signs(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    ask(parts, STORY, Question("own_branch", "text", required=True, labels=BRANCH.labels, removed=True))
    assert sign(client, sam, own_branch="North" * 500, own_story="Mine").status_code == 201
    assert signed(parts).answers == {"own_story": "Mine"}


# What is refused


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"own_branch": None}, "own_branch", "Please answer this: Which <branch> are you in?"),
        ({"own_branch": ""}, "own_branch", "Please answer this: Which <branch> are you in?"),
        ({"own_branch": " \u200d "}, "own_branch", "Please answer this: Which <branch> are you in?"),
        ({"own_branch": "x" * 21}, "own_branch", "Please use at most 20 characters."),
        ({"own_branch": "two\nlines"}, "own_branch", "Some characters in this cannot be shown."),
        ({"own_branch": "\u202eright"}, "own_branch", "Some characters in this cannot be shown."),
        ({"own_branch": {"a": 1}}, "own_branch", "This is expected to be a text."),
        ({"own_branch": 7}, "own_branch", "This is expected to be a text."),
        ({"own_story": "x" * 501}, "own_story", "Please use at most 500 characters."),
        ({"own_age": "false"}, "own_age", "Please tick this box: I am over 16"),
        ({"own_age": None}, "own_age", "Please tick this box: I am over 16"),
        ({"own_age": "perhaps"}, "own_age", "This is expected to be a yes or a no."),
        ({"own_help": "x"}, "own_help", "This is expected to be a yes or a no."),
        ({"own_size": "Huge"}, "own_size", "Please choose one of these: Small or =Large."),
        ({"own_size": "x" * 101}, "own_size", "Please use at most 100 characters."),
        ({"own_size": ["Small"]}, "own_size", "This is expected to be a text."),
    ],
)
def test_an_answer_that_cannot_be_is_named(
    client: FlaskClient, parts: Parts, sam: dict[str, str], sent: dict[str, Any], field: str, said: str
) -> None:
    ask(parts, *ALL)
    found = errors(sign(client, sam, **{**ANSWERED, **sent}))
    assert list(found) == [field]
    assert found[field][0].startswith(said)
    mill = parts.ledger.petition("save-the-mill")
    assert parts.ledger.signature(mill.id, "sam@example.org") is None


def test_a_page_that_was_opened_before_a_question_came_is_told_which(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    ask(parts, BRANCH, AGE)
    assert errors(sign(client, sam)) == {
        "own_branch": ["Please answer this: Which <branch> are you in?"],
        "own_age": ["Please tick this box: I am over 16"],
    }


@pytest.mark.parametrize("lang", sorted(path.stem for path in CATALOGUES.glob("*.json")))
def test_it_is_said_in_every_language_with_the_words_of_the_question(
    client: FlaskClient, parts: Parts, sam: dict[str, str], lang: str
) -> None:
    ask(parts, BRANCH, AGE, SIZE)
    found = errors(sign(client, sam, lang=lang, own_size="Huge"))
    branch = dict(BRANCH.labels).get(lang, "Which <branch> are you in?")
    assert branch in found["own_branch"][0]
    assert dict(AGE.labels).get(lang, "I am over 16") in found["own_age"][0]
    assert dict(SIZE.options[0]).get(lang, "Small") in found["own_size"][0]


def test_64_kibibytes_of_answers_are_too_much(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    ask(parts, STORY)
    assert sign(client, sam, own_story="x" * 65_536).status_code == 413


def test_a_dry_run_checks_the_answers_and_stores_none(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    ask(parts, SIZE)
    assert errors(sign(client, sam, own_size="Huge", test="1"))
    assert sign(client, sam, own_size="Small", test="1").get_json()["test"] is True
    assert parts.ledger.tally(parts.ledger.petition("save-the-mill").id).here == 0


# Without a script


def test_the_plain_form_asks_and_keeps_what_was_typed(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    ask(parts, *ALL)
    for address in ("/p/save-the-mill", "/embed/save-the-mill"):
        page = client.get(address).text
        assert "Which &lt;branch&gt; are you in?" in page
        assert "<branch>" not in page
        assert '<option value="Small">Small</option>' in page
        assert 'type="checkbox" value="true" id="own_age" name="own_age" required' in page
    sent = {
        **sam,
        "own_branch": "x" * 21,
        "own_story": "<b>Mine</b>",
        "own_age": "true",
        "own_size": "=large",
    }
    again = client.post(SIGN, data=sent, headers=HTML)
    assert again.status_code == 422
    assert "&lt;b&gt;Mine&lt;/b&gt;</textarea>" in again.text
    assert '<option value="=Large" selected>' in again.text
    assert re.search(r'name="own_age" required checked', again.text)
    assert '<a href="#own_branch">Please use at most 20 characters.</a>' in again.text
    assert client.post(SIGN, data={**sent, "own_branch": "North"}, headers=HTML).status_code == 303
    assert signed(parts).answers == {
        "own_branch": "North",
        "own_story": "<b>Mine</b>",
        "own_age": True,
        "own_size": "=Large",
    }


def test_words_that_run_the_other_way_are_marked(client: FlaskClient, parts: Parts) -> None:
    ask(parts, BRANCH)
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.set_wording(mill.id, _in("ar", mill.wordings[0]), parts.clock())
    parts.catalogue.forget(mill.slug)
    assert (
        '<bdi lang="ar" dir="rtl">في أي &lt;فرع&gt; أنت؟</bdi>' in client.get("/p/save-the-mill?lang=ar").text
    )
    assert '<bdi lang="en" dir="ltr">Which' in client.get("/p/save-the-mill").text


def test_the_privacy_notice_names_what_is_asked(client: FlaskClient, parts: Parts) -> None:
    assert "This petition also asks" not in client.get("/p/save-the-mill").text
    ask(parts, BRANCH, SIZE, Question("own_old", "text", labels=(("en", "Long ago"),), removed=True))
    notice = client.get("/p/save-the-mill").text.partition('id="privacy"')[2]
    assert "This petition also asks: <q>" in notice
    assert "Which &lt;branch&gt; are you in?" in notice
    assert "Shirt" in notice
    assert "Long ago" not in notice


# Who sees them


def test_sam_finds_his_answers_on_his_own_page_and_in_his_file(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    ask(parts, *ALL)
    sign(client, sam, **ANSWERED)
    ask(parts, Question("own_branch", "text", labels=BRANCH.labels, removed=True), AGE, SIZE)
    link = f"/signature/{tokens.make(parts.settings.secret_key, Purpose.OWN_PAGE, signed(parts).link)}"
    page = client.get(link).text
    assert "Which &lt;branch&gt; are you in?</bdi></dt><dd><bdi>North</bdi>" in page
    assert "I am over 16</bdi></dt><dd><bdi>yes</bdi>" in page
    assert client.get(f"{link}/download").get_json()["answers"] == [
        {"name": "own_branch", "question": "Which <branch> are you in?", "answer": "North"},
        {"name": "own_age", "question": "I am over 16", "answer": True},
        {"name": "own_size", "question": "Shirt", "answer": "Small"},
    ]


def test_nothing_of_them_is_public(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    ask(parts, BRANCH)
    parts.ledger.change(parts.ledger.petition("save-the-mill").id, {"public_signers": True})
    parts.catalogue.forget("save-the-mill")
    sign(client, sam, own_branch="Northernmost", show_name="true")
    for path in ("/", "/p/save-the-mill", "/p/save-the-mill/signers", "/p/save-the-mill/audit", WIDGET):
        assert "Northernmost" not in client.get(path).text, path


def test_they_are_columns_of_the_table_safe_to_open(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    ask(parts, *ALL)
    sign(client, sam, **ANSWERED | {"own_size": "=large", "own_branch": "@SUM(1)"})
    ask(parts, Question("own_branch", "text", labels=BRANCH.labels, removed=True), AGE, SIZE)
    mill = parts.ledger.petition("save-the-mill")
    table = b"".join(some for _, some in exporting.export(mill, ledger=parts.ledger)).decode()
    [line] = csv.DictReader(io.StringIO(table, newline=""))
    assert list(line)[-3:] == ["own_branch", "own_age", "own_size"]
    assert (line["own_branch"], line["own_age"], line["own_size"]) == ("'@SUM(1)", "yes", "'=Large")


def test_the_answers_never_stand_in_a_letter(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    ask(parts, BRANCH)
    sign(client, sam, own_branch="Northernmost")
    shown = json.dumps([client.get(path).text for path in ("/dev/mailbox", "/dev/mailbox/1")])
    assert "Northernmost" not in shown
