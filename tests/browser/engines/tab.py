"""A tab of any engine: what a visitor does there, and what can be seen of the page."""

import base64
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.engines.engines import Engine
from tests.browser.engines.webdriver import ELEMENT, WebDriverError

PATIENCE = 15.0  # s
ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"
# What each page remembers of itself, from before the embed comes. Not every engine measures layout shifts, so
# every place that the paragraph below the widget had in any frame is kept.
WITNESS = """
window.told = []; window.said = []; window.faults = []; window.tops = []; window.shift = 0;
for (const level of ['info', 'warn', 'error']) {
  const own = console[level];
  console[level] = (...words) => { said.push(level + ': ' + words.join(' ')); own.apply(console, words) };
}
addEventListener('error', event => faults.push(event.message));
addEventListener('unhandledrejection', event => faults.push(String(event.reason)));
for (const type of ['ready', 'invalid', 'submit', 'signed', 'goal', 'shared', 'error'])
  addEventListener('support-now:' + type, event => told.push([type, event.detail]));
if (PerformanceObserver.supportedEntryTypes.includes('layout-shift'))
  new PerformanceObserver(list => list.getEntries().forEach(entry => window.shift += entry.value))
    .observe({type: 'layout-shift', buffered: true});
const look = () => {
  const after = document.getElementById('after');
  const top = after && Math.round(after.getBoundingClientRect().top + scrollY);
  if (after && tops.at(-1) !== top) tops.push(top);
  requestAnimationFrame(look);
};
look();
"""
# `$` finds inside the first widget, `$$` all in all widgets.
FINDERS = """
const widget = document.querySelector('support-now');
const $ = selector => widget?.shadowRoot?.querySelector(selector);
const $$ = selector => [...document.querySelectorAll('support-now')]
  .flatMap(one => [...(one.shadowRoot?.querySelectorAll(selector) ?? [])]);
const seen = node => node instanceof Element && node.getClientRects().length > 0
  && getComputedStyle(node).visibility == 'visible';
"""


class Tab:
    """The engine's present window. Scripts are bodies of functions that know `FINDERS`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def goto(self, address: str) -> None:
        """Open an address; scripts that are loaded `async` may still be on their way."""
        self.engine.driver.send("Navigate", url=address)

    def back(self) -> None:
        self.engine.driver.send("Back")

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of a function in the page; return what it returns."""
        return self.engine.driver.send("ExecuteScript", script=FINDERS + script, args=list(arguments))

    def wait(self, condition: str, *arguments: object, patience: float = PATIENCE) -> Any:
        """Wait until an expression is true in the page; return its value. Else fail with what is shown."""
        return until(
            lambda: self.run(f"return {condition}", *arguments),
            lambda: f"{self.engine.name}: never {condition}; the widget: {self._shown()}",
            patience,
        )

    def click(self, selector: str) -> None:
        """Click on what a selector finds in the widget."""
        self.engine.driver.send("ElementClick", id=self._find(selector))

    def type(self, selector: str, text: str) -> None:
        """Type into a field of the widget, behind what stands there."""
        self._find(selector)
        # Drivers differ in what they think can be clicked in a frame; the focus and the keys are the same.
        # Keys that came before a frame had the focus are lost, and typed again.
        for _ in range(3):
            self.run("$(arguments[0]).focus()", selector)
            self.keys(*text)
            with suppress(AssertionError):
                self.wait("$(arguments[0]).value.endsWith(arguments[1])", selector, text, patience=2)
                return
        raise AssertionError(f"{self.engine.name}: {selector} does not take {text}; {self._shown()}")

    def choose(self, selector: str, value: str) -> None:
        """Choose from a list. (How a list pops up differs; what the page hears does not.)"""
        self._find(selector)
        self.run(
            "const list = $(arguments[0]); list.value = arguments[1];"
            "for (const type of ['input', 'change']) list.dispatchEvent(new Event(type, {bubbles: true}))",
            selector,
            value,
        )

    def keys(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.engine.driver.send("PerformActions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def text(self, selector: str) -> str:
        """Return the text of what is found in the widget, nothing if there is none."""
        return str(self.run("return $(arguments[0])?.textContent ?? ''", selector))

    def enter_frame(self, selector: str = "iframe") -> None:
        """Go on inside a frame of the page."""
        frame = self.wait("document.querySelector(arguments[0])", selector)
        self.engine.driver.send("SwitchToFrame", id=frame)

    def leave_frame(self) -> None:
        self.engine.driver.send("SwitchToFrame", id=None)

    def another(self, kind: str = "window") -> str:
        """Open another window or tab, go there, and return the handle of the one left behind."""
        left = self.handle()
        opened = self.engine.driver.send("NewWindow", type=kind)
        self.go_to(opened["handle"])
        return left

    def handle(self) -> str:
        """Return the name of the present window."""
        return str(self.engine.driver.send("GetWindowHandle"))

    def go_to(self, handle: str) -> None:
        """Go on in another window."""
        self.engine.driver.send("SwitchToWindow", handle=handle)

    def close(self) -> None:
        """Close the present window; `go_to` must follow."""
        self.engine.driver.send("CloseWindow")

    def resize(self, width: int, height: int) -> None:
        self.engine.driver.send("SetWindowRect", width=width, height=height)

    def paint(self) -> None:
        """Wait until two frames were drawn."""
        self.engine.driver.send(
            "ExecuteAsyncScript",
            script="requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))",
            args=[],
        )

    def photograph(self) -> bytes:
        """Return what is seen, as a PNG."""
        return base64.b64decode(self.engine.driver.send("TakeScreenshot"))

    def axe(self) -> list[tuple[str, list[str]]]:
        """Return what axe finds wrong, shadow trees and all."""
        self.engine.driver.send("ExecuteScript", script=AXE_SCRIPT, args=[])
        found = self.engine.driver.send(
            "ExecuteAsyncScript",
            script="const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(found =>"
            " done(found.violations.map(rule => [rule.id, rule.nodes.map(node => node.html)])), error =>"
            " done([['axe', [String(error)]]]))",
            args=[],
        )
        return [(rule, nodes) for rule, nodes in found]

    def _find(self, selector: str) -> str:
        """Wait until it is there, and seen; return the engine's own name for it."""
        element = self.wait("seen($(arguments[0])) && $(arguments[0])", selector)
        return str(element[ELEMENT])

    def _shown(self) -> str:
        try:
            return str(self.run("return [location.href, $('[part=container]')?.innerText, window.said]"))
        except WebDriverError as error:
            return str(error)


def until(condition: Callable[[], Any], complaint: Callable[[], str], patience: float = PATIENCE) -> Any:
    """Ask until the answer is true and return it. Raises AssertionError with the complaint."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(complaint())
        time.sleep(0.03)
    return value
