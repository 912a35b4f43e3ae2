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


# Where the page around has our script


def heard_by_script(petra: Partner, body: str) -> Page:
    page = petra.visitor(viewport={"width": 800, "height": 900})
    page.goto(petra.publish(body))
    return page


def frame_of(petra: Partner, path: str = f"/embed/{SLUG}") -> str:
    return f'<iframe src="{petra.service.url}{path}" title="Petition" width="360" height="200"></iframe>'


def test_our_script_makes_our_frame_as_tall_as_it_says(petra: Partner) -> None:
    page = heard_by_script(petra, petra.script() + frame_of(petra))
    page.wait_for_function("document.querySelector('iframe').height > 440")
    before = page.evaluate("+document.querySelector('iframe').height")
    page.frame_locator("iframe").get_by_role("button", name="Support now").click()
    page.wait_for_function("before => document.querySelector('iframe').height > before", arg=before)
    seen = page.frames[1].evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert seen[0] <= seen[1]


def test_a_narrower_frame_becomes_taller(petra: Partner) -> None:
    page = heard_by_script(petra, petra.script() + frame_of(petra))
    page.wait_for_function("document.querySelector('iframe').height > 440")
    before = page.evaluate("+document.querySelector('iframe').height")
    page.evaluate("document.querySelector('iframe').width = 250")
    page.wait_for_function("before => document.querySelector('iframe').height > before", arg=before)


def test_a_script_that_comes_late_asks_how_tall_the_frame_is(petra: Partner) -> None:
    page = framed(petra, f"/embed/{SLUG}")
    page.wait_for_function("window.heard.length")
    assert page.evaluate("document.querySelector('iframe').height") == "200"
    page.add_script_tag(url=f"{petra.service.url}/embed.js")
    page.wait_for_function("document.querySelector('iframe').height > 440")


LIE = "parent.postMessage({type: 'support-now:height', value: 4000}, '*')"


def test_a_strangers_message_does_nothing(petra: Partner) -> None:
    """Mallory's frame says that it is as tall as a house, or that it is ours; so does the page itself."""
    mallory = petra.publish(f"<script>{LIE}; parent.postMessage('done', '*')</script>")
    frames = frame_of(petra) + f'<iframe id=mallory src="{mallory}" title="M" height="100"></iframe>'
    posing = f'<iframe id=posing src="{mallory}?{petra.service.url}/embed/" title="M" height="100"></iframe>'
    listen = (
        "<script>window.done = 0; addEventListener('message', event => done += event.data == 'done')</script>"
    )
    page = heard_by_script(petra, petra.script() + listen + frames + posing)
    page.wait_for_function("document.querySelector('iframe').height > 440")
    page.frames[-1].evaluate(f"{LIE}; parent.postMessage('done', '*')")
    page.evaluate("postMessage({type: 'support-now:height', value: 4000}, '*')")
    page.evaluate("postMessage('done', '*')")
    page.wait_for_function("window.done >= 4")
    heights = page.evaluate("[...document.querySelectorAll('iframe')].map(frame => frame.height)")
    assert heights[1:] == ["100", "100"]
    assert int(heights[0]) < 1000


def test_a_frame_of_ours_that_mallory_took_over_is_not_heard(petra: Partner) -> None:
    """Its address still begins as ours does, but who speaks is of another origin."""
    page = heard_by_script(petra, petra.script() + frame_of(petra))
    page.wait_for_function("document.querySelector('iframe').height > 440")
    before = page.evaluate("document.querySelector('iframe').height")
    page.evaluate("window.done = 0; addEventListener('message', event => done += event.data == 'done')")
    mallory = petra.publish(f"<script>{LIE}; parent.postMessage('done', '*')</script>")
    page.frames[1].evaluate("address => { location = address }", mallory)
    page.wait_for_function("window.done == 1")
    assert page.evaluate("document.querySelector('iframe').height") == before


def test_a_frame_of_ours_that_is_not_asked_for_is_left_alone(petra: Partner) -> None:
    """Two petitions in two frames: each gets its own height."""
    page = heard_by_script(
        petra, petra.script() + frame_of(petra) + frame_of(petra, f"/embed/{SLUG}?lang=hy")
    )
    page.wait_for_function("[...document.querySelectorAll('iframe')].every(frame => frame.height > 440)")
    page.frame_locator("iframe").first.locator("form [part=button]").click()
    page.wait_for_function("document.querySelectorAll('iframe')[0].height > 520")
    assert page.evaluate("+document.querySelectorAll('iframe')[1].height") < 520
