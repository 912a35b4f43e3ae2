"""What the embed costs a page: main thread, memory and requests, with the script and without it."""

import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import QUIET, SLUG, PartnerSite
from tests.live_service import LiveService

RUNS = 15
WIDGETS = 20
BUDGET = 50  # ms of main thread that twenty widgets may cost
PARTS = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
# No polling: it would be work on the thread that is measured.
WITNESS = """
let ready = 0;
window.all = new Promise(done => addEventListener('support-now:ready', ({target}) => {
  const all = target.parentNode.querySelectorAll('support-now').length;
  if (target.getAttribute('loading') == 'lazy' || ++ready == all) done();
}));
window.longest = 0;
new PerformanceObserver(list => {
  for (const {duration} of list.getEntries()) window.longest = Math.max(longest, duration);
}).observe({type: 'longtask', buffered: true});
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """One page: milliseconds of main thread in all and by part, its longest task over 50 ms, MB, requests."""

    parts: dict[str, float]
    longest: float
    heap: float
    requests: int


def main() -> int:
    """Measure and print. Being slow is told, not punished: the machine may be a slow one."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = LiveService(Path(folder), RATE_LIMITS="off")
        service.flask("ledger", "migrate")
        service.flask("petition", "load-sample")
        site = PartnerSite()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        try:
            service.start()
            _report(browser, site, service, runs)
        finally:
            browser.close()
            site.close()
            service.stop()
    return 0


def _report(browser: Browser, site: PartnerSite, service: LiveService, runs: int) -> None:
    """Take the pages in turns, so that what else the machine does falls on all of them alike."""
    pages = {
        "plain": _publish(site, service, "eager", script=False),
        "near the window": _publish(site, service, "lazy"),
        "all at once": _publish(site, service, "eager"),
    }
    _cost(browser, service, pages["all at once"])  # warm: the service's caches, the browser's own
    taken: dict[str, list[Cost]] = {name: [] for name in pages}
    for _ in range(runs):
        for name, address in pages.items():
            taken[name].append(_cost(browser, service, address))
    print(f"{WIDGETS} widgets of one petition, medians of {runs} visits, ms more than without the script:\n")
    print(
        "| page | main thread (least - most) | script | layout | style | longest task | heap, MB | requests |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in ("near the window", "all at once"):
        print(_row(name, taken[name], taken["plain"]))
    print(f"\nTo be reached: {BUDGET} ms of main thread, one request for the petition beside the script.")


def _row(name: str, costs: list[Cost], plain: list[Cost]) -> str:
    more = {
        part: [one.parts[part] - two.parts[part] for one, two in zip(costs, plain, strict=True)]
        for part in PARTS
    }
    whole, script, layout, style = (statistics.median(more[part]) for part in PARTS)
    spread = f"{whole:.0f} ({min(more['TaskDuration']):.0f} - {max(more['TaskDuration']):.0f})"
    longest = statistics.median(one.longest for one in costs)
    heap = statistics.median(one.heap for one in costs) - statistics.median(one.heap for one in plain)
    asked = max(one.requests for one in costs)
    return (
        f"| {name} | {spread} | {script:.0f} | {layout:.0f} | {style:.0f} "
        f"| {f'{longest:.0f}' if longest else 'under 50'} | {heap:.1f} | {asked} |"
    )


def _publish(site: PartnerSite, service: LiveService, loading: str, *, script: bool = True) -> str:
    widget = (
        f'<support-now petition="{SLUG}" height="446" loading="{loading}" '
        'style="display:block;min-height:446px">'
        f'<a href="{service.url}/p/{SLUG}">Support now</a></support-now><p>What stands between</p>'
    )
    tag = f'<script async src="{service.url}/embed.js"></script>' if script else ""
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Petra</title><script>{WITNESS}</script>'
    )
    return site.put(html + widget * WIDGETS + tag, {})


def _cost(browser: Browser, service: LiveService, address: str) -> Cost:
    """Visit as somebody new, until the first form (eager: every form) is drawn."""
    with browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce") as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("about:blank")
        cdp = context.new_cdp_session(page)
        # Time of this thread, not of the clock: what else the machine does must not count.
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(address)
        if "src=" in page.content():
            page.evaluate("all")
        page.evaluate(DRAWN)
        figures = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        parts = {part: figures[part] * 1000 for part in PARTS}
        longest = page.evaluate("longest")
        mine = [url for url in asked if url.startswith(service.url)]
        return Cost(parts, longest, figures["JSHeapUsedSize"] / 1e6, len(mine))


if __name__ == "__main__":
    sys.exit(main())
