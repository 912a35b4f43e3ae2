"""Thanks stand where the form was: in any language, with all there is to say, nothing below them moves."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Partner, change_widget
from tests.browser.signing import press, thanks, widget
from widget.i18n import CATALOGUES

pytestmark = pytest.mark.browser

# As long as the first line of an organiser's own thanks may be.
WORDS = {
    "ar": "نسلّم التواقيع في التاسع من أيار، فتعالوا جميعًا إن استطعتم",
    "el": "Την ενάτη Μαΐου τις παραδίδουμε· ελάτε αν μπορείτε όλοι εκεί",
    "fa": "امضاها را نهم ماه مه تحویل می‌دهیم؛ اگر می‌توانید شما هم بیایید",
    "hy": "Մայիսի իննին մենք այն կհանձնենք. եկեք, եթե կարող եք գալ մեզ",
    "ru": "Девятого мая передадим подписи; приходите, если сможете, все",
    "uk": "Дев'ятого травня передамо підписи; приходьте, якщо зможете ви",
}
LATIN = "On the ninth of May we hand them over; come too, if you can."
HEAD = "<style>body{font-family:Inter,'Noto Sans',sans-serif}</style>"
PLACE = "document.querySelector('#after').getBoundingClientRect().top"


def open_with_everything(petra: Partner, lang: str, width: int) -> Page:
    """Open a page in a language, with a page to go on to and the longest thanks."""

    def change(content: dict[str, Any]) -> None:
        content["petition"]["thanks_url"] = "https://armenia.example.org/next"
        said, more = content["messages"]["one_of"], WORDS.get(lang, LATIN)[:60]
        content["messages"]["one_of"] = {form: f"{text} {more}" for form, text in said.items()}
        content["progress"].update(count=49, goal=50)

    page = petra.visitor(viewport={"width": width, "height": 900})
    change_widget(page, change)
    page.goto(petra.publish(petra.snippet(), head=HEAD, lang=lang))
    expect(widget(page).locator("form")).to_be_visible()
    return page


def sign(page: Page) -> None:
    """Sign as the fiftieth, and be thanked."""

    def answer(route: Route) -> None:
        progress = {"count": 50, "goal": 100, "ratio": 0.5, "goal_kind": "ladder"}
        body = {"status": "counted", "progress": {**progress, "as_of": "2999-01-01T00:00:00Z"}}
        route.fulfill(
            status=201,
            body=json.dumps(body),
            headers={"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        )

    page.route("**/signatures", answer)
    for name in ("given_name", "family_name"):
        widget(page).locator(f"#{name}").fill("Sam")
    widget(page).locator("#email").fill("sam@example.org")
    widget(page).locator("#country").select_option("AM")
    press(page)
    expect(thanks(page)).to_be_visible()


@pytest.mark.parametrize("lang", sorted(path.stem for path in CATALOGUES.glob("*.json")))
def test_nothing_moves_after_signing_on_a_phone_in_any_language(petra: Partner, lang: str) -> None:
    page = open_with_everything(petra, lang, 320)
    before = page.evaluate(PLACE)
    sign(page)
    expect(thanks(page).locator("[part=share] > *")).to_have_count(7)
    assert page.evaluate(PLACE) == before


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_beside_the_petition_the_thanks_fill_the_room_of_the_form(petra: Partner, lang: str) -> None:
    page = open_with_everything(petra, lang, 900)
    before = page.evaluate(PLACE)
    sign(page)
    assert page.evaluate(PLACE) == before
    panel, privacy, box = (
        widget(page).locator(name).bounding_box()
        for name in ("[part=thanks]", ".body > small", "[part=container]")
    )
    assert panel
    assert privacy
    assert box
    assert panel["y"] - box["y"] < 30
    assert privacy["y"] - (panel["y"] + panel["height"]) == 8


def test_larger_text_is_cut_off_nowhere(petra: Partner) -> None:
    page = open_with_everything(petra, "ru", 320)
    sign(page)
    widget(page).evaluate(
        "host => host.shadowRoot.querySelectorAll('*').forEach(node => { node.style.letterSpacing = '.12em';"
        "node.style.wordSpacing = '.16em'; node.style.lineHeight = '1.5' })"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert thanks(page).evaluate("node => node.scrollHeight <= node.clientHeight + 1")
