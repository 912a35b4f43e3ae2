"""Pages in a real browser: signing without JavaScript, axe, the partner's page and the frame."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.live_service import LiveService
from tests.petitions import MILL, draft
from widget.domain.petition import Status, Wording
from widget.store.ledger import Ledger

pytestmark = pytest.mark.browser

SAMPLE = "/p/stop-bloodshed-in-artsakh"
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

Open = Callable[..., Page]


class PartnerPage(BaseHTTPRequestHandler):
    """A page that holds an iframe: `/?slug` shows that petition, whatever the site is called."""

    framed = ""

    def do_GET(self) -> None:
        slug = self.path.partition("?")[2]
        frame = f'<iframe src="{self.framed}/embed/{slug}" title="Petition" width="400" height="900">'
        page = f"<!doctype html><title>Petra</title>{frame}</iframe>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""


@pytest.fixture(scope="module")
def partner() -> Iterator[int]:
    """Petra's site and Mallory's: any name below localhost, on this port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), PartnerPage)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, partner: int) -> Iterator[LiveService]:
    """The service with the sample and one petition for each state."""
    folder = tmp_path_factory.mktemp("pages")
    live = LiveService(folder, RATE_LIMITS="off")
    PartnerPage.framed = live.url
    live.flask("ledger", "migrate")
    live.flask("petition", "load-sample")
    _add_petitions(folder, allowed=f"http://petra.localhost:{partner}")
    try:
        yield live.start()
    finally:
        live.stop()


def _add_petitions(folder: Path, *, allowed: str) -> None:
    arabic = Wording("ar", "أنقذوا الطاحونة", ("مجلس المدينة",), "# الطاحونة\n\nدارت ثلاثمئة عام.")
    evil = replace(MILL.wording, title=EVIL, addressed_to=(EVIL,), text=EVIL)
    ledger = Ledger.connect(f"sqlite:///{folder / 'ledger.sqlite3'}")
    try:
        for made in (
            draft(),
            draft(slug="over", status=Status.CLOSED),
            draft(slug="guarded", allowed_origins=(allowed,)),
            draft(slug="mill-ar", wording=arabic),
            draft(slug="evil", wording=evil, started_by=EVIL),
        ):
            ledger.add_petition(made, datetime.now(UTC))
    finally:
        ledger.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, service: LiveService) -> Iterator[Open]:
    """Open an address of the service as a new visitor; what the browser is like goes into options."""
    contexts: list[BrowserContext] = []

    def visit(address: str, **options: Any) -> Page:
        context = chromium.new_context(base_url=service.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()


def fill_in(page: Page, email: str) -> None:
    page.get_by_label("First name").fill("Sam")
    page.get_by_label("Last name").fill("of the Cast")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Country").select_option("Armenia")


# Signing without JavaScript


def test_sam_reads_signs_and_is_thanked(visit: Open) -> None:
    page = visit("/p/save-the-mill", java_script_enabled=False, viewport={"width": 390, "height": 800})
    expect(page.get_by_role("heading", level=1)).to_have_text("Save the mill")
    page.get_by_role("link", name="Support now", exact=True).click()
    fill_in(page, "sam@example.org")
    page.get_by_role("button", name="Support now").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_in_viewport()
    expect(page.locator("#sign")).to_contain_text("You are one of 50.")
    expect(page.locator("#sign .count")).to_have_text("50 supporters next goal 100")
    page.reload()
    expect(page.locator("#sign")).to_contain_text("You are one of 50.")


def test_a_mistake_is_shown_where_it_is_and_nothing_is_lost(visit: Open) -> None:
    page = visit(SAMPLE, java_script_enabled=False, viewport={"width": 390, "height": 800})
    page.get_by_label("First name").fill("Sam")
    page.get_by_label("E-mail").fill("sam@")
    page.get_by_label("Keep me informed").check()
    page.get_by_role("button", name="Support now").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_in_viewport()
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Please write the e-mail address in full").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value("sam@")
    expect(page.get_by_label("E-mail")).to_have_accessible_description(
        "Please write the e-mail address in full, as in sam@example.org."
    )
    expect(page.get_by_label("First name")).to_have_value("Sam")
    expect(page.get_by_label("Keep me informed")).to_be_checked()
    expect(page.get_by_label("Show my name publicly")).not_to_be_checked()
    fill_in(page, "sam@example.org")
    page.get_by_role("button", name="Support now").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_our_own_page_may_sign_where_only_some_sites_may(visit: Open) -> None:
    page = visit("/p/guarded", java_script_enabled=False)
    fill_in(page, "sam@example.org")
    page.get_by_role("button", name="Support now").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


# For everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    [
        *("/", SAMPLE, f"{SAMPLE}?signed=counted", f"{SAMPLE}?signed=check_email", "/p/over", "/p/mill-ar"),
        *("/p/evil", "/nowhere", "/demo", "/embed/stop-bloodshed-in-artsakh"),
    ],
)
def test_axe_finds_nothing(visit: Open, address: str, scheme: str) -> None:
    page = visit(address, color_scheme=scheme, viewport={"width": 390, "height": 800})
    page.wait_for_load_state("networkidle")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_form_with_mistakes(visit: Open, scheme: str) -> None:
    page = visit(SAMPLE, color_scheme=scheme)
    page.get_by_role("button", name="Support now").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []


def violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize("address", ["/", SAMPLE, "/p/over", "/p/evil", "/p/mill-ar", "/nowhere", "/demo"])
def test_nothing_is_wider_than_a_small_phone(visit: Open, address: str) -> None:
    page = visit(address, viewport={"width": 320, "height": 640})
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_all_that_is_pressed_is_as_large_as_a_thumb(visit: Open) -> None:
    page = visit(SAMPLE, viewport={"width": 320, "height": 640})
    pressed = page.locator(
        ".button:visible, button, select, input:not([type=checkbox], [type=hidden], [tabindex='-1']), .check"
    )
    heights = [pressed.nth(i).bounding_box() for i in range(pressed.count())]
    assert len(heights) == 9
    assert all(box and box["height"] >= 43.5 for box in heights)


def test_a_line_is_never_longer_than_the_eye_likes(visit: Open) -> None:
    page = visit(SAMPLE, viewport={"width": 1600, "height": 900})
    longest = page.evaluate(
        """() => {
          const lines = {}, range = document.createRange();
          const text = document.querySelector('#petition .prose p:nth-of-type(2)').firstChild;
          for (let i = 0; i < text.length; i++) {
            range.setStart(text, i); range.setEnd(text, i + 1);
            const top = Math.round(range.getBoundingClientRect().top);
            lines[top] = (lines[top] || 0) + 1;
          }
          return Math.max(...Object.values(lines));
        }"""
    )
    assert 45 <= longest <= 75


# What may run, load and frame


@pytest.mark.parametrize("address", ["/", SAMPLE, "/p/evil", "/p/evil?signed=counted", "/demo"])
def test_nothing_is_blocked_and_nothing_of_mallorys_runs(visit: Open, address: str) -> None:
    page = visit("about:blank")
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss())[0])
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert told == []


def test_a_page_is_two_files_from_one_place_and_leaves_nothing_behind(
    visit: Open, service: LiveService
) -> None:
    page = visit("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(SAMPLE)
    page.wait_for_load_state("networkidle")
    assert [url.rpartition("/")[2] for url in asked] == [
        "stop-bloodshed-in-artsakh",
        "pages.css",
        "icon.svg",
    ]
    assert all(url.startswith(service.url) for url in asked)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_partners_page_carries_the_petition_across_origins(visit: Open, service: LiveService) -> None:
    page = visit("/demo")
    assert page.url == f"http://127.0.0.1:{service.port}/demo"
    widget = page.locator("support-now")
    expect(widget.get_by_role("button", name="Support now")).to_be_visible()
    expect(widget).to_contain_text("supporters")


def test_without_javascript_the_partners_page_links_to_the_petition(
    visit: Open, service: LiveService
) -> None:
    page = visit("/demo", java_script_enabled=False)
    page.locator("support-now a").click()
    assert page.url == f"{service.url}{SAMPLE}"


def test_the_frame_carries_the_widget(visit: Open, partner: int) -> None:
    page = visit(f"http://petra.localhost:{partner}/?guarded")
    button = page.frame_locator("iframe").get_by_role("button", name="Support now")
    expect(button).to_be_visible()


def test_the_frame_stays_empty_on_a_site_that_is_not_allowed(visit: Open, partner: int) -> None:
    page = visit("about:blank")
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(f"http://mallory.localhost:{partner}/?guarded")
    expect(page.frame_locator("iframe").get_by_role("button", name="Support now")).to_have_count(0)


def test_the_frame_signs_without_javascript_in_a_page_of_its_own(visit: Open, partner: int) -> None:
    # Another origin, yet the same site: a frame of another site is a process of its own, and the browser
    # may have parsed its page before it was told that scripts are off.
    page = visit(f"http://localhost:{partner}/?stop-bloodshed-in-artsakh", java_script_enabled=False)
    frame = page.frame_locator("iframe")
    frame.get_by_label("First name").fill("Petra")
    frame.get_by_label("Last name").fill("of the Cast")
    frame.get_by_label("E-mail").fill("petra@example.org")
    frame.get_by_label("Country").select_option("Armenia")
    with page.context.expect_page() as thanked:
        frame.get_by_role("button", name="Support now").click()
    expect(thanked.value.get_by_role("heading", name="Thank you")).to_be_visible()
    assert page.url.startswith(f"http://localhost:{partner}")
