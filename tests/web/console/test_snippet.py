"""The snippet maker and the previews, at the desk."""

import html
import json
import re
from typing import Any

import pytest

from tests.organisers import Desk
from tests.petitions import NOW, draft
from tests.web.console.test_editing import TYPED, settings_sent, text_sent
from widget.domain.petition import Status, Wording
from widget.domain.snippet import Options, Release, Shape, policy, snippet
from widget.parts import Parts

PLACE = "/manage/petitions/save-the-mill"
FACTS: dict[str, Any] = {
    "base": "https://our.example.org",
    "slug": "save-the-mill",
    "title": 'Save "the" <mill>',
}
RELEASE = Release("1.0.0", "sha384-abc")


def shown_by(page: str) -> dict[str, Any]:
    """Return what a preview hands to the widget."""
    found = re.search(r'data-shown="([^"]*)"', page)
    assert found
    facts: dict[str, Any] = json.loads(html.unescape(found[1]))
    return facts


def copied(page: str) -> str:
    found = re.search(r'<textarea[^>]*id="snippet"[^>]*>(.*?)</textarea>', page, re.S)
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize("shape", list(Shape))
def test_no_title_breaks_out_of_a_snippet(shape: Shape) -> None:
    line = snippet(shape, Options(source='"><script>'), **FACTS, release=RELEASE)
    assert "<mill>" not in line
    assert '"><script>' not in line
    assert "save-the-mill" in line


def test_each_form_says_only_what_was_chosen() -> None:
    usual = snippet(Shape.ELEMENT, Options(), **FACTS)
    assert usual.startswith(
        '<support-now petition="save-the-mill" height="446" style="display:block;min-height:446px">'
    )
    chosen = Options(layout="bar", theme="dark", heading_level=3, no_share=True, test=True, lang="hy")
    assert 'data-layout="bar"' in snippet(Shape.IN_PLACE, chosen, **FACTS)
    assert "data-no-share data-test" in snippet(Shape.DIV, chosen, **FACTS)
    assert "min-height:54px" in snippet(Shape.DIV, chosen, **FACTS)
    assert "/embed/save-the-mill?lang=hy&amp;test" in snippet(Shape.FRAME, chosen, **FACTS)
    assert snippet(Shape.ADDRESS, chosen, **FACTS) == "https://our.example.org/p/save-the-mill?lang=hy&test"
    assert 'integrity="sha384-abc"' in snippet(Shape.PINNED, chosen, **FACTS, release=RELEASE)
    with pytest.raises(ValueError, match="no version"):
        snippet(Shape.PINNED, chosen, **FACTS)


def test_what_a_policy_has_to_allow() -> None:
    assert policy(Shape.FRAME, "https://h.example") == "frame-src https://h.example"
    assert policy(Shape.DIV, "https://h.example").startswith("script-src https://h.example; connect-src")


@pytest.mark.parametrize("shape", list(Shape))
def test_the_maker_makes_every_form(anahit_signed_in: Desk, shape: Shape) -> None:
    page = anahit_signed_in.get(f"{PLACE}/snippet?form={shape}&source=letter&layout=card&theme=auto").text
    assert "save-the-mill" in copied(page) if 'id="snippet"' in page else "nothing to pin" in page


def test_untouched_it_says_the_usual(viewer_signed_in: Desk) -> None:
    line = copied(viewer_signed_in.get(f"{PLACE}/snippet").text)
    assert line.startswith('<support-now petition="save-the-mill" height="446" style=')


def test_a_slip_is_told_and_kept(viewer_signed_in: Desk) -> None:
    page = viewer_signed_in.get(f"{PLACE}/snippet?form=z&height=7&lang=!!&source=kept").text
    assert "Take a number from 40 to 4,000." in page
    assert 'value="kept"' in page
    assert copied(page).startswith("<support-now")


def test_a_draft_is_previewed_for_members_and_for_nobody_else(
    anahit_signed_in: Desk, parts: Parts, client: Desk
) -> None:
    parts.ledger.add_petition(draft(slug="secret", status=Status.DRAFT), NOW)
    page = anahit_signed_in.get("/manage/petitions/secret/snippet/preview").text
    assert shown_by(page)["petition"]["title"] == "Save the mill"
    assert client.get("/api/v1/petitions/secret/widget").status_code == 404
    assert client.get("/manage/petitions/secret/snippet/preview").status_code == 302


def test_what_is_typed_is_previewed_and_stored_nowhere(anahit_signed_in: Desk, parts: Parts) -> None:
    before = parts.ledger.petition("save-the-mill")
    answer = anahit_signed_in.send(
        f"{PLACE}/editing/text/hy/preview", text_sent(parts, title="</body><b>", text="**Bold** <i>")
    )
    assert shown_by(answer.text)["petition"]["title"] == "</body><b>"
    assert "<strong>Bold</strong> &lt;i&gt;" in answer.text
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    settings = settings_sent(parts, goal="organiser", aim="777", ask_comment="required")
    shown = shown_by(anahit_signed_in.send(f"{PLACE}/editing/settings/preview", settings).text)
    assert shown["progress"]["goal"] == 777
    assert "comment" in [field["name"] for field in shown["form"]]
    assert parts.ledger.petition("save-the-mill") == before


def test_a_petition_that_is_nowhere_yet_is_previewed(anahit_signed_in: Desk, parts: Parts) -> None:
    half = TYPED | {"text": "", "addressees": "", "lang": "?"}
    shown = shown_by(anahit_signed_in.send("/manage/petitions/new/preview", half).text)
    assert (shown["petition"]["title"], shown["progress"]["count"]) == ("Keep the library open", 0)
    assert len(parts.ledger.petitions()) == 1


def test_the_wording_that_is_edited_is_the_one_previewed(anahit_signed_in: Desk, parts: Parts) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.set_wording(mill.id, Wording("hy", "Ջրաղաց", ("ավագանի",), "Հայերեն։"), NOW)
    page = anahit_signed_in.get(f"{PLACE}/editing/preview?text&lang=hy").text
    assert shown_by(page)["petition"]["title"] == "Ջրաղաց"
