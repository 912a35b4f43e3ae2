"""Petra's site and the real service on two origins, and Debian's Chromium between them."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, sync_playwright

from tests.live_service import LiveService

SLUG = "stop-bloodshed-in-artsakh"
API = f"/api/v1/petitions/{SLUG}"
INSECURE = "http://petra.example"  # RFC 6761: never a real site
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# Adds up how far the page jumped, and keeps every event of the widget.
WITNESS = """
addEventListener('DOMContentLoaded', () => { window.shift = 0; window.told = [];
  new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shift += entry.value })
    .observe({type: 'layout-shift', buffered: true});
  for (const type of ['ready', 'invalid', 'submit', 'signed', 'goal', 'shared', 'error'])
    addEventListener('support-now:' + type, event => window.told.push([type, event.detail]));
}, {once: true});
"""


class PartnerSite:
    """A site of another origin: what `put` is given is what its address answers.

    It is also what a browser may take for its proxy: http://petra.example, which no browser calls secure, is
    this site as well.
    """

    def __init__(self) -> None:
        pages: dict[str, tuple[dict[str, str], str]] = {}

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers, html = pages.get(urlsplit(self.path).path, ({}, ""))
                body = html.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                for name, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Keep quiet."""

        self._pages = pages
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def put(self, html: str, headers: dict[str, str]) -> str:
        """Publish a page and return its address."""
        path = f"/news/{len(self._pages)}"
        self._pages[path] = (headers, html)
        return self.origin + path

    def put_file(self, path: str, kind: str, content: str) -> str:
        """Publish a file and return its address."""
        self._pages[path] = ({"Content-Type": kind}, content)
        return self.origin + path

    def close(self) -> None:
        """Go offline."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Publisher:
    """Petra at her desk: she writes pages with the snippet of a service at `url`."""

    def __init__(self, site: PartnerSite, url: str) -> None:
        self.site, self.url = site, url

    def snippet(self, attributes: str = "", slug: str = SLUG) -> str:
        """Return form A of the snippet."""
        return (
            f'<support-now petition="{slug}" height="446" style="display:block;min-height:446px" '
            f"{attributes}>"
            f'<a href="{self.url}/p/{slug}">Stop bloodshed in Artsakh: support now</a></support-now>'
            f"{self.script()}"
        )

    def script(self, attributes: str = "") -> str:
        """Return the script tag."""
        return f'<script async src="{self.url}/embed.js" {attributes}></script>'

    def publish(self, body: str, *, head: str = "", lang: str = "en", **headers: str) -> str:
        """Put a page on her site; `headers` with underscores for dashes."""
        html = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Petra</title>'
            f'<meta name="viewport" content="width=device-width">{head}</head>'
            f"<body><main><h1>News</h1>{body}<p id=after>What stands below</p></main></body></html>"
        )
        return self.site.put(html, {name.replace("_", "-"): value for name, value in headers.items()})


class Partner(Publisher):
    """Petra: she embeds the petition in a page of hers and opens it as a visitor would."""

    def __init__(self, browser: Browser, site: PartnerSite, service: LiveService) -> None:
        super().__init__(site, service.url)
        self.service = service
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def visitor(self, **options: Any) -> Page:
        """Open an empty tab of a new visitor."""
        context = self._browser.new_context(**options)
        context.add_init_script(WITNESS)
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    def embed(self, attributes: str = "", *, head: str = "", lang: str = "en", **options: Any) -> Page:
        """Open a page with the snippet."""
        page = self.visitor(**options)
        page.goto(self.publish(self.snippet(attributes), head=head, lang=lang))
        return page

    def close(self) -> None:
        """Close every tab."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()


Change = Callable[[dict[str, Any]], None]


def change_widget(page: Page, change: Change) -> None:
    """Let the service's own answer for the widget arrive changed."""

    def handle(route: Route) -> None:
        answer = route.fetch()
        content = answer.json()
        change(content)
        route.fulfill(response=answer, body=json.dumps(content))

    page.route("**/widget?*", handle)


def asked_of(page: Page, service: LiveService) -> list[str]:
    """Keep every request to the service as `METHOD /path`."""
    found: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(service.url):
            found.append(f"{request.method} {request.url.removeprefix(service.url).partition('?')[0]}")

    page.on("request", note)
    return found


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """The service with the sample petition. Limits are off: all visitors share one address here."""
    service = LiveService(tmp_path_factory.mktemp("embed"), RATE_LIMITS="off")
    service.flask("ledger", "migrate")
    service.flask("petition", "load-sample")
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture(scope="session")
def petras_site() -> Iterator[PartnerSite]:
    """Another origin."""
    site = PartnerSite()
    yield site
    site.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def petra(chromium: Browser, petras_site: PartnerSite, live: LiveService) -> Iterator[Partner]:
    """Petra, for one test."""
    partner = Partner(chromium, petras_site, live)
    yield partner
    partner.close()
