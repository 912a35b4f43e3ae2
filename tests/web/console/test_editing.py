"""A petition from the first word to its delivery, at Anahit's desk."""

from typing import Any

import pytest
from flask import Flask

from tests.organisers import Desk, enrol, signed_in
from tests.petitions import NOW, draft, signature
from widget.domain.editing import settings_version
from widget.domain.goal import GoalKind
from widget.domain.organiser import Role
from widget.domain.petition import Confirmation, Status, Wording
from widget.domain.update import Kind
from widget.parts import Parts

MILL = "/manage/petitions/save-the-mill/editing"
TYPED = {
    "title": "Keep the library open",
    "addressees": "the mayor\n\nthe council\n",
    "text": "It is **ours**.",
    "appendix": "",
    "started_by": "Anahit",
    "lang": "en",
    "slug": "",
    "organisation": "our-organisation",
    "status": "draft",
}


def text_sent(parts: Parts, **changes: Any) -> dict[str, Any]:
    """Return what the text's form sends for the mill when nothing was changed but this."""
    wording = parts.ledger.petition("save-the-mill").wordings[0]
    return {
        "title": wording.title,
        "addressees": "\n".join(wording.addressed_to),
        "text": wording.text,
        "appendix": wording.appendix,
        "text_version": wording.text_version,
        **changes,
    }


def settings_sent(parts: Parts, **changes: Any) -> dict[str, Any]:
    """Return what the settings' form sends for the mill when nothing was changed but this."""
    return {
        "started_by": "Anahit",
        "ask_given_name": "required",
        "ask_family_name": "required",
        "ask_country": "required",
        "ask_postal_code": "optional",
        "ask_comment": "off",
        "ask_show_name": "optional",
        "ask_updates": "optional",
        "confirmation": "none",
        "goal": "ladder",
        "settings_version": settings_version(parts.ledger.petition("save-the-mill")),
        **changes,
    }


def test_a_petition_begins_as_a_draft(anahit_signed_in: Desk, parts: Parts) -> None:
    answer = anahit_signed_in.send("/manage/petitions/new", TYPED)
    assert (answer.status_code, answer.location) == (303, "/manage/petitions/keep-the-library-open/editing")
    made = parts.ledger.petition("keep-the-library-open")
    assert made.status is Status.DRAFT
    assert made.wordings[0].addressed_to == ("the mayor", "the council")
    assert anahit_signed_in.get("/p/keep-the-library-open").status_code == 404
    assert "Keep the library open" in anahit_signed_in.get("/manage").text


def test_a_petition_opens_at_once(anahit_signed_in: Desk) -> None:
    anahit_signed_in.send("/manage/petitions/new", TYPED | {"status": "open"})
    assert "<strong>ours</strong>" in anahit_signed_in.get("/p/keep-the-library-open").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Give it a title."),
        ({"addressees": " \n "}, "Say who is addressed."),
        ({"text": ""}, "Write the text."),
        ({"lang": "no tag!"}, "This is not a language tag"),
        ({"slug": "No Slug"}, "An address may hold only"),
        ({"slug": "new"}, "An address is taken by the console"),
        ({"slug": "save-the-mill"}, "Another petition has this address"),
        ({"title": "Պահպանենք գրադարանը"}, "choose one"),
        ({"addressees": "\n".join(f"member {n}" for n in range(21))}, "More than 20 names"),
    ],
)
def test_what_was_typed_stays_after_an_error(
    anahit_signed_in: Desk, parts: Parts, wrong: dict[str, str], said: str
) -> None:
    answer = anahit_signed_in.send("/manage/petitions/new", TYPED | {"text": "Words & more"} | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert wrong.get("text") == "" or "Words &amp; more" in answer.text
    assert [one.slug for one in parts.ledger.petitions()] == ["save-the-mill"]


def test_a_viewer_begins_none(viewer_signed_in: Desk, parts: Parts) -> None:
    assert viewer_signed_in.get("/manage/petitions/new").status_code == 403
    assert viewer_signed_in.send("/manage/petitions/new", TYPED).status_code == 403
    assert "New petition" not in viewer_signed_in.get("/manage").text
    assert len(parts.ledger.petitions()) == 1


def test_nobody_begins_one_for_another_organisation(elsewhere_signed_in: Desk, parts: Parts) -> None:
    answer = elsewhere_signed_in.send("/manage/petitions/new", TYPED)
    assert answer.status_code in {404, 422}
    assert len(parts.ledger.petitions()) == 1


def test_a_changed_text_is_a_new_wording_and_says_who_signed_the_old(
    anahit_signed_in: Desk, parts: Parts
) -> None:
    mill = parts.ledger.petition("save-the-mill")
    assert "signed this wording" not in anahit_signed_in.get(MILL).text
    parts.ledger.record(signature(mill.id), letter=None)
    assert "1 person has</strong>" in anahit_signed_in.get(MILL).text.replace(" signed this wording.", "")
    old = mill.wordings[0].text_version
    answer = anahit_signed_in.send(f"{MILL}/text/en", text_sent(parts, text="It shall turn on."))
    assert answer.status_code == 303
    after = parts.ledger.petition("save-the-mill")
    assert after.wordings[0].text == "It shall turn on."
    assert parts.ledger.wording(mill.id, old).text == "It has turned for three hundred years."
    assert "signed this wording" not in anahit_signed_in.get(MILL).text


def test_another_language(anahit_signed_in: Desk, parts: Parts) -> None:
    asked = anahit_signed_in.get(f"{MILL}/language?lang=hy")
    assert asked.location == f"{MILL}/text/hy"
    assert anahit_signed_in.get(f"{MILL}/language?lang=!").status_code == 422
    assert anahit_signed_in.get(f"{MILL}/text/!").status_code == 404
    sent = text_sent(parts, title="Փրկենք ջրաղացը", text_version="")
    anahit_signed_in.send(f"{MILL}/text/hy", sent)
    assert [one.lang for one in parts.ledger.petition("save-the-mill").wordings] == ["en", "hy"]


def test_of_two_tabs_the_second_is_refused_with_both_texts(anahit_signed_in: Desk, parts: Parts) -> None:
    first, second = text_sent(parts, text="The first."), text_sent(parts, text="The second.")
    assert anahit_signed_in.send(f"{MILL}/text/en", first).status_code == 303
    answer = anahit_signed_in.send(f"{MILL}/text/en", second)
    assert answer.status_code == 409
    assert "The first." in answer.text
    assert "The second." in answer.text
    now = parts.ledger.petition("save-the-mill").wordings[0]
    assert now.text == "The first."
    # What the page offers then, having shown both, is to save it all the same.
    assert now.text_version in answer.text
    second["text_version"] = now.text_version
    assert anahit_signed_in.send(f"{MILL}/text/en", second).status_code == 303
    assert parts.ledger.petition("save-the-mill").wordings[0].text == "The second."


def test_one_language_is_edited_while_another_is(anahit_signed_in: Desk, parts: Parts) -> None:
    english = text_sent(parts, text="English.")
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.set_wording(mill.id, Wording("hy", "Ջրաղաց", ("ավագանի",), "Հայերեն։"), NOW)
    assert anahit_signed_in.send(f"{MILL}/text/en", english).status_code == 303


def test_settings(anahit_signed_in: Desk, parts: Parts) -> None:
    answer = anahit_signed_in.send(
        f"{MILL}/settings",
        settings_sent(
            parts,
            started_by="The Friends",
            ask_country="off",
            ask_comment="optional",
            goal="own_ladder",
            ladder="60, 120",
            closes_on="2027-01-31",
            thanks_url="https://example.org/thanks",
            privacy_contact="anahit@example.org",
            public_signers="y",
            allowed_sites="https://Petra.example.org\nhttps://example.net/",
        ),
    )
    assert answer.status_code == 303, answer.text
    mill = parts.ledger.petition("save-the-mill")
    assert mill.started_by == "The Friends"
    assert [field.name for field in mill.form][3:5] == ["postal_code", "comment"]
    assert (mill.goal_kind, mill.ladder) == (GoalKind.LADDER, (60, 120))
    assert mill.closes_at is not None
    assert mill.closes_at.isoformat() == "2027-01-31T23:59:59+00:00"
    assert mill.allowed_origins == ("https://petra.example.org", "https://example.net")
    assert (mill.thanks_url, mill.public_signers) == ("https://example.org/thanks", True)
    page = anahit_signed_in.get(f"{MILL}/settings").text
    assert 'value="60, 120"' in page
    assert 'value="2027-01-31"' in page
    # Sent back as it was shown, it changes nothing.
    assert settings_version(mill) in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"goal": "own_ladder", "ladder": "100, 50"}, "Each step is higher"),
        ({"goal": "own_ladder", "ladder": ""}, "Write its steps"),
        ({"goal": "organiser", "aim": "many"}, "Write a whole number"),
        ({"goal": "threshold", "aim": "0"}, "A goal is a number"),
        ({"closes_on": "soon"}, "is no day"),
        ({"closes_time": "12:00"}, "Name the day, too."),
        ({"thanks_url": "http://example.org"}, "does not begin with https"),
        ({"allowed_sites": "https://example.org/page"}, "is an address inside a site"),
        ({"ask_updates": "required"}, "Not a valid choice"),
        ({"confirmation": "perhaps"}, "Not a valid choice"),
    ],
)
def test_settings_that_cannot_be(
    anahit_signed_in: Desk, parts: Parts, wrong: dict[str, str], said: str
) -> None:
    before = parts.ledger.petition("save-the-mill")
    answer = anahit_signed_in.send(
        f"{MILL}/settings", settings_sent(parts, privacy_contact="Typed before", **wrong)
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert "Typed before" in answer.text
    assert parts.ledger.petition("save-the-mill") == before


def test_letters_are_asked_for_only_where_they_go_out(
    app: Flask, parts: Parts, anahit_signed_in: Desk
) -> None:
    answer = anahit_signed_in.send(f"{MILL}/settings", settings_sent(parts, confirmation="email"))
    if parts.settings.writes_letters:
        assert answer.status_code == 303
        assert parts.ledger.petition("save-the-mill").confirmation is Confirmation.EMAIL
    else:
        assert "No letter can be sent here" in answer.text


def test_of_two_tabs_the_second_sees_the_others_settings(anahit_signed_in: Desk, parts: Parts) -> None:
    first = settings_sent(parts, goal="organiser", aim="500")
    second = settings_sent(parts, started_by="Somebody")
    assert anahit_signed_in.send(f"{MILL}/settings", first).status_code == 303
    answer = anahit_signed_in.send(f"{MILL}/settings", second)
    assert answer.status_code == 409
    assert "The number: 500" in answer.text
    assert 'value="Somebody"' in answer.text
    mill = parts.ledger.petition("save-the-mill")
    assert (mill.started_by, mill.goal_aim) == ("Anahit", 500)


def test_an_edit_of_the_text_does_not_stop_one_of_the_settings(anahit_signed_in: Desk, parts: Parts) -> None:
    settings = settings_sent(parts, started_by="The Friends")
    anahit_signed_in.send(f"{MILL}/text/en", text_sent(parts, text="New."))
    assert anahit_signed_in.send(f"{MILL}/settings", settings).status_code == 303


def test_delivered_with_an_answer(anahit_signed_in: Desk, parts: Parts) -> None:
    sent = {"status": "delivered", "answer_title": "The council agrees", "answer": "It will **turn**."}
    assert anahit_signed_in.send(f"{MILL}/standing", sent).status_code == 303
    mill = parts.ledger.petition("save-the-mill")
    assert mill.status is Status.DELIVERED
    (answer,) = parts.ledger.updates(mill.id, published=True, limit=5)
    assert (answer.kind, answer.title) == (Kind.ANSWER, "The council agrees")


def test_half_an_answer_is_refused_and_kept(anahit_signed_in: Desk, parts: Parts) -> None:
    answer = anahit_signed_in.send(f"{MILL}/standing", {"status": "delivered", "answer": "Half of it"})
    assert answer.status_code == 422
    assert "Half of it" in answer.text
    assert parts.ledger.petition("save-the-mill").status is Status.OPEN


def test_an_answer_that_cannot_be_published_changes_nothing(anahit_signed_in: Desk, parts: Parts) -> None:
    sent = {"status": "delivered", "answer_title": "The council", "answer": "<p>It will turn.</p>"}
    answer = anahit_signed_in.send(f"{MILL}/standing", sent)
    assert answer.status_code == 422
    assert "This is html" in answer.text
    assert "It will turn." in answer.text
    mill = parts.ledger.petition("save-the-mill")
    assert mill.status is Status.OPEN
    assert parts.ledger.updates(mill.id) == []


def test_what_has_signatures_does_not_become_a_draft(anahit_signed_in: Desk, parts: Parts) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.record(signature(mill.id), letter=None)
    answer = anahit_signed_in.send(f"{MILL}/standing", {"status": "draft"})
    assert answer.status_code == 422
    assert "Close it instead." in answer.text
    other = parts.ledger.add_petition(draft(slug="unsigned", carried_over=None), NOW)
    anahit_signed_in.send("/manage/petitions/unsigned/editing/standing", {"status": "draft"})
    assert parts.ledger.petition_by_id(other.id).status is Status.DRAFT


def test_an_editor_edits(app: Flask, parts: Parts) -> None:
    browser = signed_in(app, enrol(parts.ledger, "Sam", Role.EDITOR))
    assert browser.send(f"{MILL}/text/en", text_sent(parts, text="Sam's.")).status_code == 303


def test_a_text_in_any_script_may_be_as_long_as_it_may(anahit_signed_in: Desk, parts: Parts) -> None:
    long = "Ջրաղացը պտտվում է։\n\n" * 2_400
    assert len(long.encode()) > 64 * 1024
    as_browsers = {"content_type": "multipart/form-data"}
    saved = anahit_signed_in.send(
        f"{MILL}/text/hy", text_sent(parts, text=long, text_version=""), **as_browsers
    )
    begun = anahit_signed_in.send("/manage/petitions/new", TYPED | {"text": long}, **as_browsers)
    answer = {"status": "delivered", "answer_title": "Ջրաղաց", "answer": long}
    told = anahit_signed_in.send(f"{MILL}/standing", answer, **as_browsers)
    assert (saved.status_code, begun.status_code, told.status_code) == (303, 303, 303)
    assert parts.ledger.petition("save-the-mill").wording("hy").text == long.strip()
    assert anahit_signed_in.send(f"{MILL}/text/hy/preview", text_sent(parts, text=long)).status_code == 200
    for page in (f"{MILL}/text/hy", f"{MILL}/standing", "/manage/petitions/new"):
        assert 'enctype="multipart/form-data"' in anahit_signed_in.get(page).text
