"""From the plain link to the petition: try to make the page jump, ask too much, or end in an empty box."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route, expect

from tests.browser.conftest import API, SLUG, Partner, asked_of, change_widget
from tests.browser.signing import fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

FALLBACK = "Stop bloodshed in Artsakh: support now"


def slowly(page: Page, pattern: str, delay: int) -> None:
    """Let answers arrive late: in the browser, so that nothing here sleeps."""

    def handle(route: Route) -> None:
        page.wait_for_timeout(delay)
        route.continue_()

    page.route(pattern, handle)


@pytest.mark.parametrize("width", [320, 400, 480, 760, 1280])
@pytest.mark.parametrize("delay", [0, 600])
def test_nothing_jumps(petra: Partner, width: int, delay: int) -> None:
    page = petra.visitor(viewport={"width": width, "height": 900})
    slowly(page, "**/widget?*", delay)
    slowly(page, "**/embed.js", delay)
    page.goto(petra.publish(petra.snippet()), wait_until="commit")
    expect(widget(page).locator("form")).to_be_visible()
    assert page.evaluate("window.shift") == 0
    assert widget(page).bounding_box()["height"] == 446  # type: ignore[index]


@pytest.mark.parametrize("width", [320, 480, 760])
def test_nothing_jumps_when_the_answer_takes_three_seconds(petra: Partner, width: int) -> None:
    page = petra.visitor(viewport={"width": width, "height": 900})
    page.goto(petra.publish(petra.snippet()))
    fill_in(page)
    slowly(page, "**/signatures", 3000)
    press(page)
    expect(thanks(page)).to_be_visible()
    expect(widget(page).locator("[part=share] a")).to_have_count(6)
    assert page.evaluate("window.shift") == 0
    assert widget(page).bounding_box()["height"] == 446  # type: ignore[index]


def test_nothing_is_asked_before_it_is_nearly_in_view(petra: Partner) -> None:
    page = petra.visitor(viewport={"width": 800, "height": 600})
    asked = asked_of(page, petra.service)
    page.goto(petra.publish(f'<div style="height:4000px"></div>{petra.snippet()}'))
    page.wait_for_function("!!customElements.get('support-now')")
    assert asked == ["GET /embed.js"]
    expect(page.get_by_role("link", name=FALLBACK)).to_be_attached()
    page.mouse.wheel(0, 3300)
    expect(widget(page).locator("form")).to_be_attached()
    assert asked == ["GET /embed.js", f"GET {API}/widget"]


def test_eager_does_not_wait(petra: Partner) -> None:
    page = petra.visitor(viewport={"width": 800, "height": 600})
    page.goto(petra.publish('<div style="height:4000px"></div>' + petra.snippet('loading="eager"')))
    expect(widget(page).locator("form")).to_be_attached()


def test_on_click_the_plain_link_is_the_button(petra: Partner) -> None:
    page = petra.visitor()
    asked = asked_of(page, petra.service)
    address = petra.publish(petra.snippet('loading="click"'))
    page.goto(address)
    page.wait_for_function("!!customElements.get('support-now')")
    page.get_by_role("link", name=FALLBACK).click()
    expect(widget(page).locator("form")).to_be_visible()
    assert page.url == address
    assert asked == ["GET /embed.js", f"GET {API}/widget"]


def test_twenty_widgets_of_one_petition_ask_once(petra: Partner) -> None:
    page = petra.visitor()
    asked = asked_of(page, petra.service)
    page.goto(petra.publish(petra.snippet('loading="eager"') * 20))
    expect(page.locator("support-now form")).to_have_count(20)
    assert asked.count(f"GET {API}/widget") == 1
    assert page.locator("support-now").locator("form[aria-label]").count() == 1


def test_a_signature_at_one_widget_moves_the_number_of_all(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(petra.publish(petra.snippet('loading="eager"') * 2))
    before = int(widget(page).locator("[part=count] b").text_content() or "0")
    fill_in(page)
    press(page)
    expect(page.locator("support-now [part=count] b")).to_have_text([str(before + 1)] * 2)


# What may go wrong


@pytest.fixture
def told(petra: Partner) -> Callable[[Page], list[str]]:
    """Keep what the console says, errors of the embed only."""

    def listen(page: Page) -> list[str]:
        found: list[str] = []

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and message.text.startswith("Support Now"):
                found.append(message.text)

        page.on("console", note)
        return found

    return listen


def test_an_unknown_petition_is_said_and_the_link_stays(
    petra: Partner, told: Callable[[Page], list[str]]
) -> None:
    page = petra.visitor()
    lines = told(page)
    page.goto(petra.publish(petra.snippet(slug="nothing-here")))
    expect(widget(page)).to_contain_text("This petition was not found.")
    expect(page.get_by_role("link", name=FALLBACK)).to_be_visible()
    assert len(lines) == 1
    assert page.evaluate("window.told")[0][1]["status"] == 404


@pytest.mark.parametrize("status", [403, 503])
def test_a_refusal_is_a_sentence_and_a_link(
    petra: Partner, told: Callable[[Page], list[str]], status: int
) -> None:
    page = petra.visitor()
    lines = told(page)
    page.route(
        "**/widget?*", lambda route: route.fulfill(status=status, body="{}", headers={"Retry-After": "60"})
    )
    page.goto(petra.publish(petra.snippet()))
    expect(widget(page).get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("link", name=FALLBACK)).to_be_visible()
    assert len(lines) == 1


def test_a_service_that_is_gone_leaves_sentence_and_link(
    petra: Partner, told: Callable[[Page], list[str]]
) -> None:
    page = petra.visitor()
    lines = told(page)
    page.route("**/widget?*", lambda route: route.abort("connectionrefused"))
    page.goto(petra.publish(petra.snippet()))
    expect(widget(page)).to_contain_text("The petition cannot be reached at the moment.")
    expect(page.get_by_role("link", name=FALLBACK)).to_be_visible()
    assert len(lines) == 1


def test_a_script_that_never_comes_leaves_the_link(petra: Partner) -> None:
    page = petra.visitor()
    page.route("**/embed.js", lambda route: route.abort())
    page.goto(petra.publish(petra.snippet()))
    expect(page.get_by_role("link", name=FALLBACK)).to_be_visible()


def test_garbage_is_no_petition(petra: Partner) -> None:
    page = petra.visitor()
    page.route(
        "**/widget?*", lambda route: route.fulfill(status=200, body="<html>", content_type="text/html")
    )
    page.goto(petra.publish(petra.snippet()))
    expect(widget(page).get_by_role("alert")).to_be_visible()


def test_a_page_that_blocks_us_learns_the_directive_to_add(
    petra: Partner, told: Callable[[Page], list[str]]
) -> None:
    page = petra.visitor()
    lines = told(page)
    page.goto(petra.publish(petra.snippet(), Content_Security_Policy="connect-src 'self'"))
    expect(widget(page)).to_contain_text("This page does not let the petition load.")
    expect(page.get_by_role("link", name=FALLBACK)).to_be_visible()
    assert len(lines) == 1
    assert f"connect-src {petra.service.url}" in lines[0]


@pytest.mark.parametrize(
    ("status", "words"),
    [("closed", "This petition is closed."), ("delivered", "This petition has been delivered.")],
)
def test_a_petition_that_is_over_shows_its_number_and_no_form(
    petra: Partner, status: str, words: str
) -> None:
    page = petra.visitor()
    change_widget(page, lambda content: content["petition"].update(status=status))
    page.goto(petra.publish(petra.snippet()))
    expect(thanks(page)).to_contain_text(words)
    expect(widget(page).locator("[part=count]")).to_contain_text("supporters")
    expect(widget(page).locator("[part=goal]")).to_be_empty()
    expect(widget(page).get_by_role("progressbar")).to_have_count(0)
    expect(widget(page).locator("form")).to_have_count(0)
    link = widget(page).get_by_role("link", name="Read the petition")
    assert str(link.get_attribute("href")).endswith(f"/p/{SLUG}")


# The number


@pytest.mark.parametrize(
    ("count", "goal", "number", "aim"),
    [
        (0, 5, "0 supporters", "next goal 5"),
        (1, 5, "1 supporter", "next goal 5"),
        (2, 5, "2 supporters", "next goal 5"),
        (1234567, 1500000, "1,234,567 supporters", "next goal 1,500,000"),
        (60, 50, "60 supporters", "next goal 50"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    petra: Partner, count: int, goal: int, number: str, aim: str
) -> None:
    page = petra.visitor()
    change_widget(page, lambda content: content["progress"].update(count=count, goal=goal))
    page.goto(petra.publish(petra.snippet()))
    expect(widget(page).locator("[part=count]")).to_have_text(number)
    expect(widget(page).locator("[part=goal]")).to_have_text(aim)
    bar = widget(page).get_by_role("progressbar")
    assert bar.evaluate("bar => bar.value / bar.max") == min(count / goal, 1)
    expect(bar).to_have_attribute("aria-valuetext", f"{count:,} of {goal:,}")


def test_without_a_goal_there_is_no_bar(petra: Partner) -> None:
    page = petra.visitor()
    change_widget(page, lambda content: content["progress"].update(goal=None, ratio=None))
    page.goto(petra.publish(petra.snippet()))
    expect(widget(page).locator("[part=count]")).to_contain_text("supporters")
    expect(widget(page).get_by_role("progressbar")).to_have_count(0)
    expect(widget(page).locator("[part=goal]")).to_be_empty()


def test_the_number_lives_without_a_preflight_and_rests_in_hidden_tabs(petra: Partner) -> None:
    page = petra.visitor()
    page.clock.install()
    asked = asked_of(page, petra.service)
    page.goto(petra.publish(petra.snippet()))
    expect(widget(page).locator("form")).to_be_visible()

    def moved(route: Route) -> None:
        answer = route.fetch()
        content = answer.json() | {"count": 4321, "goal": 5000}
        route.fulfill(response=answer, body=json.dumps(content))

    page.route("**/progress", moved)
    page.clock.run_for(13_000)
    expect(widget(page).locator("[part=count] b")).to_have_text("4,321")
    assert asked.count(f"GET {API}/progress") == 1
    assert not [line for line in asked if line.startswith("OPTIONS")]
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    page.clock.run_for(120_000)
    assert asked.count(f"GET {API}/progress") == 1


def test_a_late_answer_never_turns_the_number_back(petra: Partner) -> None:
    page = petra.visitor()
    page.clock.install()
    page.goto(petra.publish(petra.snippet()))
    shown = widget(page).locator("[part=count] b")
    expect(shown).to_be_visible()
    before = shown.text_content() or ""

    def stale(route: Route) -> None:
        answer = route.fetch()
        content = answer.json() | {"count": 3, "as_of": "2020-10-04T00:00:00+00:00"}
        route.fulfill(response=answer, body=json.dumps(content))

    page.route("**/progress", stale)
    with page.expect_response("**/progress"):
        page.clock.run_for(13_000)
    page.clock.run_for(1_000)
    expect(shown).to_have_text(before)
