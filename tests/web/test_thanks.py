"""The organiser's own thanks, wherever somebody has just signed."""

import json
import re

import pytest
from flask.testing import FlaskClient

from tests.petitions import NOW
from tests.web.test_pages import EVIL, PAGE, opened
from widget.domain.petition import Wording
from widget.domain.thanks import in_widget
from widget.parts import Parts

WIDGET = "/api/v1/petitions/save-the-mill/widget"
WORDS = "See you on Sunday.\nBring a candle."
ARMENIAN = "Կիրակի կեսօրին։"


@pytest.fixture
def mill(parts: Parts) -> int:
    petition = parts.ledger.petition("save-the-mill")
    parts.ledger.set_wording(petition.id, Wording("hy", "Փրկենք ջրաղացը", ("քաղաքապետ",), "Այն մերն է։"), NOW)
    say(parts, (("en", WORDS), ("hy", ARMENIAN)))
    return petition.id


def say(parts: Parts, texts: tuple[tuple[str, str], ...]) -> None:
    petition = parts.ledger.petition("save-the-mill")
    parts.ledger.change(petition.id, {"thanks_text": texts})
    parts.catalogue.forget("save-the-mill")


def messages(client: FlaskClient, lang: str) -> dict[str, str]:
    found: dict[str, str] = client.get(f"{WIDGET}?lang={lang}").get_json()["messages"]["one_of"]
    return found


def test_the_widget_says_the_first_line_behind_its_own_thanks(client: FlaskClient, mill: int) -> None:
    said = messages(client, "en")
    assert said == {
        "one": "You are the first. \u2068See you on Sunday.\u2069",
        "other": "You are one of {count}. \u2068See you on Sunday.\u2069",
    }


@pytest.mark.parametrize(
    ("lang", "words"), [("hy", ARMENIAN), ("hy-AM", ARMENIAN), ("de", WORDS), ("ar", WORDS)]
)
def test_thanks_are_in_the_language_of_the_text(
    client: FlaskClient, mill: int, lang: str, words: str
) -> None:
    assert all(text.endswith(in_widget(words)) for text in messages(client, lang).values())
    assert words.partition("\n")[0] in opened(client, f"{PAGE}?signed=counted&lang={lang}").words


def test_a_language_without_thanks_has_those_of_the_first(
    client: FlaskClient, mill: int, parts: Parts
) -> None:
    say(parts, (("en", WORDS),))
    assert messages(client, "hy")["other"].endswith(in_widget(WORDS))


def test_without_thanks_the_widget_says_what_it_always_said(
    client: FlaskClient, parts: Parts, mill: int
) -> None:
    say(parts, ())
    assert messages(client, "en") == {"one": "You are the first.", "other": "You are one of {count}."}
    assert "own-thanks" not in client.get(f"{PAGE}?signed=counted").text


def test_nothing_in_them_is_a_place_to_fill_in(client: FlaskClient, parts: Parts) -> None:
    """The script takes a message apart at each brace: only its own may be there."""
    say(parts, (("en", "{count} {x} }{ {{ }} {names"),))
    for text in messages(client, "en").values():
        assert re.findall(r"[{}]\w*", text) in ([], ["{count", "}"])
    page = opened(client, f"{PAGE}?signed=counted")
    assert "{count} {x} }{ {{ }} {names" in page.words


def test_nothing_in_them_is_html(client: FlaskClient, parts: Parts) -> None:
    say(parts, (("en", EVIL),))
    page = opened(client, f"{PAGE}?signed=counted")
    assert (len(page.scripts), page.all("img")) == (1, [])
    assert EVIL in json.loads(client.get(WIDGET).text)["messages"]["one_of"]["other"]


def test_the_page_that_thanks_says_all_of_it_and_who_says_it(client: FlaskClient, mill: int) -> None:
    page = opened(client, f"{PAGE}?signed=counted")
    assert "You are one of 49. See you on Sunday. Bring a candle. Anahit" in page.words
    for other in ("", "?signed=check_email", "?signed=sent_again"):
        assert "See you on Sunday." not in opened(client, PAGE + other).words


def test_words_of_another_language_are_marked(client: FlaskClient, mill: int) -> None:
    text = client.get(f"{PAGE}?signed=counted&lang=de").text
    assert '<div lang="en" dir="ltr">\n<p>See you on Sunday.</p>' in text
