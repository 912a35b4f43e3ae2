"""What organisers do in the console: without a script, by keyboard alone, after a mistake.

How every page looks is in test_console_pages.py.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.looking import found_by_axe
from tests.browser.test_pages import QUIET
from tests.live_service import LiveService

pytestmark = pytest.mark.browser

PASSWORD = "three quiet mills turning"
MEMBERS = "/manage/organisations/our-organisation/members"
Sit = Callable[..., Page]


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
    assert found_by_axe(page) == []


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
    assert found_by_axe(page) == []
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
