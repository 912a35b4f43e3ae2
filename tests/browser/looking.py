"""What a careful eye and a keyboard find on a page: axe, what leaves the screen, what no key reaches."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 320, "height": 800}
DESK: ViewportSize = {"width": 1280, "height": 900}
# Frames are pages of their own, and looked at as such.
RUN = "options => axe.run(document, {iframes: false, resultTypes: ['violations'], ...options})"
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LISTEN = """() => { window.reached = []; addEventListener('focusin', ({target}) => {
  if (target.localName.includes('-')) return  // the widget has tests of its own
  const {outlineStyle, outlineWidth} = getComputedStyle(target)
  window.reached.push([target, outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2])
}, true) }"""
# A group of radio buttons is one stop: the arrow keys go on from there.
MISSED = """() => {
  const said = one => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 120)
  const reached = new Map(window.reached), radios = new Set()
  for (const one of reached.keys()) if (one.type === 'radio') radios.add(one.name)
  const stops = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
  const wanted = [...document.querySelectorAll(stops)]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.type !== 'hidden')
    .filter(one => one.tabIndex >= 0 && !(one.type === 'radio' && radios.has(one.name)))
  return [...wanted.filter(one => !reached.has(one)).map(one => 'no key reaches ' + said(one)),
    ...[...reached].filter(([, ringed]) => !ringed).map(([one]) => 'no ring around ' + said(one))]
}"""
MOST_STOPS = 400


def found_by_axe(page: Page, **options: Any) -> list[str]:
    """Return what axe finds on the page as it is: rule and element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(RUN, options)
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


def too_wide(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(wide, 0)


def look(page: Page) -> list[str]:
    """Return what is wrong on a page: light and dark, on a phone and at a desk."""
    found = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            where = f"{scheme}, {size['width']} px"
            # In the dark the same elements have other colours, and nothing else is different.
            asked = COLOURS if scheme == "dark" else {}
            found += [f"{where}: {one}" for one in found_by_axe(page, **asked)]
            if wide := too_wide(page):
                found.append(f"{where}: {wide} px wider than the window")
    if (heads := page.locator("h1").count()) != 1:
        found.append(f"{heads} headings of the first level")
    return found


def tab_through(page: Page) -> list[str]:
    """Return what the Tab key does not reach, and what shows no ring when it does."""
    page.evaluate(LISTEN)
    for _ in range(MOST_STOPS // 20):
        for _ in range(20):
            page.keyboard.press("Tab")
        if page.evaluate("window.reached.findLastIndex(([one]) => one === window.reached[0]?.[0]) > 0"):
            break
    missed: list[str] = page.evaluate(MISSED)
    return missed
