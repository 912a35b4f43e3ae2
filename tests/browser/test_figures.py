"""The figures in a real browser: every period, tables open, on a phone and at a desk, and on paper."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import campaign
from tests.browser.looking import DESK, PHONE, look, tab_through
from tests.live_service import LiveService
from tests.organisers import PASSWORD
from widget import passwords
from widget.domain.figures import Period

pytestmark = pytest.mark.browser

PLACE = f"/manage/petitions/{campaign.SLUG}/figures"
# What of the letters of a chart is smaller than people read, or stands outside its picture.
UNREADABLE = """() => [...document.querySelectorAll('.chart')].flatMap(chart => {
  if (!chart.checkVisibility()) return []
  const frame = chart.getBoundingClientRect(), scale = frame.width / chart.viewBox.baseVal.width
  return [...chart.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect(), size = parseFloat(getComputedStyle(text).fontSize) * scale
    return size < 11 || box.left < frame.left - 3 || box.right > frame.right + 3
  }).map(text => text.textContent)
})"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    folder = tmp_path_factory.mktemp("figures")
    service = LiveService(folder)
    service.flask("ledger", "migrate")
    with campaign.parts_of(folder, service.url) as parts:
        campaign.fill(parts, crowd=60)
        campaign.enrol(parts, passwords.hashed(PASSWORD))
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture(scope="module")
def sit(chromium: Browser, live: LiveService) -> Iterator[Callable[[str], Page]]:
    """Give the page at which one of the cast is signed in."""
    pages: dict[str, Page] = {}

    def seat(name: str) -> Page:
        if name not in pages:
            pages[name] = chromium.new_context(base_url=live.url, viewport=DESK).new_page()
            pages[name].goto("/manage/sign-in")
            pages[name].get_by_label("E-mail").fill(f"{name}@example.org")
            pages[name].get_by_label("Password").fill(PASSWORD)
            pages[name].get_by_role("button", name="Sign in").click()
            pages[name].wait_for_url("**/manage")
        return pages[name]

    yield seat
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize("who", ["anahit", "sam"])
@pytest.mark.parametrize(
    "period",
    [pytest.param(one, marks=() if one is Period.MONTH else pytest.mark.browsers) for one in Period],
)
def test_every_period_is_whole(sit: Callable[[str], Page], period: str, who: str) -> None:
    page = sit(who)
    page.goto(f"{PLACE}?period={period}")
    assert tab_through(page) == []
    for details in page.locator("details").all():
        details.locator("summary").press("Enter")
        assert details.get_by_role("table").is_visible()
    assert look(page) == []


@pytest.mark.parametrize("size", [PHONE, {"width": 600, "height": 900}, DESK])
def test_each_chart_is_there_once_and_can_be_read(sit: Callable[[str], Page], size: dict[str, int]) -> None:
    page = sit("anahit")
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    for period in Period:
        page.goto(f"{PLACE}?period={period}")
        charts = page.get_by_role("img")  # what is not shown is no picture to a screen reader either
        assert charts.count() == page.locator(".chart").count() / 2
        assert page.evaluate(UNREADABLE) == []


def test_on_paper_the_charts_stay_and_the_controls_go(sit: Callable[[str], Page]) -> None:
    page = sit("anahit")
    page.goto(PLACE)
    page.emulate_media(media="print")
    assert page.get_by_role("img").count() > 4
    assert not page.locator("summary").first.is_visible()
    assert not page.get_by_role("navigation", name="Period").is_visible()
    page.emulate_media(media="screen")
