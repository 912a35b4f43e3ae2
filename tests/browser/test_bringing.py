"""Signatures brought in as Anahit does it, in a real browser, on phone and desk, with and without a script.

The file is longer than any form may be: only the whole service shows whether it gets through.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import SLUG
from tests.browser.looking import look
from tests.browser.test_pages import QUIET
from tests.live_service import LiveService

pytestmark = pytest.mark.browser

PLACE = f"/manage/petitions/{SLUG}/imports"
ROWS = 6_000


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """The service as `make run` has it: with a worker beside."""
    service = LiveService(tmp_path_factory.mktemp("bringing"), command=("flask", "serve"))
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
    link = live.flask("organiser", "invite", "anahit@example.org", "--role", "owner").strip()
    context = chromium.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_label("Password").fill("three quiet mills turning")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Welcome")
    state = context.storage_state()
    context.close()
    return state


def table(folder: Path, name: str, whose: str) -> Path:
    """Write a report as SpeakOut has it, with two lines that cannot be taken."""
    file = folder / name
    lines = [f"Sam,Cast,{whose}.{n}@example.org,0010,Armenia,2026-03-01 10:00:00,1" for n in range(ROWS)]
    lines[7] = "=1+1,Cast,nobody,0010,Armenia,2026-03-01 10:00:00,1"
    lines[9] = f"Sam,Cast,{whose}.9@example.org,0010,Mars,2026-03-01 10:00:00,1"
    head = "First Name,Last Name,Email Address,Post Code,Country,Date Signed,Confirmed"
    file.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return file


def looked_at(page: Page) -> None:
    """See to it that a page is clean."""
    assert look(page) == []


@pytest.mark.parametrize("script", [True, False])
def test_a_file_from_the_desk_to_the_number_and_back(
    chromium: Browser, live: LiveService, session: Any, tmp_path: Path, script: bool
) -> None:
    # axe is a script itself: without any, the pages are walked through only.
    eye = looked_at if script else lambda _page: None
    context = chromium.new_context(base_url=live.url, storage_state=session, java_script_enabled=script)
    page = context.new_page()
    page.goto(f"/manage/petitions/{SLUG}/transfer")
    page.get_by_role("link", name="Bring signatures in").click()
    eye(page)
    page.get_by_label("Table (CSV or TSV)").set_input_files(
        table(tmp_path, "speakout.csv", "with" if script else "without")
    )
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_text("It looks like an export of SpeakOut")).to_be_visible()
    expect(page.get_by_label("Email Address")).to_have_value("email")
    eye(page)
    page.get_by_role("button", name="Try all of it").click()
    until(page, "Tried", script)
    expect(page.get_by_text(f"{ROWS - 2:,}").first).to_be_visible()
    expect(page.get_by_text("country is not known; two letters are best")).to_be_visible()
    eye(page)
    with page.expect_download() as errors:
        page.get_by_role("link", name="Download the lines").click()
    assert "Mars" in Path(errors.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("button", name=f"Bring {ROWS - 2:,} signatures in").click()
    until(page, "Brought in", script)
    eye(page)
    page.get_by_role("link", name="import ").click()
    eye(page)
    page.get_by_role("link", name="Take it back").click()
    eye(page)
    page.get_by_label("Type the number").fill(f"{ROWS - 2:,}")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("status")).to_contain_text("is taken back")
    page.goto(PLACE)
    expect(page.get_by_role("row", name="speakout.csv").first).to_be_visible()
    eye(page)
    context.close()


def until(page: Page, heading: str, script: bool) -> None:
    """Wait for a page to get there by itself, or look again as somebody without a script has to."""
    if script:
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading, timeout=60_000)
        return
    for _ in range(600):
        if heading in page.get_by_role("heading", level=1).inner_text():
            return
        page.get_by_role("link", name="Look again").click()
    raise AssertionError(f"it never said {heading}")
