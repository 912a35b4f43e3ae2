"""`make pictures`, second part: the console as docs/organising.md shows it, in a campaign in full swing.

They go to docs/pictures/console. The address in them is the one that `make run` prints, not this service's.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import campaign
from tests.browser.campaign import SLUG
from tests.browser.conftest import QUIET
from tests.live_service import ROOT, LiveService
from tests.organisers import PASSWORD
from widget import passwords

SHOWN = ROOT / "docs" / "pictures" / "console"
HOST = "localhost:8000"
PLACE = f"/manage/petitions/{SLUG}"


def rest(_page: Page) -> None:
    """Leave it as it comes."""


def begin(page: Page) -> None:
    """Type a petition, as far as it goes."""
    page.get_by_label("Title").fill("Save the mill")
    page.get_by_label("Addressed to").fill("the town council")
    page.get_by_label("Why it matters").fill(
        "It has turned for **three hundred years**. The council wants to sell it."
    )
    page.get_by_label("Started by").fill("Anahit")
    _previewed(page, "Save the mill")


def see_preview(page: Page) -> None:
    """Wait for the widget beside the form."""
    _previewed(page, "Stop bloodshed in Artsakh (Nagorno-Karabakh)")


def open_file(page: Page) -> None:
    """Go to the file that waits for its columns."""
    page.get_by_role("link", name="market.csv").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is what")


def measure(page: Page) -> None:
    """Wait until the snippet holds what the widget needs."""
    page.wait_for_function("document.getElementById('height').placeholder.includes('measured')")


def _previewed(page: Page, title: str) -> None:
    shown = page.frame_locator("iframe[name=preview]")
    expect(shown.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.locator(".preview-beside iframe")).to_have_count(1)


@dataclass(frozen=True)
class Scene:
    """One picture: a page, what is done on it, and the window it is seen in."""

    name: str
    address: str
    act: Callable[[Page], None] = rest
    width: int = 1080
    height: int = 720


SCENES = (
    Scene("petitions", "/manage", height=420),
    Scene("new", "/manage/petitions/new", begin, height=860),
    Scene("settings", f"{PLACE}/editing/settings", see_preview, height=860),
    Scene("figures", f"{PLACE}/figures", height=900),
    Scene("import", f"{PLACE}/imports", open_file, height=900),
    Scene("snippet", f"{PLACE}/snippet", measure, height=900),
    Scene("signers", f"{PLACE}/signers"),
    Scene("held", f"{PLACE}/signers/held", height=640),
    Scene("update", f"{PLACE}/updates/2", height=860),
    Scene("phone", PLACE, width=360, height=760),
)


def main() -> None:
    """Take every picture, or those whose names begin with a word given."""
    words = tuple(word.removeprefix("console").removeprefix("-") for word in sys.argv[1:]) or ("",)
    ours = not sys.argv[1:] or any(word.startswith("console") for word in sys.argv[1:])
    wanted = [scene for scene in SCENES if ours and scene.name.startswith(words)]
    if not wanted:
        return
    SHOWN.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        _service(Path(folder)) as service,
        _desk(service) as browser,
    ):
        state = _signed_in(browser)
        for scene in wanted:
            picture = _take(scene, browser, state)
            sys.stdout.write(f"{picture.relative_to(ROOT)}  {picture.stat().st_size:,} bytes\n")
    if words == ("",):
        for picture in SHOWN.glob("*.webp"):
            if picture.stem not in {scene.name for scene in SCENES}:
                picture.unlink()


@contextmanager
def _service(folder: Path) -> Iterator[LiveService]:
    live = LiveService(folder, PUBLIC_URL=f"http://{HOST}", RATE_LIMITS="off")
    live.flask("ledger", "migrate")
    with campaign.parts_of(folder, f"http://{HOST}") as parts:
        campaign.fill(parts, long_words=False)
        campaign.enrol(parts, passwords.hashed(PASSWORD))
    try:
        yield live.start()
    finally:
        live.stop()


@contextmanager
def _desk(service: LiveService) -> Iterator[Browser]:
    # What stands in the pictures is the address that readers have, not the port that was free.
    arguments = [*QUIET, f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{service.port}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()


def _signed_in(browser: Browser) -> object:
    with browser.new_context(base_url=f"http://{HOST}") as context:
        page = context.new_page()
        page.goto("/manage/sign-in")
        page.get_by_label("E-mail").fill("anahit@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/manage")
        return context.storage_state()


def _take(scene: Scene, browser: Browser, state: object) -> Path:
    with browser.new_context(
        base_url=f"http://{HOST}",
        viewport={"width": scene.width, "height": scene.height},
        device_scale_factor=1.5,
        color_scheme="light",
        reduced_motion="reduce",
        storage_state=state,  # type: ignore[arg-type]
    ) as context:
        page = context.new_page()
        page.goto(scene.address)
        scene.act(page)
        page.evaluate("document.fonts.ready")
        page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
        picture = SHOWN / f"{scene.name}.webp"
        with Image.open(BytesIO(page.screenshot())) as seen:
            seen.convert("RGB").save(picture, quality=70, method=6)
    return picture


if __name__ == "__main__":
    main()
