"""Anahit thanks in her own words, and sees what her signers will see."""

import html
import json
import re
from typing import Any

import pytest

from tests.organisers import Desk
from tests.petitions import NOW
from widget.domain.editing import settings_version
from widget.domain.petition import Confirmation, Wording
from widget.domain.thanks import FIRST_LINE, in_widget, thanks_version
from widget.parts import Parts

PLACE = "/manage/petitions/save-the-mill/editing/thanks"


def sent(parts: Parts, words: str) -> dict[str, str]:
    return {"thanks": words, "thanks_version": thanks_version(known(parts))}


def known(parts: Parts) -> tuple[tuple[str, str], ...]:
    return parts.ledger.petition("save-the-mill").thanks_text


def shown(page: str) -> dict[str, Any]:
    """Return what a preview hands to the widget."""
    found = re.search(r'data-shown="([^"]*)"', page)
    assert found
    facts: dict[str, Any] = json.loads(html.unescape(found[1]))
    return facts


def test_thanks_are_written_shown_and_taken_away(anahit_signed_in: Desk, parts: Parts) -> None:
    answer = anahit_signed_in.send(f"{PLACE}/en", sent(parts, "See you on Sunday.\r\n\r\nBring a candle."))
    assert (answer.status_code, answer.location) == (303, f"{PLACE}/en")
    assert known(parts) == (("en", "See you on Sunday.\nBring a candle."),)
    assert "See you on Sunday.\nBring a candle.</textarea>" in anahit_signed_in.get(PLACE).text
    assert "See you on Sunday." in anahit_signed_in.get("/p/save-the-mill?signed=counted").text
    anahit_signed_in.send(f"{PLACE}/en", sent(parts, " "))
    assert known(parts) == ()


def test_each_language_has_its_own(anahit_signed_in: Desk, parts: Parts) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.set_wording(mill.id, Wording("ar", "أنقذوا الطاحونة", ("البلدية",), "هي لنا."), NOW)
    page = anahit_signed_in.get(f"{PLACE}/ar").text
    assert re.search(r'<textarea[^>]*dir="rtl"[^>]*lang="ar"', page)
    anahit_signed_in.send(f"{PLACE}/ar", sent(parts, "نراكم"))
    anahit_signed_in.send(f"{PLACE}/en", sent(parts, "See you."))
    assert known(parts) == (("en", "See you."), ("ar", "نراكم"))
    for path in (f"{PLACE}/de", f"{PLACE}/de/preview"):
        assert anahit_signed_in.get(path).status_code == 404


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("x" * (FIRST_LINE + 1), "the widget has no room for more"),
        ("a\nb\nc\nd\ne\nf", "The thanks have more than 5 lines."),
        ("a\n" + "x" * 400, "The thanks are longer than 400 characters."),
        ("see \u202eyou", "cannot be read"),
    ],
)
def test_what_cannot_be_said_stays_in_the_form(
    anahit_signed_in: Desk, parts: Parts, words: str, said: str
) -> None:
    answer = anahit_signed_in.send(f"{PLACE}/en", sent(parts, words))
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert words in html.unescape(answer.text)
    assert known(parts) == ()


def test_whoever_saves_second_sees_the_other_words_first(anahit_signed_in: Desk, parts: Parts) -> None:
    mine = sent(parts, "My words.")
    anahit_signed_in.send(f"{PLACE}/en", sent(parts, "Their words."))
    answer = anahit_signed_in.send(f"{PLACE}/en", mine)
    assert answer.status_code == 409
    assert "My words.</textarea>" in answer.text
    assert "Their words." in answer.text
    assert known(parts) == (("en", "Their words."),)
    assert anahit_signed_in.send(f"{PLACE}/en", sent(parts, "My words.")).status_code == 303


def test_thanks_and_settings_do_not_stand_in_each_others_way(anahit_signed_in: Desk, parts: Parts) -> None:
    before = settings_version(parts.ledger.petition("save-the-mill"))
    anahit_signed_in.send(f"{PLACE}/en", sent(parts, "See you."))
    assert settings_version(parts.ledger.petition("save-the-mill")) == before


def test_the_preview_has_signed_and_stores_nothing(anahit_signed_in: Desk, parts: Parts) -> None:
    parts.ledger.change(parts.ledger.petition("save-the-mill").id, {"confirmation": Confirmation.EMAIL})
    page = anahit_signed_in.send(f"{PLACE}/en/preview", {"thanks": "See you on Sunday."}).text
    assert "data-signed" in page
    facts = shown(page)
    assert facts["messages"]["one_of"]["other"].endswith(in_widget("See you on Sunday."))
    assert facts["petition"]["confirmation"] == "none"  # so that the thanks are to be seen
    assert known(parts) == ()
    assert "data-signed" not in anahit_signed_in.get("/manage/petitions/save-the-mill/editing/preview").text
    too_long = anahit_signed_in.send(f"{PLACE}/en/preview", {"thanks": "x" * 100}).text
    assert "xxx" not in json.dumps(shown(too_long))
