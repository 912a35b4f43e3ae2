"""Pages built with well-known frameworks and resets; try to change the widget by them, or them by the widget.

A page hands two things in, by `theme="inherit"`: its text colour and its font. So the plain page that a
framework's page is compared with is handed the same two (as 8-bit colours, which is how computed values tell
them); then every computed value of every element inside must be alike, and every pixel. With a theme of its
own, the widget takes the font only.
"""

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.browser.engines.conftest import Desk
from tests.browser.engines.engines import NAMES
from tests.browser.engines.relay import Relay
from tests.browser.engines.signing import FORM, THANKS, fill_in, press
from tests.browser.engines.tab import Tab, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.browsers,
    pytest.mark.parametrize("engine", NAMES, indirect=True),
]
PACKAGES = Path(__file__).parents[1] / "frameworks" / "node_modules"
SHEETS = {
    "bootstrap": ["bootstrap/dist/css/bootstrap.css"],
    "bulma": ["bulma/css/bulma.css"],
    "foundation": ["foundation-sites/dist/css/foundation.css"],
    "pico": ["@picocss/pico/css/pico.css"],
    # Its second sheet says `!important` of every element; all engines here ask for reduced motion.
    "sanitize": ["sanitize.css/sanitize.css", "sanitize.css/forms.css", "sanitize.css/reduce-motion.css"],
    "ress": ["ress/ress.css"],
}
# What site builders and Tailwind's `important` switch make of a sheet: every declaration insists.
INSISTING = ["sanitize", "ress", "pico"]
PLACE = "; ".join(
    f"{rule}!important"
    for rule in ("position:absolute", "left:0", "top:0", "width:400px", "height:446px", "background:#fff")
)
CONTENT = """<div id=outside style="margin-top:470px!important">
<h1>News</h1><h2>More</h2><p>A <a href="#">link</a>, <b>bold</b>, <code>code</code>, <small>small</small></p>
<ul><li>one<li>two</ul><blockquote>Said</blockquote><table><tr><th>a<td>b</table><hr>
<form><label>Name <input name=given_name id=given_name></label><select><option>a</select><textarea></textarea>
<input type=checkbox><progress value=1 max=2></progress><button type=button>Press</button></form></div>"""
VALUES = """
const byte = (all, red, green, blue, rest) =>
  'color(' + [red, green, blue].map(part => Math.round(part * 255)) + rest;
const values = node => {
  const style = getComputedStyle(node);
  return [...style].filter(name => !name.startsWith('--')).map(name => name + ': ' +
    style.getPropertyValue(name).replace(/color\\(srgb ([\\d.]+) ([\\d.]+) ([\\d.]+)(.*?\\))/g, byte));
};
"""
INSIDE = f"""{VALUES}
return $$('*').filter(node => node.localName != 'option').map((node, i) =>
  [[i, node.localName, node.part.value, node.id].join(' '), values(node)])
"""
OUTSIDE = f"""{VALUES}
return [document.documentElement, document.head, document.body, ...document.body.querySelectorAll('*')]
  .filter(node => !node.closest('support-now') && node.localName != 'script')
  .map((node, i) => [[i, node.localName, node.getAttributeNames()].join(' '), values(node)])
"""
STILL = """document.fonts.status == 'loaded' && document.getAnimations()
  .every(one => one.playState == 'finished' || one.effect.getTiming().iterations == Infinity)"""
Computed = list[tuple[str, list[str]]]


def style(name: str) -> str:
    """Read a framework; its name with an exclamation mark has it insist on everything."""
    text = "\n".join((PACKAGES / sheet).read_text() for sheet in SHEETS[name.rstrip("!")])
    text = text.replace('@charset "UTF-8";', "")
    return re.sub(r"(?<![;{!}\s])(?=\s*[;}])(?<!important)", " !important", text) if "!" in name else text


def page(desk: Desk, css: str, attributes: str = "", *, script: bool = True) -> str:
    """Publish a page with the widget in the same place whatever the framework makes of the rest."""
    sheet = desk.site.put_file(f"/{abs(hash(css))}.css", "text/css", css)
    snippet = desk.snippet(f'loading="eager" {attributes}')
    if not script:
        snippet = snippet.replace(desk.script(), "")
    html = f'<link rel=stylesheet href="{sheet}"><div id=place style="{PLACE}">{snippet}</div>{CONTENT}'
    return desk.publish(html)


def differences(plain: Computed, other: Computed) -> list[str]:
    """Name every element and property that is not alike."""
    assert [name for name, _ in plain] == [name for name, _ in other]
    return [
        f"{name}: {ours} / {theirs}"
        for (name, mine), (_, yours) in zip(plain, other, strict=True)
        for ours, theirs in zip(mine, yours, strict=True)
        if ours != theirs
    ]


def rest(tab: Tab) -> None:
    """Wait until nothing moves any more, and what is there is painted."""
    tab.wait(STILL)
    tab.paint()


def look(tab: Tab, box: tuple[int, int, int, int] = (0, 0, 400, 446)) -> Image.Image:
    """Photograph a place, the widget's own if none is given, once it looks the same twice."""
    rest(tab)
    seen: list[Image.Image] = []

    def twice() -> bool:
        seen.append(Image.open(io.BytesIO(tab.photograph())).convert("RGB").crop(box))
        return len(seen) > 1 and seen[-2].tobytes() == seen[-1].tobytes()

    until(twice, lambda: f"{tab.engine.name}: never at rest")
    return seen[-1]


def strays(one: Image.Image, other: Image.Image) -> int:
    """Count the pixels that differ by more than one step, which is how engines round the edge of a curve."""
    steps = ImageChops.difference(one, other).tobytes()
    return sum(max(steps[i : i + 3]) > 1 for i in range(0, len(steps), 3))


# WebKit draws the page in tiles, and smooths a line that crosses two of them now this way, now that.
STRAYS = {"chromium": 0, "firefox": 0, "webkit": 60}


def states(
    tab: Tab, address: str, colours: list[str] | None = None
) -> tuple[list[Computed], list[Image.Image]]:
    """Look inside as it comes, with every field marked, and when it thanks."""
    tab.resize(1000, 1100)
    tab.goto(address)
    tab.wait(FORM)
    if colours:
        tab.run(
            "[widget.parentNode.style.color, widget.parentNode.style.fontFamily] = arguments[0]",
            colours,
        )
        tab.run("widget.refresh()")
    pictures = [look(tab)]
    found = [tab.run(INSIDE)]
    press(tab)
    tab.wait("$$('[aria-invalid=true]').length == 4")
    tab.run("widget.shadowRoot.activeElement.blur()")
    pictures.append(look(tab))
    found.append(tab.run(INSIDE))
    fill_in(tab)
    press(tab)
    tab.wait(THANKS)
    tab.run("widget.shadowRoot.activeElement?.blur()")
    rest(tab)
    found.append(tab.run(INSIDE))
    return found, pictures


@pytest.fixture(autouse=True)
def resting(relay: Relay) -> None:
    """The number stands still, so that two visits look alike."""

    def still(answer: dict[str, object]) -> None:
        answer["progress"] = {**answer["progress"], "count": 49, "goal": 50}  # type: ignore[dict-item]

    relay.bend("widget$|signatures$", change=still)


@pytest.mark.parametrize("theme", ["inherit", "light", "dark"])
@pytest.mark.parametrize("framework", [*SHEETS, *(f"{name}!" for name in INSISTING)])
def test_nothing_inside_changes(tab: Tab, desk: Desk, framework: str, theme: str) -> None:
    theirs, theirs_seen = states(tab, page(desk, style(framework), f'theme="{theme}"'))
    handed_in = tab.run("const {color, fontFamily} = getComputedStyle(widget); return [color, fontFamily]")
    plain, plain_seen = states(tab, page(desk, "", f'theme="{theme}"'), handed_in)
    for mine, yours in zip(plain, theirs, strict=True):
        assert differences(mine, yours) == []
    for mine_seen, yours_seen in zip(plain_seen, theirs_seen, strict=True):
        assert strays(mine_seen, yours_seen) <= STRAYS[tab.engine.name]


@pytest.mark.parametrize("framework", ["", *SHEETS])
def test_nothing_outside_changes(tab: Tab, desk: Desk, framework: str) -> None:
    css = style(framework) if framework else ""
    tab.resize(1000, 1100)
    tab.goto(page(desk, css, script=False))
    names = "return Object.getOwnPropertyNames(window)"
    below = (0, 450, 900, 950)
    seen = look(tab, below)
    before, known = tab.run(OUTSIDE), set(tab.run(names))
    tab.goto(page(desk, css))
    tab.wait(FORM)
    assert strays(seen, look(tab, below)) <= STRAYS[tab.engine.name]
    assert differences(before, tab.run(OUTSIDE)) == []
    assert set(tab.run(names)) - known <= {"SupportNow"}
    assert tab.run("return [document.adoptedStyleSheets.length, document.styleSheets.length]") == [0, 1]
