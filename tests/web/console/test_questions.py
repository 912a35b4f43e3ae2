"""Anahit asks something of her own at her desk."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.organisers import Desk, enrol, signed_in
from tests.petitions import signature
from tests.questions import ALL, BRANCH, SIZE, STORY, ask
from widget.domain.editing import questions_version, settings_version
from widget.domain.organiser import Role
from widget.domain.question import Question
from widget.domain.refusals import EditedMeanwhile
from widget.parts import Parts
from widget.store.ledger import Ledger

EDITING = "/manage/petitions/save-the-mill/editing"
PLACE = f"{EDITING}/questions"
WIDGET = "/api/v1/petitions/save-the-mill/widget"


@pytest.fixture
def in_two_languages(parts: Parts) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.set_wording(mill.id, replace(mill.wordings[0], lang="hy"), parts.clock())


def sent(parts: Parts, **fields: Any) -> dict[str, Any]:
    version = questions_version(parts.ledger.petition("save-the-mill"))
    return {"label_0": "Your shirt?", "questions_version": version, **fields}


def questions(parts: Parts) -> tuple[Question, ...]:
    return parts.ledger.petition("save-the-mill").questions


def names(parts: Parts) -> list[str]:
    return [one.name for one in questions(parts) if not one.removed]


@pytest.mark.usefixtures("in_two_languages")
def test_one_of_each_type_is_asked(anahit_signed_in: Desk, parts: Parts) -> None:
    page = anahit_signed_in.get(PLACE).text
    for kind in ("text", "textarea", "checkbox", "choice"):
        assert f'href="{PLACE}/new/{kind}"' in page
        shown = anahit_signed_in.get(f"{PLACE}/new/{kind}").text
        assert "in Armenian" in shown
        more = {"options_0": "Small\n\n Large ", "options_1": "Փոքր\nՄեծ"} if kind == "choice" else {}
        given = sent(parts, label_0=f"{kind}?", label_1="Ի՞նչ", **more)
        answer = anahit_signed_in.send(f"{PLACE}/new/{kind}", given)
        assert (answer.status_code, answer.location) == (303, PLACE), answer.text
    assert names(parts) == ["own_text", "own_textarea", "own_checkbox", "own_choice"]
    assert [one.maxlength for one in questions(parts)] == [100, 500, None, None]
    assert questions(parts)[3].options == (
        (("en", "Small"), ("hy", "Փոքր")),
        (("en", "Large"), ("hy", "Մեծ")),
    )
    form = anahit_signed_in.get(WIDGET).get_json()["form"]
    assert [field["name"] for field in form if field["name"].startswith("own")] == names(parts)
    assert "Asked 8" not in page


def test_words_are_mended_and_the_name_stays(anahit_signed_in: Desk, parts: Parts) -> None:
    ask(parts, *ALL)
    shown = anahit_signed_in.get(f"{PLACE}/own_size").text
    assert "Small\n=Large</textarea>" in shown
    given = sent(parts, options_0="Small\n=Large\nHuge", required="y")
    assert anahit_signed_in.send(f"{PLACE}/own_size", given).status_code == 303
    size = questions(parts)[-1]
    assert (size.name, size.labels, size.required) == ("own_size", (("en", "Your shirt?"),), True)
    assert [option[0][1] for option in size.options] == ["Small", "=Large", "Huge"]


def test_they_move_go_and_come_back(anahit_signed_in: Desk, parts: Parts) -> None:
    ask(parts, BRANCH, STORY, SIZE)
    anahit_signed_in.send(f"{PLACE}/own_size/move", {"to": "earlier"})
    assert names(parts) == ["own_branch", "own_size", "own_story"]
    anahit_signed_in.send(f"{PLACE}/own_branch/move", {"to": "later"})
    assert names(parts) == ["own_size", "own_branch", "own_story"]
    assert anahit_signed_in.send(f"{PLACE}/own_branch/move", {"to": "away"}).status_code == 400
    anahit_signed_in.send(f"{PLACE}/own_size/remove", {})
    assert names(parts) == ["own_branch", "own_story"]
    page = anahit_signed_in.get(PLACE).text
    assert "No longer asked" in page
    assert "It is asked no more. What was answered stays" in page
    anahit_signed_in.send(f"{PLACE}/own_size/restore", {})
    assert names(parts) == ["own_branch", "own_story", "own_size"]


@pytest.mark.usefixtures("in_two_languages")
@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("text", {"label_0": " "}, "Write what is asked."),
        ("text", {"label_0": "x" * 201}, "Take at most 200 characters."),
        ("text", {"label_0": "turn\u202ed"}, "Something in it cannot be read"),
        ("text", {"maxlength": "301"}, "An answer has 1 to 300 characters at most."),
        ("text", {"maxlength": "0"}, "An answer has 1 to 300 characters at most."),
        ("text", {"maxlength": "many"}, "Not a valid integer value."),
        ("choice", {"options_0": ""}, "Write two options or more"),
        ("choice", {"options_0": "One"}, "A list has 2 to 30 options, one a line; this one has 1."),
        ("choice", {"options_0": "One\none"}, "means two options"),
        ("choice", {"options_0": "A\nB", "options_1": "Ա\nԲ\nԳ"}, "there are 2 options in en and 3 in hy"),
        ("choice", {"options_0": "A\n" + "x" * 101}, "An option is longer than 100 characters."),
    ],
)
def test_what_was_typed_stays_after_an_error(
    anahit_signed_in: Desk, parts: Parts, kind: str, wrong: dict[str, str], said: str
) -> None:
    given = sent(parts, label_1="Պահվա՞ծ <է>", required="y", **wrong)
    answer = anahit_signed_in.send(f"{PLACE}/new/{kind}", given)
    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()
    assert "Պահվա՞ծ &lt;է&gt;" in answer.text
    assert "checked" in answer.text
    assert questions(parts) == ()


def test_a_ninth_question_is_not_asked(anahit_signed_in: Desk, parts: Parts) -> None:
    ask(parts, *(replace(BRANCH, name=f"own_{n}") for n in range(8)), replace(SIZE, removed=True))
    assert "8 questions of your own at most" in anahit_signed_in.get(PLACE).text
    answer = anahit_signed_in.send(f"{PLACE}/new/text", sent(parts))
    assert answer.status_code == 422
    assert "at most 8 questions of your own" in answer.text
    anahit_signed_in.send(f"{PLACE}/own_size/restore", {})
    assert "at most 8 questions of your own" in anahit_signed_in.get(PLACE).text
    assert len(names(parts)) == 8


def test_of_two_tabs_the_second_sees_what_the_first_did(anahit_signed_in: Desk, parts: Parts) -> None:
    ask(parts, SIZE)
    first = sent(parts, label_0="The first", options_0="Small\nLarge")
    second = sent(parts, label_0="The second", options_0="Tiny\nHuge")
    assert anahit_signed_in.send(f"{PLACE}/own_size", first).status_code == 303
    answer = anahit_signed_in.send(f"{PLACE}/own_size", second)
    assert answer.status_code == 409
    assert "The first" in answer.text
    assert "Tiny\nHuge" in answer.text
    now = questions_version(parts.ledger.petition("save-the-mill"))
    assert now in answer.text
    assert anahit_signed_in.send(f"{PLACE}/own_size", second | {"questions_version": now}).status_code == 303
    assert questions(parts)[0].labels == (("en", "The second"),)


def test_two_who_add_at_once_lose_nothing(anahit_signed_in: Desk, parts: Parts) -> None:
    first, second = sent(parts, label_0="One?"), sent(parts, label_0="Two?")
    assert anahit_signed_in.send(f"{PLACE}/new/text", first).status_code == 303
    answer = anahit_signed_in.send(f"{PLACE}/new/text", second)
    assert answer.status_code == 409
    assert 'value="Two?"' in answer.text
    assert names(parts) == ["own_one"]


def test_a_change_in_the_same_moment_is_told(
    anahit_signed_in: Desk, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(parts, BRANCH, replace(SIZE, removed=True))

    def overtaken(*_: Any, **__: Any) -> None:
        raise EditedMeanwhile("save-the-mill")

    monkeypatch.setattr(Ledger, "change", overtaken)
    for way, given in (
        ("own_branch/move", {"to": "later"}),
        ("own_branch/remove", {}),
        ("own_size/restore", {}),
    ):
        assert anahit_signed_in.send(f"{PLACE}/{way}", given).location == PLACE
        assert "Somebody else changed the questions" in anahit_signed_in.get(PLACE).text


def test_settings_and_questions_are_edited_apart(anahit_signed_in: Desk, parts: Parts) -> None:
    before = settings_version(parts.ledger.petition("save-the-mill"))
    ask(parts, *ALL)
    given = {
        **{f"ask_{name}": "required" for name in ("given_name", "family_name", "country")},
        **{f"ask_{name}": "optional" for name in ("postal_code", "show_name", "updates")},
        **{"ask_comment": "off", "started_by": "The Friends", "confirmation": "none", "goal": "ladder"},
        "settings_version": before,
    }
    preview = anahit_signed_in.send(f"{EDITING}/settings/preview", given)
    assert "Which \\u003cbranch\\u003e are you in?" in preview.text or "own_branch" in preview.text
    assert anahit_signed_in.send(f"{EDITING}/settings", given).status_code == 303
    assert questions(parts) == ALL
    assert "own_branch" in anahit_signed_in.get(WIDGET).text


@pytest.mark.parametrize("way", ["new/choice", "own_size"])
def test_the_preview_shows_what_is_half_typed_and_stores_nothing(
    anahit_signed_in: Desk, parts: Parts, way: str
) -> None:
    ask(parts, SIZE)
    answer = anahit_signed_in.send(f"{PLACE}/{way}/preview", sent(parts, label_0="Half ty", options_0="One"))
    assert answer.status_code == 200
    assert "Half ty" in answer.text
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    whole = sent(parts, label_0="", options_0="One\nTwo")
    assert "Two" in anahit_signed_in.send(f"{PLACE}/{way}/preview", whole).text
    assert questions(parts) == (SIZE,)


@pytest.mark.parametrize("path", ["new/email", "own_none", "own_none/preview"])
def test_what_nobody_asks_is_not_found(anahit_signed_in: Desk, parts: Parts, path: str) -> None:
    asked = anahit_signed_in.get if not path.endswith("preview") else lambda p: anahit_signed_in.send(p, {})
    assert asked(f"{PLACE}/{path}").status_code == 404
    assert anahit_signed_in.send(f"{PLACE}/own_none/remove", {}).status_code == 404


def test_one_signers_page_has_the_answers(anahit_signed_in: Desk, parts: Parts) -> None:
    ask(parts, replace(BRANCH, removed=True), *ALL[1:])
    mill = parts.ledger.petition("save-the-mill")
    answers = {"own_branch": "<b>North</b>", "own_age": True, "own_size": "Small"}
    number = parts.ledger.record(signature(mill.id, answers=answers), letter=None).id
    page = anahit_signed_in.get(f"/manage/petitions/save-the-mill/signers/{number}").text
    assert "Which &lt;branch&gt; are you in?" in page
    assert "(no longer asked)" in page
    assert "&lt;b&gt;North&lt;/b&gt;" in page
    assert '<dd dir="auto">yes</dd>' in page
    assert "I can help" not in page


def test_an_editor_asks_and_a_viewer_does_not(app: Flask, parts: Parts, viewer_signed_in: Desk) -> None:
    assert viewer_signed_in.get(PLACE).status_code == 403
    assert viewer_signed_in.send(f"{PLACE}/new/text", sent(parts)).status_code == 403
    editor = signed_in(app, enrol(parts.ledger, "Sam", Role.EDITOR))
    assert editor.send(f"{PLACE}/new/text", sent(parts)).status_code == 303
