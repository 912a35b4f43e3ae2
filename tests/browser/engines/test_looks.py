"""axe in every state, from left to right and from right to left, light, dark and with forced colours, in all
engines."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import API
from tests.browser.engines.conftest import Desk
from tests.browser.engines.engines import NAMES
from tests.browser.engines.relay import Relay
from tests.browser.engines.signing import FORM, THANKS, fill_in, press
from tests.browser.engines.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.browsers]
every_engine = pytest.mark.parametrize("engine", NAMES, indirect=True)


def loading(tab: Tab, relay: Relay, address: str) -> None:
    relay.hold("widget$")
    tab.goto(address)
    tab.wait("widget?.shadowRoot")


def ready(tab: Tab, relay: Relay, address: str) -> None:
    tab.goto(address)
    tab.wait(FORM)


def mistaken(tab: Tab, relay: Relay, address: str) -> None:
    ready(tab, relay, address)
    press(tab)
    tab.wait("$$('[aria-invalid=true]').length == 4")


def sending(tab: Tab, relay: Relay, address: str) -> None:
    relay.hold("signatures$")
    ready(tab, relay, address)
    fill_in(tab)
    press(tab)
    tab.wait("$('[role=status]')?.textContent && $('[aria-disabled=true]')")


def thanked(tab: Tab, relay: Relay, address: str) -> None:
    ready(tab, relay, address)
    fill_in(tab)
    press(tab)
    tab.wait(THANKS)


def refused(tab: Tab, relay: Relay, address: str) -> None:
    relay.bend("signatures$", status=403, problem={"code": "origin_not_allowed"})
    ready(tab, relay, address)
    fill_in(tab)
    press(tab)
    tab.wait("widget.shadowRoot.activeElement?.part.value == 'errors'")


def unknown(tab: Tab, relay: Relay, address: str) -> None:
    relay.bend("widget$", status=404)
    tab.goto(address)
    tab.wait("$('[role=alert]')")


def closed(tab: Tab, relay: Relay, address: str) -> None:
    relay.bend("widget$", change=lambda answer: answer["petition"].update(status="closed"))  # type: ignore[attr-defined]
    tab.goto(address)
    tab.wait(THANKS)


STATES: list[Callable[[Tab, Relay, str], None]] = [
    *(loading, ready, mistaken, sending, thanked, refused, unknown, closed)
]
LOOK = "<style>main{{max-width:400px}} body{{background:{};color:{}}} #after{{color:inherit}}</style>"
PAPER = {"light": LOOK.format("#fff", "#222"), "dark": LOOK.format("#181614", "#eee")}


@every_engine
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("theme", ["light", "dark", "inherit"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_axe_finds_nothing(
    tab: Tab, desk: Desk, relay: Relay, state: Callable[[Tab, Relay, str], None], theme: str, lang: str
) -> None:
    head = PAPER["dark" if theme == "dark" else "light"]
    state(tab, relay, desk.publish(desk.snippet(f'theme="{theme}"'), head=head, lang=lang))
    if state not in {loading, unknown}:
        direction = "rtl" if lang == "ar" else "ltr"
        assert tab.run("return getComputedStyle($('[part=container]')).direction") == direction
    assert tab.axe() == []


@pytest.mark.parametrize("engine", ["chromium", "firefox"], indirect=True)  # WebKit has no forced colours
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_axe_finds_nothing_with_forced_colours(
    tab: Tab, desk: Desk, relay: Relay, state: Callable[[Tab, Relay, str], None], lang: str
) -> None:
    tab.engine.force_colours(True)
    try:
        state(tab, relay, desk.publish(desk.snippet(), lang=lang))
        assert tab.run("return matchMedia('(forced-colors: active)').matches")
        assert tab.axe() == []
    finally:
        tab.engine.force_colours(False)


@every_engine
@pytest.mark.parametrize("layout", ["bar", "button"])
def test_axe_finds_nothing_in_the_other_layouts(tab: Tab, desk: Desk, relay: Relay, layout: str) -> None:
    tab.goto(desk.publish(desk.snippet(f'layout="{layout}"')))
    tab.click("[aria-expanded]")
    tab.wait(FORM)
    assert tab.axe() == []
    assert f"GET {API}/widget" in relay.lines
