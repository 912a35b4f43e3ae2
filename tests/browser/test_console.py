"""What organisers do in the console: without a script, by keyboard alone, after a mistake.

How every page looks is in test_console_pages.py.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.conftest import SLUG, PartnerSite, Publisher
from tests.browser.looking import found_by_axe, look
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


def test_word_to_signers_from_an_empty_page_to_a_mailing_that_is_stopped(sit: Sit, live: LiveService) -> None:
    sam = {
        "given_name": "Sam",
        "family_name": "C",
        "email": "sam@example.org",
        "country": "AM",
        "updates": "1",
    }
    place = f"/manage/petitions/{SLUG}/updates"
    page = sit(place)
    assert page.request.post(f"{live.url}/api/v1/petitions/{SLUG}/signatures", form=sam).status == 201
    page.get_by_role("link", name="Write an update").click()
    page.get_by_label("Title").fill("Խորհուրդը որոշեց")
    # In a script of two bytes a letter this is more than the 64 KiB that other forms have.
    page.get_by_label("Text").fill("Շնորհակալություն **ձեզ**։ " * 1_400)
    preview = page.frame_locator("iframe[name=preview]")
    expect(preview.get_by_role("heading", name="Խորհուրդը որոշեց")).to_be_visible()
    page.get_by_role("button", name="Save and send me a test").click()
    expect(page.get_by_label("Text of the letter")).to_contain_text("Շնորհակալություն")
    page.get_by_role("link", name="Go on to publish it").click()
    expect(page.locator("main")).to_contain_text("1 signer asked for news")
    page.get_by_label("Type the number to go on").fill("2")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Type the number to go on")).to_have_accessible_description(
        re.compile("This touches 1")
    )
    assert found_by_axe(page) == []
    page.get_by_label("Type the number to go on").fill("1")
    page.get_by_role("button", name="Publish and send 1 letter").dblclick()
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    assert found_by_axe(page) == []
    page.get_by_role("button", name="Stop the mailing").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Stopped. 0 letters were written before.")
    page.get_by_role("link", name="All updates").click()
    expect(page.get_by_role("row", name="Խորհուրդը որոշեց")).to_contain_text("stopped after 0")


def look_until_seen(page: Page, site: str) -> Locator:
    """Press "Look again" until a site stands there: a process tells what it saw once a minute at most."""
    row = page.get_by_role("row").filter(has=page.get_by_text(site))
    for _ in range(180):
        page.get_by_role("button", name="Look again").click()
        if row.count():
            return row
        page.wait_for_timeout(500)
    raise AssertionError(f"{site} was not seen")


def test_a_widget_on_a_foreign_site_is_found_on_the_snippet_page(
    sit: Sit, live: LiveService, chromium: Browser, petras_site: PartnerSite
) -> None:
    petra = Publisher(petras_site, live.url)
    page = sit(f"/manage/petitions/{SLUG}/snippet")
    expect(page.get_by_role("heading", name="No site has shown it yet")).to_be_visible()
    assert look(page) == []
    frame = f'<iframe src="{live.url}/embed/{SLUG}" title="Petition" height="446" '
    frames = f'{frame}></iframe>{frame}sandbox="allow-scripts"></iframe>'
    visitor = chromium.new_context().new_page()
    visitor.goto(petra.publish(petra.snippet() + frames))
    expect(visitor.locator("support-now").get_by_label("E-mail")).to_be_visible()
    seen = look_until_seen(page, petras_site.origin)
    expect(seen).to_contain_text("Live")
    expect(seen).to_contain_text("within the hour")
    assert seen.get_by_role("link").count() == 0
    look_until_seen(page, "A page without an address")
    assert live.url not in page.locator("#live").inner_text()
    assert look(page) == []
    visitor.context.close()
