"""Firefox and WebKit, the short way: it comes, it explains, it signs, on plain and on strict pages. All three
engines go all the ways in the files beside this one, by `make test-browsers`."""

import pytest

from tests.browser.conftest import API
from tests.browser.engines.conftest import Desk
from tests.browser.engines.relay import Relay
from tests.browser.engines.signing import FORM, THANKS, fill_in, number, press
from tests.browser.engines.tab import ENTER, Tab

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["firefox", "webkit"], indirect=True)]
POST = f"POST {API}/signatures"


def test_it_comes_signs_and_thanks_with_two_gets_and_one_post(tab: Tab, desk: Desk, relay: Relay) -> None:
    tab.goto(desk.publish(desk.snippet()))
    before = number(tab)
    fill_in(tab)
    press(tab)
    tab.wait(THANKS)
    assert f"You are one of {before + 1}." in tab.text("[part=thanks]")
    assert (
        tab.run("return document.activeElement == widget && widget.shadowRoot.activeElement.part.value")
        == "thanks"
    )
    assert number(tab) == before + 1
    assert relay.lines == ["GET /embed.js", f"GET {API}/widget", POST]
    assert all("cookie" not in asked.headers for asked in relay.asked)
    assert tab.run("return [document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    told = tab.run("return told.map(event => event[0])")
    assert [event for event in told if event != "goal"] == ["ready", "submit", "signed"]
    assert len(tab.run("return tops")) == 1
    assert tab.run("return [faults, said]") == [[], []]


def test_what_is_missing_is_explained(tab: Tab, desk: Desk, relay: Relay) -> None:
    tab.goto(desk.publish(desk.snippet()))
    press(tab)
    tab.wait("widget.shadowRoot.activeElement?.part.value == 'errors'")
    assert tab.run("return $$('[aria-invalid=true]').map(field => field.id)") == [
        *("given_name", "family_name", "email", "country")
    ]
    tab.click("[part=errors] li:nth-child(3) a")
    tab.wait("widget.shadowRoot.activeElement?.id == 'email'")
    assert POST not in relay.lines


def test_the_strictest_page_shows_and_signs(tab: Tab, desk: Desk, relay: Relay) -> None:
    policy = desk.policy("style-src 'none'", "require-trusted-types-for 'script'; trusted-types 'none'")
    tab.goto(desk.publish(desk.snippet(), Content_Security_Policy=policy))
    tab.wait(FORM)
    assert tab.run("return getComputedStyle($('form button')).backgroundColor") == "rgb(178, 58, 30)"
    fill_in(tab)
    press(tab)
    tab.wait(THANKS)
    assert tab.run("return faults") == []


def test_in_a_frame_that_may_only_run_scripts_enter_signs(tab: Tab, desk: Desk, relay: Relay) -> None:
    inner = desk.publish(desk.snippet('loading="eager"'))
    tab.goto(
        desk.publish(
            f'<iframe sandbox="allow-scripts" src="{inner}" width="400" height="600" title="P"></iframe>'
        )
    )
    tab.enter_frame()
    fill_in(tab)
    tab.run("$('#email').focus()")
    tab.keys(ENTER)
    tab.wait(THANKS)
    (sent,) = (asked for asked in relay.asked if asked.line == POST)
    assert (sent.headers["origin"], sent.statuses) == ("null", [201])
