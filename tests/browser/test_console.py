"""The console in a real browser: every page, light and dark, on a phone, by keyboard, without a script.

The pages are those of the URL map, so that a new one is looked at unasked.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from config import Settings
from tests.browser.test_pages import QUIET
from tests.live_service import LiveService
from widget import create_app
from widget.web.console.door import OPEN

pytestmark = pytest.mark.browser

SLUG = "stop-bloodshed-in-artsakh"
PASSWORD = "three quiet mills turning"
MEMBERS = "/manage/organisations/our-organisation/members"
Sit = Callable[..., Page]


def addresses() -> list[str]:
    """Return every page that can be named without knowing a signature, a letter or a link."""
    app = create_app(Settings.from_env({"SECRET_KEY": "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"}))
    names = {"slug": SLUG, "organisation": "our-organisation"}
    found = []
    for rule in app.url_map.iter_rules():
        console = rule.rule.startswith("/manage") and "GET" in (rule.methods or ())
        if console and rule.arguments <= names.keys():
            path = rule.rule
            for name, value in names.items():
                path = path.replace(f"<{name}>", value)
            if app.view_functions[rule.endpoint].__dict__["admits"] != OPEN:
                found.append(path)
    return sorted(found)


PAGES = addresses()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    service = LiveService(tmp_path_factory.mktemp("console"))
    service.flask("ledger", "migrate")
    service.flask("petition", "load-sample")
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def session(chromium: Browser, live: LiveService) -> Any:
    """Anahit's cookies, once she has followed her link, without a script, by keyboard alone."""
    link = live.flask("organiser", "invite", "anahit@example.org", "--role", "owner").strip()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    page.get_by_label("Password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Welcome. You are now an owner")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def sit(chromium: Browser, live: LiveService, session: Any) -> Iterator[Sit]:
    """Open a page as Anahit; what her browser complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(address: str, **options: Any) -> Page:
        context = chromium.new_context(base_url=live.url, storage_state=session, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # Chromium calls a form that comes back with its mistakes a failure to load.
    assert [one for one in complaints if "status of 422" not in one] == []


def violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]


def too_wide(page: Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(wide, 0)


def test_there_are_pages_to_look_at() -> None:
    assert {"/manage", "/manage/account", MEMBERS, f"/manage/petitions/{SLUG}"} <= set(PAGES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_and_nothing_leaves_a_phone(
    sit: Sit, live: LiveService, address: str, scheme: str
) -> None:
    page = sit("/manage", color_scheme=scheme, viewport={"width": 320, "height": 800})
    answer = page.request.get(f"{live.url}{address}")
    assert answer.ok
    if "text/html" not in answer.headers["content-type"]:
        return  # a file to keep
    page.goto(address)
    assert violations(page) == []
    assert too_wide(page) == 0
    assert page.locator("h1").count() == 1
    page.set_viewport_size({"width": 1280, "height": 900})
    assert violations(page) == []
    assert too_wide(page) == 0


def test_the_door_is_clean_in_both_schemes(chromium: Browser, live: LiveService) -> None:
    for scheme in ("light", "dark"):
        for address in ("/manage/sign-in", "/manage/link", "/manage/invitation/nothing"):
            context = chromium.new_context(
                base_url=live.url,
                color_scheme=scheme,  # type: ignore[arg-type]
                viewport={"width": 320, "height": 800},
            )
            page = context.new_page()
            page.goto(address)
            assert violations(page) == []
            assert too_wide(page) == 0
            context.close()


def test_a_mistake_is_shown_where_it_is_and_nothing_is_lost(sit: Sit) -> None:
    page = sit(MEMBERS, viewport={"width": 390, "height": 800})
    page.get_by_label("E-mail").fill("petra@")
    page.get_by_label("Viewer").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value("petra@")
    expect(page.get_by_label("E-mail")).to_have_accessible_description("This is no mail address.")
    expect(page.get_by_label("Viewer")).to_be_checked()
    assert violations(page) == []


def test_an_invitation_by_keyboard(sit: Sit) -> None:
    page = sit(MEMBERS)
    page.get_by_label("E-mail").focus()
    page.keyboard.type("petra@example.org")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # from editor to viewer
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("petra@example.org is invited")
    row = page.get_by_role("row", name="petra@example.org")
    expect(row).to_contain_text("Viewer")
    expect(row.get_by_label("Link for petra@example.org")).to_have_value(re.compile("/manage/invitation/"))
    assert violations(page) == []
    row.get_by_role("button", name="Take back").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("taken back")


def test_the_first_thing_a_key_reaches_is_the_way_past_the_navigation(sit: Sit) -> None:
    page = sit("/manage")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_head_of_a_long_table_stays(sit: Sit) -> None:
    page = sit("/manage")
    sticky = page.locator("thead th").first.evaluate("cell => getComputedStyle(cell).position")
    assert sticky == "sticky"
