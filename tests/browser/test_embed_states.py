"""Before, after and beside the form: each state is to say what happened and to lead on."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Partner, change_widget
from tests.browser.signing import fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

NEXT = "https://armenia.example.org/next?from=petition"


def changed(petra: Partner, attributes: str = "", **petition: Any) -> Page:
    """Open Petra's page with a petition that is otherwise in something."""
    page = petra.visitor(viewport={"width": 900, "height": 900})
    change_widget(page, lambda content: content["petition"].update(petition))
    page.goto(petra.publish(petra.snippet(attributes)))
    return page


def directions(page: Page, *selectors: str) -> list[str]:
    """Tell which way each of them is written."""
    found = [widget(page).locator(selector).first for selector in selectors]
    return [str(one.evaluate("node => getComputedStyle(node).direction")) for one in found]


# Loading


def test_while_it_loads_the_plain_link_stands_where_the_title_will_be(petra: Partner) -> None:
    page = petra.visitor(viewport={"width": 400, "height": 900})
    page.route("**/widget?*", lambda route: None)
    page.goto(petra.publish(petra.snippet()))
    held = widget(page).locator("progress")
    expect(held).to_be_visible()
    assert held.evaluate(
        "bar => bar.closest('[aria-hidden=true]') !== null"
    )  # only a place, nothing to be read
    link = page.get_by_role("link", name="Stop bloodshed in Artsakh: support now")
    expect(link).to_be_visible()
    before, bar = link.bounding_box(), held.bounding_box()
    page.unroute_all()
    page.reload()
    title = widget(page).locator("[part=heading]")
    expect(title).to_be_visible()
    after = title.bounding_box()
    assert before
    assert after
    assert bar
    assert before["x"] == after["x"]
    assert abs(before["y"] - after["y"]) < 24  # the addressee comes above it
    assert bar["height"] == 10


@pytest.mark.parametrize("layout", ["card", "bar", "button"])
def test_what_cannot_be_loaded_leaves_sentence_and_link_in_every_layout(petra: Partner, layout: str) -> None:
    page = petra.visitor()
    page.route("**/widget?*", lambda route: route.fulfill(status=404, body="{}"))
    page.goto(petra.publish(petra.snippet(f'layout="{layout}"')))
    expect(widget(page).get_by_role("alert")).to_have_text("This petition was not found.")
    link = page.get_by_role("link", name="Stop bloodshed in Artsakh: support now")
    expect(link).to_be_visible()


@pytest.mark.parametrize(
    ("layout", "height", "width"), [("bar", 54, 900), ("bar", 106, 320), ("button", 44, 900)]
)
def test_a_small_layout_moves_nothing_either(petra: Partner, layout: str, height: int, width: int) -> None:
    page = petra.visitor(viewport={"width": width, "height": 900})
    held = petra.snippet(f'layout="{layout}"').replace("446", str(height))
    page.goto(petra.publish(held))
    expect(widget(page).get_by_role("button", name="Support now")).to_be_visible()
    assert page.evaluate("window.shift") == 0
    box = widget(page).bounding_box()
    assert box
    assert box["height"] == height


def test_the_line_for_what_happens_is_there_before_anything_happens(petra: Partner) -> None:
    """Readers hear what is put into a line that they know, not a line that appears."""
    page = petra.embed()
    status = widget(page).get_by_role("status")
    expect(status).to_have_count(1)
    expect(status).to_be_empty()
    assert status.evaluate("node => getComputedStyle(node).display") != "none"


# Thanks


def test_whoever_signed_goes_on_where_the_organiser_wants(petra: Partner) -> None:
    page = changed(petra, thanks_url=NEXT)
    expect(widget(page).get_by_role("link", name="Continue")).to_have_count(0)
    fill_in(page)
    press(page)
    onward = thanks(page).get_by_role("link", name="Continue")
    expect(onward).to_have_attribute("href", NEXT)
    expect(onward).to_have_attribute("target", "_top")
    box = onward.bounding_box()
    assert box
    assert box["height"] >= 44


def test_nobody_goes_on_before_the_address_is_confirmed(petra: Partner) -> None:
    page = changed(petra, thanks_url=NEXT)
    page.route("**/signatures", lambda route: route.fulfill(response=route.fetch(), status=202))
    fill_in(page)
    press(page)
    expect(thanks(page)).to_contain_text("One more step")
    expect(widget(page).get_by_role("link", name="Continue")).to_have_count(0)


def test_out_of_a_frame_the_organisers_page_takes_the_whole_window(petra: Partner) -> None:
    """A link that opened inside the frame would show the organiser's page at the widget's size."""
    page = petra.visitor()
    change_widget(page, lambda content: content["petition"].update(thanks_url=petra.service.url + "/"))
    page.goto(
        petra.publish(f'<iframe src="{petra.service.url}/embed/{SLUG}" title="P" height="500"></iframe>')
    )
    frame = page.frame_locator("iframe").locator("support-now")
    for name in ("given_name", "family_name"):
        frame.locator(f"#{name}").fill("Sam")
    frame.locator("#email").fill("sam.goes.on@example.org")
    frame.locator("#country").select_option("AM")
    frame.locator("form [part=button]").click()
    frame.get_by_role("link", name="Continue").click()
    page.wait_for_url(petra.service.url + "/")


# Over


@pytest.mark.parametrize("layout", ["bar", "button"])
@pytest.mark.parametrize(
    ("status", "words"),
    [("closed", "This petition is closed."), ("delivered", "This petition has been delivered.")],
)
def test_a_small_layout_promises_no_form_where_there_is_none(
    petra: Partner, layout: str, status: str, words: str
) -> None:
    page = changed(petra, f'layout="{layout}"', status=status)
    opener = widget(page).get_by_role("button", name=words)
    expect(opener).to_be_visible()
    expect(widget(page).get_by_role("button", name="Support now")).to_have_count(0)
    opener.click()
    expect(widget(page).get_by_role("link", name="Read the petition")).to_be_visible()


# Two ways of writing in one widget


def test_an_arabic_text_on_an_english_page_turns_nothing_but_itself(petra: Partner) -> None:
    text = {"lang": "ar", "dir": "rtl", "title": "أوقفوا سفك الدماء", "summary": "كل يوم من الحرب."}
    page = changed(petra, **text)
    heading = widget(page).locator("[part=heading]")
    expect(heading).to_have_attribute("lang", "ar")
    ways = directions(page, "[part=heading]", ".more", "[part=container]", "[part=count]", "progress", "form")
    assert ways == ["rtl", "rtl", "ltr", "ltr", "ltr", "ltr"]
    names = widget(page).locator("small bdi").first
    expect(names).to_have_text("the President of Russia")


def test_an_english_text_among_arabic_words_turns_nothing_but_itself(petra: Partner) -> None:
    page = petra.embed(lang="ar", viewport={"width": 900, "height": 900})
    heading = widget(page).locator("[part=heading]")
    expect(heading).to_have_attribute("lang", "en")
    ways = directions(page, "[part=heading]", ".more", "[part=container]", "[part=count]", "progress", "form")
    assert ways == ["ltr", "ltr", "rtl", "rtl", "rtl", "rtl"]
    # The addressee and the organiser are apart from the words around them.
    expect(widget(page).locator("small bdi")).to_have_text(["the President of Russia", "Armenia Community"])


# A dialog on a small phone


def test_the_dialog_leaves_the_labels_whole_on_a_small_phone(petra: Partner) -> None:
    page = petra.embed('layout="button"', viewport={"width": 320, "height": 800})
    widget(page).get_by_role("button", name="Support now").click()
    labels = widget(page).locator("dialog label")
    expect(labels.first).to_be_visible()
    cut = labels.evaluate_all(
        "labels => labels.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    )
    assert cut == []
