"""A page with the widget on paper: what is asked, how many support it, and the way to it are there."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import API, SLUG, Partner, change_widget
from tests.browser.signing import fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

# Of what is pressed, filled in or counted: what reaches beyond the widget's own box.
CUT = """host => [...host.shadowRoot.querySelectorAll('a, button, input, select, progress, [part=count]')]
  .filter(node => {
    const box = node.getBoundingClientRect(), frame = host.getBoundingClientRect();
    return node.checkVisibility() && (box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
  }).map(node => node.outerHTML.slice(0, 90))"""
ROOT = Path(__file__).parents[2]
PAPER = {"narrow": 320, "a4": 718}  # CSS pixels between the margins
LONG = '<div style="height:6000px">A long article</div>'


def printed(page: Page, address: str) -> None:
    """Go to paper; whoever keeps it as PDF finds the way to the petition in it."""
    page.emulate_media(media="print")
    assert f"/URI ({address})".encode() in page.pdf(format="A4")


def address(petra: Partner) -> str:
    return f"{petra.service.url}/p/{SLUG}"


@pytest.mark.parametrize("width", PAPER.values(), ids=PAPER.keys())
@pytest.mark.parametrize("layout", ["card", "bar", "button"])
def test_title_and_number_are_there_and_nothing_is_cut(petra: Partner, layout: str, width: int) -> None:
    page = petra.embed(f'layout="{layout}"', viewport={"width": width, "height": 900})
    expect(widget(page).get_by_role("button", name="Support now")).to_be_visible()
    page.emulate_media(media="print")
    shown = page.request.get(f"{petra.service.url}{API}/progress").json()["count"]
    expect(widget(page)).to_contain_text(f"{shown} supporters")
    assert widget(page).evaluate(CUT) == []
    if layout == "card":  # the other two show neither title nor link before they are opened
        printed(page, address(petra))
        expect(widget(page).get_by_role("link", name="Stop bloodshed in Artsakh")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_thanks_are_there_on_paper(petra: Partner, theme: str) -> None:
    page = petra.embed(f'theme="{theme}"', viewport={"width": PAPER["a4"], "height": 900})
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    printed(page, address(petra))
    expect(thanks(page)).to_be_visible()
    assert widget(page).evaluate(CUT) == []


def test_a_closed_petition_is_there_on_paper(petra: Partner) -> None:
    page = petra.visitor(viewport={"width": PAPER["a4"], "height": 900})
    change_widget(page, lambda content: content["petition"].update(status="closed"))
    page.goto(petra.publish(petra.snippet()))
    expect(thanks(page)).to_be_visible()
    printed(page, address(petra))
    assert widget(page).evaluate(CUT) == []


def wait_for_ever(_route: Route) -> None:
    """Give no answer."""


@pytest.mark.parametrize("options", [{"java_script_enabled": False}, {}], ids=["no script", "no answer yet"])
def test_a_widget_that_is_not_there_yet_prints_its_plain_link(
    petra: Partner, options: dict[str, Any]
) -> None:
    page = petra.visitor(viewport={"width": PAPER["a4"], "height": 900}, **options)
    page.route("**/widget?*", wait_for_ever)
    page.goto(petra.publish(petra.snippet()))
    printed(page, address(petra))
    expect(page.get_by_role("link", name="Stop bloodshed in Artsakh: support now")).to_be_visible()


def test_a_widget_far_below_that_nobody_scrolled_to_is_no_blank_box(petra: Partner) -> None:
    page = petra.visitor(viewport={"width": PAPER["a4"], "height": 400})
    page.goto(petra.publish(LONG + petra.snippet()))
    page.wait_for_function("document.querySelector('support-now').shadowRoot")
    printed(page, address(petra))
    expect(page.get_by_role("link", name="Stop bloodshed in Artsakh")).to_be_visible()


def test_the_recipe_for_paper_names_the_address_and_leaves_out_the_form(petra: Partner) -> None:
    docs = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    recipe = docs[docs.index("    @media print {") :].partition("\n\n")[0].partition("\n#")[0]
    page = petra.embed('theme="dark"', head=f"<style>{recipe}</style>", color_scheme="dark")
    expect(widget(page).locator("form")).to_be_visible()
    page.emulate_media(media="print")
    expect(widget(page).locator("form")).to_be_hidden()
    expect(widget(page).get_by_role("link", name="Stop bloodshed in Artsakh")).to_be_visible()
    expect(widget(page).locator("[part=count]")).to_have_css("color", "rgb(0, 0, 0)")
    said = widget(page).evaluate("host => getComputedStyle(host, '::after').content")
    assert said == '"Sign at https://HOST/p/SLUG"'
