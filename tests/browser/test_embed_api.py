"""What a page's own script can call and change: each call of docs/embedding, tried on the real widget."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import API, SLUG, Partner, asked_of
from tests.browser.signing import expect_typed, fill_in, press, thanks, widget

pytestmark = pytest.mark.browser


def rename(page: Page, title: str, pattern: str = "**/widget?*") -> None:
    """Let the petition have another title from now on."""

    def handle(route: Route) -> None:
        answer = route.fetch(url=route.request.url.replace("another-petition", SLUG))
        content = answer.json()
        content["petition"]["title"] = title
        route.fulfill(response=answer, body=json.dumps(content))

    page.route(pattern, handle)


def set_attribute(page: Page, name: str, value: str) -> None:
    widget(page).evaluate("(node, [name, value]) => node.setAttribute(name, value)", [name, value])


def test_ready_is_kept_when_the_petition_is_shown(petra: Partner) -> None:
    page = petra.embed()
    shown = widget(page).evaluate(
        "async node => { await node.ready; return !!node.shadowRoot.querySelector('form') }"
    )
    assert shown


def test_ready_waits_for_the_petition(petra: Partner) -> None:
    page = petra.visitor()
    page.route("**/widget?*", lambda route: None)
    with page.expect_request("**/widget?*"):
        page.goto(petra.publish(petra.snippet()))
    first = widget(page).evaluate("node => Promise.race([node.ready.then(() => 'ready'), 'not yet'])")
    assert first == "not yet"


def test_refresh_asks_anew_and_loses_nothing(petra: Partner) -> None:
    page = petra.embed()
    address = fill_in(page)
    asked = asked_of(page, petra.service)
    rename(page, "Stop it now")
    widget(page).evaluate("node => node.refresh()")
    expect(widget(page).locator("[part=heading]")).to_have_text("Stop it now")
    expect_typed(page, address)
    assert asked == [f"GET {API}/widget"]


def test_scan_looks_only_where_it_is_told(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(petra.publish(petra.script()))
    page.wait_for_function("window.SupportNow")
    page.evaluate(
        f"""for (const id of ['one', 'two']) {{
          const part = document.createElement('section'), div = document.createElement('div');
          part.id = id; div.dataset.supportNow = '{SLUG}'; part.append(div); document.body.append(part) }}
        SupportNow.scan(document.querySelector('#two'))"""
    )
    expect(page.locator("#two support-now form")).to_be_visible()
    expect(page.locator("#one support-now")).to_have_count(0)
    page.evaluate("SupportNow.scan()")
    expect(page.locator("#one support-now form")).to_be_visible()
    expect(page.locator("support-now")).to_have_count(2)


def test_what_is_asked_for_late_is_done_at_once(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(petra.publish(petra.script() + "<div id=here></div>"))
    page.wait_for_function("window.SupportNow")
    page.evaluate(
        f"""SupportNow.on('ready', event => window.goal = event.detail.goal);
        SupportNow.q.push(['render', '#here', {{petition: '{SLUG}', noShare: ''}}])"""
    )
    expect(page.locator("#here > support-now[no-share]").locator("form")).to_be_visible()
    page.wait_for_function("window.goal > 0")


def test_rendering_twice_makes_one_widget(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(petra.publish(petra.script() + "<div id=here><a href='/p'>Petition</a></div>"))
    page.wait_for_function("window.SupportNow")
    same = page.evaluate(
        f"SupportNow.render('#here', {{petition: '{SLUG}'}})"
        " === SupportNow.render('#here', {layout: 'bar'})"
    )
    assert same
    expect(page.locator("#here > support-now")).to_have_count(1)
    expect(page.locator("#here > support-now > a")).to_have_count(1)  # what stood there is the plain link
    expect(widget(page).get_by_role("button", name="Support now")).to_have_attribute("aria-expanded", "false")


def test_another_petition_takes_the_place_of_the_first(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    rename(page, "Another petition", "**/another-petition/widget?*")
    set_attribute(page, "petition", "another-petition")
    expect(widget(page).locator("[part=heading]")).to_have_text("Another petition")


def test_the_share_row_comes_and_goes_with_its_attribute(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page)
    press(page)
    row = widget(page).locator("[part=share]")
    expect(row).to_be_visible()
    set_attribute(page, "no-share", "")
    expect(row).to_have_count(0)
    widget(page).evaluate("node => node.removeAttribute('no-share')")
    set_attribute(page, "source", "late")
    assert "source%3Dlate" in str(row.locator("a").nth(1).get_attribute("href"))


def test_a_click_that_loads_can_be_called_off(petra: Partner) -> None:
    page = petra.embed('loading="click"')
    page.wait_for_function("!!customElements.get('support-now')")
    expect(widget(page).locator("form")).to_have_count(0)
    set_attribute(page, "loading", "eager")
    expect(widget(page).locator("form")).to_be_visible()
