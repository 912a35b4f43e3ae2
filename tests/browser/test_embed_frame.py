"""The widget in an iframe: try to leave the page around it with a wrong height, or to tell it too much."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Partner

pytestmark = pytest.mark.browser

LISTEN = """<script>window.heard = []; addEventListener('message', event => {
  if (event.source === document.querySelector('iframe').contentWindow) window.heard.push(event.data);
})</script>"""


def framed(petra: Partner, address: str, attributes: str = "") -> Page:
    page = petra.visitor(viewport={"width": 500, "height": 900})
    source = petra.service.url + address
    frame = f'<iframe src="{source}" title="Petition" width="360" height="200" {attributes}></iframe>'
    page.goto(petra.publish(LISTEN + frame))
    expect(page.frame_locator("iframe").get_by_label("E-mail")).to_be_visible()
    return page


def test_the_page_around_learns_the_height_and_nothing_else(petra: Partner) -> None:
    page = framed(petra, f"/embed/{SLUG}")
    page.wait_for_function("window.heard.length")
    heard = page.evaluate("window.heard")
    assert all(set(message) == {"type", "value"} for message in heard)
    assert heard[-1]["type"] == "support-now:height"
    needed = page.frames[1].evaluate("document.documentElement.scrollHeight")
    assert 446 <= heard[-1]["value"] <= needed


def test_it_says_so_again_when_the_width_changes_the_height(petra: Partner) -> None:
    page = framed(petra, f"/embed/{SLUG}")
    page.frame_locator("iframe").get_by_role("button", name="Support now").click()
    page.wait_for_function("window.heard.at(-1).value > 460")


def test_wordpress_is_told_in_its_own_words(petra: Partner) -> None:
    """As oEmbed discovery puts it there: sandboxed, with a secret in the address."""
    page = framed(petra, f"/embed/{SLUG}#?secret=abc123", 'sandbox="allow-scripts"')
    page.wait_for_function("window.heard.some(message => message.secret)")
    found = page.evaluate("window.heard.find(message => message.secret)")
    assert {**found, "value": 0} == {"secret": "abc123", "message": "height", "value": 0}
    assert found["value"] >= 446
