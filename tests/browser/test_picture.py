"""The picture and the thanks in a real browser: nothing jumps, nothing is left unsaid."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.browser.conftest import QUIET, SLUG, WITNESS
from tests.images import encoded, photo
from tests.live_service import LiveService

pytestmark = pytest.mark.browser

PAGE = f"/p/{SLUG}"
FIRST = "See you on Sunday at noon in front of the parliament, all."


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """The service with the sample petition, which has a picture and thanks of its own."""
    folder: Path = tmp_path_factory.mktemp("picture")
    service = LiveService(folder, RATE_LIMITS="off")
    service.flask("ledger", "migrate")
    service.flask("petition", "load-sample")
    (folder / "lake.jpg").write_bytes(encoded(photo(1600, 1000)))
    service.flask(
        *("petition", "picture", SLUG, str(folder / "lake.jpg")),
        *("--alt", "The lake, a third of it dry", "--credit", "Photo: Anahit"),
    )
    thanks = f"{FIRST}\nBring a {{candle}} & <b>a coat</b>."
    service.flask("petition", "set", SLUG, "--thanks", thanks, "--thanks-url", "https://example.org/next")
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, live: LiveService, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    width, scheme = getattr(request, "param", (320, "light"))
    made = chromium.new_context(
        base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    made.add_init_script(WITNESS)
    yield made
    made.close()


def violations(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("context", [(320, "light"), (1200, "dark")], indirect=True)
def test_the_picture_comes_late_and_nothing_moves(context: BrowserContext) -> None:
    page = context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/pictures/*", hold)
    page.goto(PAGE, wait_until="domcontentloaded")
    shown = page.get_by_role("img", name="The lake, a third of it dry")
    expect(page.get_by_text("Photo: Anahit")).to_be_visible()
    expect(shown).to_be_visible()
    before = shown.bounding_box()
    below = page.locator("#petition").bounding_box()
    assert len(held) == 1  # one size is loaded, and no other
    held[0].continue_()
    expect(shown).to_have_js_property("complete", value=True)
    assert page.evaluate("document.querySelector('figure img').naturalWidth > 0")
    assert (shown.bounding_box(), page.locator("#petition").bounding_box()) == (before, below)
    assert page.evaluate("window.shift") == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert before
    assert before["width"] / before["height"] == pytest.approx(1.6, abs=0.02)
    assert violations(page) == []


def test_the_thanks_have_room_where_the_form_was(context: BrowserContext, live: LiveService) -> None:
    page = context.new_page()
    page.goto(f"/embed/{SLUG}")
    widget = page.locator("support-now")
    for name, words in (("given_name", "Sam"), ("family_name", "Signer"), ("email", "sam@example.org")):
        widget.locator(f"#{name}").fill(words)
    widget.locator("#country").select_option("AM")
    before = widget.bounding_box()
    widget.locator("form button").click()
    thanks = widget.locator("[part=thanks]")
    expect(thanks).to_contain_text(f"You are one of 50. \u2068{FIRST}\u2069")
    expect(thanks).not_to_contain_text("candle")
    assert widget.bounding_box() == before
    assert violations(page) == []
    page.goto(f"{PAGE}?signed=counted")
    expect(page.locator("#sign")).to_contain_text("Bring a {candle} & <b>a coat</b>.")
    assert violations(page) == []
