"""Pages of every kind, in every engine: wherever the snippet stands, it comes, signs and thanks, and
asks nothing of anybody but the service."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import API, INSECURE, SLUG
from tests.browser.engines.conftest import Desk
from tests.browser.engines.engines import NAMES
from tests.browser.engines.relay import Relay
from tests.browser.engines.signing import FORM, THANKS, fill_in, number, press
from tests.browser.engines.tab import Tab
from widget.releasing import LATEST, as_served, integrity

pytestmark = [
    pytest.mark.browser,
    pytest.mark.browsers,
    pytest.mark.parametrize("engine", NAMES, indirect=True),
]
ASKED = "return performance.getEntriesByType('resource').map(one => new URL(one.name).origin)"
POST = f"POST {API}/signatures"
NO_SINKS = "require-trusted-types-for 'script'; trusted-types 'none'"
HOSTILE = """<style>
* { color: red !important; font: italic 9px/4 cursive !important; letter-spacing: 9px !important;
    text-transform: uppercase !important; box-sizing: content-box !important; float: left !important }
input, button, label, form, progress { display: none !important; width: 5px !important }
</style>"""
NO_STORAGE = (
    "for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])"
    "Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError') }})"
)
STUB = (
    "<div id=here></div><script>window.SupportNow = window.SupportNow || {q: []};"
    f"SupportNow.q.push(['render', '#here', {{petition: '{SLUG}'}}])</script>"
)


def parent(style: str) -> Callable[[Desk], str]:
    return lambda desk: desk.publish(f'<div style="{style}">{desk.snippet()}</div>')


def strict(*directives: str) -> Callable[[Desk], str]:
    return lambda desk: desk.publish(desk.snippet(), Content_Security_Policy=desk.policy(*directives))


def framed(desk: Desk, attributes: str, address: str = "") -> str:
    address = address or desk.publish(desk.snippet('loading="eager"'))
    return desk.publish(f'<iframe src="{address}" title="P" height="640" {attributes}></iframe>')


KINDS: dict[str, Callable[[Desk], str]] = {
    "plain": lambda desk: desk.publish(desk.snippet()),
    "no styles": strict("style-src 'none'"),
    "no sinks": strict(NO_SINKS),
    "nothing": strict("style-src 'none'", NO_SINKS),
    "isolated": lambda desk: desk.publish(
        desk.snippet(),
        Cross_Origin_Embedder_Policy="require-corp",
        Cross_Origin_Opener_Policy="same-origin",
    ),
    "right to left": lambda desk: desk.publish(desk.snippet(), lang="ar"),
    "hostile": lambda desk: desk.publish(desk.snippet(), head=HOSTILE),
    "in a form": lambda desk: desk.publish(f'<form action="/gone">{desk.snippet()}<input name=q></form>'),
    "in flex": parent("display:flex"),
    "in grid": parent("display:grid"),
    "in float": parent("float:left"),
    "in inline-block": parent("display:inline-block"),
    "in a cell": parent("display:table-cell"),
    "rendered by hand": lambda desk: desk.publish(STUB + desk.script()),
    "script twice": lambda desk: desk.publish(desk.snippet() + desk.script()),
    "insecure": lambda desk: desk.insecure(desk.publish(desk.snippet())),
    "storage blocked": lambda desk: desk.publish(desk.snippet(), head=f"<script>{NO_STORAGE}</script>"),
    "script alone": lambda desk: desk.publish(desk.script(f'data-petition="{SLUG}"')),
    "div": lambda desk: desk.publish(f'<div data-support-now="{SLUG}"></div>{desk.script()}'),
    "pinned": lambda desk: desk.publish(pinned(desk, integrity(as_served(LATEST)))),
    "twenty": lambda desk: desk.publish(desk.snippet('loading="eager"') * 20),
}
FRAMES: dict[str, Callable[[Desk], str]] = {
    "320 px": lambda desk: framed(desk, 'width="320"'),
    "sandboxed": lambda desk: framed(desk, 'width="400" sandbox="allow-scripts"'),
    "our own": lambda desk: framed(desk, 'width="400"', f"{desk.url}/embed/{SLUG}"),
    "our own, sandboxed": lambda desk: framed(
        desk, 'width="400" sandbox="allow-scripts"', f"{desk.url}/embed/{SLUG}#?secret=ab12cd34ef"
    ),
}


def pinned(desk: Desk, value: str) -> str:
    """Write snippet E; today's script stands for a version, which keeps these very bytes."""
    return desk.snippet().replace("embed.js", f'embed.js" integrity="{value}" crossorigin="anonymous')


def sign(tab: Tab) -> None:
    """Sign, and see the number go up by this one."""
    before = number(tab)
    fill_in(tab)
    press(tab)
    tab.wait(THANKS)
    assert number(tab) > before


@pytest.mark.parametrize("kind", KINDS)
def test_sam_signs(tab: Tab, desk: Desk, relay: Relay, kind: str) -> None:
    tab.goto(KINDS[kind](desk))
    tab.wait(FORM)
    assert tab.run("return widget.getBoundingClientRect().width") >= 280
    sign(tab)
    assert tab.run("return faults") == []
    scripts = [line for line in relay.lines if line == "GET /embed.js"]
    assert [line for line in relay.lines if line not in scripts] == [f"GET {API}/widget", POST]
    assert len(scripts) == 1 or kind in {"script twice", "twenty"}
    assert all("cookie" not in asked.headers for asked in relay.asked)
    assert set(tab.run(ASKED)) <= {desk.url, desk.site.origin, INSECURE}
    if kind == "script twice":
        assert tab.run("return said") == ["info: Support Now: loaded twice"]
    if kind == "right to left":
        assert tab.run("return getComputedStyle($('[part=container]')).direction") == "rtl"
    if kind == "insecure":
        assert tab.run("return isSecureContext") is False
    if kind == "twenty":
        assert tab.run("return new Set($$('[part=count]').map(one => one.textContent)).size") == 1


@pytest.mark.parametrize("kind", FRAMES)
def test_sam_signs_in_a_frame(tab: Tab, desk: Desk, relay: Relay, kind: str) -> None:
    tab.goto(FRAMES[kind](desk))
    tab.enter_frame()
    tab.wait(FORM)
    before = number(tab)
    fill_in(tab)
    tab.run("$('form button').click()")  # what some drivers cannot do in a frame by themselves
    tab.wait(THANKS)
    assert number(tab) > before
    assert tab.run("return document.documentElement.scrollWidth <= innerWidth")
    (sent,) = (asked for asked in relay.asked if asked.line == POST)
    assert sent.statuses == [201]
    assert (sent.headers["origin"] == "null") == ("sandboxed" in kind)


LINK = "[...document.querySelectorAll('support-now a')].filter(seen).map(link => link.href)"


@pytest.mark.parametrize(
    "attributes", ["script-src 'self'", "script-src 'none'", "sandbox allow-same-origin"], ids=str
)
def test_where_no_script_may_run_the_link_leads_to_the_petition(
    tab: Tab, desk: Desk, relay: Relay, attributes: str
) -> None:
    tab.goto(desk.publish(desk.snippet(), Content_Security_Policy=attributes))
    assert tab.wait(LINK) == [f"{desk.url}/p/{SLUG}"]
    assert f"GET {API}/widget" not in relay.lines


def test_other_bytes_than_those_pinned_are_not_run(tab: Tab, desk: Desk, relay: Relay) -> None:
    tab.goto(desk.publish(pinned(desk, integrity(b"other bytes"))))
    tab.wait("document.readyState == 'complete'")
    assert tab.run("return customElements.get('support-now') === undefined")
    assert tab.wait(LINK) == [f"{desk.url}/p/{SLUG}"]


def test_a_page_that_lets_us_load_nothing_says_what_to_add(tab: Tab, desk: Desk, relay: Relay) -> None:
    policy = f"script-src {desk.url} {desk.site.origin}; connect-src 'self'"
    tab.goto(desk.publish(desk.snippet(), Content_Security_Policy=policy))
    tab.wait("$('[role=alert]')?.textContent == 'This page does not let the petition load.'")
    assert tab.wait(LINK) == [f"{desk.url}/p/{SLUG}"]
    (line,) = (line for line in tab.run("return said") if "Support Now" in line)
    assert f"Content-Security-Policy: connect-src {desk.url}" in line
