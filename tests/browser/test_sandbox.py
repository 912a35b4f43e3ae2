"""A petition's address pasted into an editor: the frame it becomes works inside the strictest sandbox."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Partner

pytestmark = pytest.mark.browser


def pasted(petra: Partner, sandbox: str, behind: str = "#?secret=ab12cd34ef") -> Page:
    """Do what WordPress does: discover, ask, and put the frame into a sandbox with a secret behind it."""
    page = petra.visitor()
    page.goto(f"{petra.service.url}/p/{SLUG}")
    oembed = page.locator('link[type="application/json+oembed"]').get_attribute("href")
    answer = page.request.get(f"{oembed}&maxwidth=650&maxheight=975")
    frame = answer.json()["html"].replace("<iframe ", f'<iframe sandbox="{sandbox}" security="restricted" ')
    frame = re.sub(r'src="([^"]*)"', rf'src="\1{behind}"', frame)
    page.goto(petra.publish(frame))
    return page


def test_sam_signs_in_a_frame_that_has_no_origin(petra: Partner) -> None:
    page = pasted(petra, "allow-scripts")
    widget = page.frame_locator("iframe").locator("support-now")
    for name, value in {
        "given_name": "Sam",
        "family_name": "Signer",
        "email": "sam.framed@example.org",
    }.items():
        widget.locator(f"#{name}").fill(value)
    widget.locator("#country").select_option("AM")
    with page.expect_request("**/signatures") as sent:
        widget.locator("form [part=button]").click()
    expect(widget.locator("[part=thanks]")).to_be_visible()
    request = sent.value
    assert request.all_headers()["origin"] == "null"
    assert request.response().status == 201  # type: ignore[union-attr]


def test_a_link_in_a_sandbox_that_lets_windows_open_leads_to_the_petition(petra: Partner) -> None:
    """The new window inherits the sandbox, and would show an error if its page wanted to be apart."""
    page = pasted(petra, "allow-scripts allow-popups", behind="")
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").locator("support-now [part=heading] a").click()
    expect(opened.value.locator("h1")).to_contain_text("Stop bloodshed in Artsakh")


LISTEN = "window.heard = []; addEventListener('message', event => window.heard.push(event.data))"


def test_wordpress_is_asked_to_go_where_no_window_may_be_opened(petra: Partner) -> None:
    page = pasted(petra, "allow-scripts")
    page.evaluate(LISTEN)
    widget = page.frame_locator("iframe").locator("support-now")
    widget.locator("[part=heading] a").click()
    widget.get_by_role("link", name="Privacy").click()
    page.wait_for_function("window.heard.filter(said => said.message == 'link').length == 2")
    asked = page.evaluate("window.heard.filter(said => said.message == 'link')")
    address = f"{petra.service.url}/p/{SLUG}"
    secret = {"secret": "ab12cd34ef", "message": "link"}
    assert asked == [{**secret, "value": address}, {**secret, "value": f"{address}#privacy"}]
    assert page.evaluate("document.activeElement.localName") == "iframe"  # else WordPress stays where it is


def test_a_frame_that_was_not_asked_by_wordpress_opens_its_links_itself(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(petra.publish(f'<iframe src="{petra.service.url}/embed/{SLUG}" title="Petition"></iframe>'))
    page.evaluate(LISTEN)
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").locator("support-now [part=heading] a").click()
    expect(opened.value.locator("h1")).to_contain_text("Stop bloodshed in Artsakh")
    assert [said for said in page.evaluate("window.heard") if "message" in said] == []


def test_the_whole_widget_is_seen_at_the_height_that_was_promised(petra: Partner) -> None:
    page = pasted(petra, "allow-scripts")
    frame = page.frames[1]
    expect(page.frame_locator("iframe").locator("support-now form")).to_be_visible()
    heights = frame.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert heights[0] <= heights[1]
