"""Hostile pages and visitors: nothing that stands on a page leads an answer astray or empties the box."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Partner
from tests.browser.signing import fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

MALLORY = "https://mallory.example.org"


def watched(petra: Partner) -> tuple[Page, list[str]]:
    """Open a tab in which Mallory's address answers everything, and is written down."""
    page = petra.visitor()
    lured: list[str] = []

    def note(route: object) -> None:
        lured.append(route.request.url)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route(f"{MALLORY}/api/**", note)
    return page, lured


@pytest.mark.parametrize(
    "planted",
    [
        f'<img name="currentScript" src="{MALLORY}/x.png">',
        f'<form name="currentScript" action="{MALLORY}"></form>',
        f'<script src="{MALLORY}/embed/player.js"></script>',
    ],
)
def test_what_a_visitor_planted_does_not_pass_for_our_script(petra: Partner, planted: str) -> None:
    page, lured = watched(petra)
    page.goto(petra.publish(planted + petra.snippet()))
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    assert lured == []


def test_a_module_that_brings_the_script_finds_it_beside_foreign_ones(petra: Partner) -> None:
    page, lured = watched(petra)
    body = petra.snippet().replace("<script async", '<script type="module"')
    page.goto(petra.publish(f'<script src="{MALLORY}/embed/player.js"></script>{body}'))
    expect(widget(page).locator("form")).to_be_visible()
    assert lured == []


def test_a_planted_div_names_no_server(petra: Partner) -> None:
    page, lured = watched(petra)
    div = f'<div data-support-now="{SLUG}" data-server="{MALLORY}/"><a href="/p">Petition</a></div>'
    page.goto(petra.publish(div + petra.script()))
    expect(widget(page).locator("form")).to_be_visible()
    assert lured == []


def test_a_page_that_adds_to_every_object_can_be_signed_on(petra: Partner) -> None:
    polluted = "<script>Object.prototype.each = function () {}; Array.prototype.last = 1</script>"
    page = petra.embed(head=polluted)
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()


@pytest.mark.parametrize(
    "lacking",
    [
        "delete window.IntersectionObserver",
        "delete window.CSSStyleSheet",
        "document.addEventListener = addEventListener = null",
    ],
)
def test_where_something_is_lacking_the_link_stays(petra: Partner, lacking: str) -> None:
    page = petra.embed(head=f"<script>{lacking}</script>")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name="Stop bloodshed").first).to_be_visible()


@pytest.mark.parametrize("server", ["petitions.example.org", "javascript:alert(1)", "https://"])
def test_a_server_that_is_no_address_leaves_the_link(petra: Partner, server: str) -> None:
    page = petra.embed(f'server="{server}"')
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name="Stop bloodshed").first).to_be_visible()
