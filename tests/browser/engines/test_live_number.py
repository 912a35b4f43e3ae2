"""Two pages, one number: try to leave a page behind, or to keep asking where nobody looks.

WebKit's automation keeps no cache and opens tabs behind the one that is seen: what needs either is tried in
the other two engines. The embed asks again after ten to twelve and a half seconds; these tests wait for what
must happen, in real time.
"""

import pytest

from tests.browser.conftest import API
from tests.browser.engines.conftest import Desk
from tests.browser.engines.engines import NAMES
from tests.browser.engines.relay import Relay
from tests.browser.engines.signing import FORM, THANKS, fill_in, number, press
from tests.browser.engines.tab import Tab, until

pytestmark = [pytest.mark.browser, pytest.mark.browsers]
every_engine = pytest.mark.parametrize("engine", NAMES, indirect=True)
with_cache_and_tabs = pytest.mark.parametrize("engine", ["chromium", "firefox"], indirect=True)
PROGRESS = f"GET {API}/progress"
CONVERGED = 15.0  # s after a signature until another page that is looked at shows it


@every_engine
def test_another_page_shows_the_signature_within_fifteen_seconds(tab: Tab, desk: Desk, relay: Relay) -> None:
    watching = desk.publish(desk.snippet())
    tab.goto(watching)
    tab.wait(FORM)
    left = tab.another("window")
    tab.goto(desk.publish(desk.snippet("source=elsewhere")))
    fill_in(tab)
    press(tab)
    tab.wait(THANKS)
    after = number(tab)
    signing = tab.handle()
    tab.go_to(left)
    try:
        tab.wait(
            "Number($('[part=count] b').textContent.replace(/\\D/g, '')) == arguments[0]",
            after,
            patience=CONVERGED,
        )
        assert "OPTIONS" not in {line.split()[0] for line in relay.lines}
    finally:
        tab.go_to(signing)
        tab.close()
        tab.go_to(left)


@with_cache_and_tabs
def test_what_did_not_change_is_not_sent_again(tab: Tab, desk: Desk, relay: Relay) -> None:
    """The first question brings the tag, the second sends it back and learns that nothing is new."""
    relay.cached = True
    tab.goto(desk.publish(desk.snippet()))
    tab.wait(FORM)

    def asked() -> list[tuple[bool, list[int]]]:
        return [("if-none-match" in one.headers, one.statuses) for one in relay.asked if one.line == PROGRESS]

    until(lambda: len(asked()) > 1 and asked()[1][1], lambda: f"asked {asked()}", patience=40)
    assert asked()[:2] == [(False, [200]), (True, [304])]


@with_cache_and_tabs
def test_a_hidden_tab_rests_while_another_lives(tab: Tab, desk: Desk, relay: Relay) -> None:
    """Their origins tell them apart; when the one that is seen has asked twice, the other has not once."""
    page = desk.publish(desk.snippet())
    tab.goto(page)
    tab.wait(FORM)
    tab.run(
        "window.hid = false;"
        "document.addEventListener('visibilitychange', () => window.hid ||= document.hidden)"
    )
    left = tab.another("tab")
    tab.goto(desk.insecure(page))
    tab.wait(FORM)
    try:
        relay.asked.clear()

        def origins() -> list[str]:
            return [one.headers["origin"] for one in relay.asked if one.line == PROGRESS]

        seen = tab.run("return location.origin")
        until(lambda: origins().count(seen) > 1, lambda: f"asked by {origins()}", patience=40)
        assert set(origins()) == {seen}
    finally:
        tab.close()
        tab.go_to(left)
    assert tab.run("return hid")
