"""`make pictures`: the widget in every state, photographed on a partner's page of another origin.

All of them go to var/pictures, to be looked at; those that the documentation names go to docs/pictures. They
take the fonts of the machine: fonts-inter and fonts-noto-core show what most visitors see.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.browser.conftest import QUIET, PartnerSite
from tests.live_service import LiveService

ROOT = Path(__file__).parents[2]
ALL = ROOT / "var" / "pictures"
SHOWN = ROOT / "docs" / "pictures"
SLUG = "stop-bloodshed-in-artsakh"
SAMPLE = ROOT / "widget" / "samples" / f"{SLUG}.txt"
MARGIN = 24  # px of the partner's page around the widget
LOOK = """
:root { color-scheme: light dark }
body { margin: 0; padding: 48px 24px; background: light-dark(#f4f1ea, #171614);
  color: light-dark(#23201c, #ece7df); font-size: 17px; line-height: 1.5;
  font-family: Inter, "Noto Sans", "Noto Sans Armenian", "Noto Sans Arabic", system-ui, sans-serif }
main { max-width: 720px; margin: auto }
@media (max-width: 400px) { body { padding-inline: 0 } }
"""
TEXTS = {
    "hy": """# Կանգնեցրե՛ք արյունահեղությունն Արցախում
To: Ռուսաստանի նախագահ

Պատերազմն Արցախում ամեն օր նոր զոհեր է պահանջում՝ երկու կողմից էլ։ Խնդրում ենք կոչ անել անհապաղ
հրադադարի և կողմերին վերադարձնել բանակցությունների։
""",
    "ar": """# أوقفوا سفك الدماء في آرتساخ
To: رئيس روسيا

كل يوم من الحرب في آرتساخ يضيف أسماء جديدة إلى قائمة القتلى من الجانبين.
ندعوكم إلى المطالبة بوقف فوري لإطلاق النار وإعادة الطرفين إلى طاولة المفاوضات.
""",
}
ANSWERS = {"given_name": "Sam", "family_name": "Signer", "email": "sam@example.org"}


@dataclass(frozen=True)
class Scene:
    """One picture: `act` brings the widget into its state, `width` is the visitor's window."""

    name: str
    act: Callable[[Page], None]
    attributes: str = ""
    slug: str = SLUG
    lang: str = "en"
    dark: bool = False
    width: int = 900
    whole_window: bool = False


def rest(page: Page) -> None:
    """Leave it as it comes."""
    expect(page.locator("support-now [part=heading]").first).to_be_attached()


def err(page: Page) -> None:
    """Send an empty form."""
    page.locator("support-now form [part=button]").click()
    expect(page.locator("support-now [aria-invalid=true]").first).to_be_visible()


def fill(page: Page) -> None:
    """Answer all that has to be answered."""
    for name, value in ANSWERS.items():
        page.locator(f"support-now #{name}").fill(value)
    page.locator("support-now #country").select_option("AM")


def send(page: Page) -> None:
    """Sign, and let the answer never come."""
    page.route("**/signatures", _keep_waiting)
    fill(page)
    page.locator("support-now form [part=button]").click()
    expect(page.locator("support-now [role=status]")).not_to_be_empty()


def lose(page: Page) -> None:
    """Sign without a network."""
    fill(page)
    page.context.set_offline(True)
    page.locator("support-now form [part=button]").click()
    expect(page.locator("support-now [role=status]")).to_contain_text("offline")


def sign(page: Page) -> None:
    """Sign."""
    fill(page)
    page.locator("support-now form [part=button]").click()
    expect(page.locator("support-now [part=thanks]")).to_be_visible()


def unfold(page: Page) -> None:
    """Open the form."""
    page.locator("support-now [aria-expanded]").click()
    expect(page.locator("support-now form")).to_be_visible()


def _keep_waiting(_route: Route) -> None:
    """Answer nothing: the request stays under way until its page is closed."""


SCENES = [
    *(Scene(f"card-{width}", rest, width=width) for width in (320, 480, 900)),
    Scene("card-dark", rest, dark=True),
    Scene("card-320-dark", rest, width=320, dark=True),
    Scene("card-error", err),
    Scene("card-error-320", err, width=320),
    Scene("card-error-dark", err, dark=True),
    # A petition of their own: what waits here is sent when the picture is taken.
    Scene("card-sending", send, slug="sending"),
    Scene("card-offline", lose, slug="offline"),
    Scene("card-thanks", sign, slug="thanks-card"),
    Scene("card-thanks-dark", sign, slug="thanks-dark", dark=True),
    Scene("card-thanks-320", sign, slug="thanks-narrow", width=320),
    Scene("card-closed", rest, slug="closed"),
    Scene("card-test", rest, "test"),
    *(Scene(f"bar-{width}", rest, "layout=bar", width=width) for width in (320, 480)),
    Scene("bar", rest, "layout=bar"),
    Scene("bar-dark", rest, "layout=bar", dark=True),
    Scene("bar-open", unfold, "layout=bar"),
    Scene("button", rest, "layout=button"),
    Scene("button-dark", rest, "layout=button", dark=True),
    Scene("button-320", rest, "layout=button", width=320),
    Scene("button-open", unfold, "layout=button", whole_window=True),
    Scene("button-open-320", unfold, "layout=button", width=320, whole_window=True),
    Scene("card-accent", rest, 'style="--sn-accent:#1f5f8b;--sn-radius:2px"'),
    *(Scene(f"card-{lang}", rest, lang=lang, slug="translated") for lang in TEXTS),
    *(Scene(f"card-{lang}-320", rest, lang=lang, slug="translated", width=320) for lang in TEXTS),
    Scene("card-error-ar", err, lang="ar", slug="translated"),
    # Long words of ours around a text in another language.
    *(Scene(f"card-{lang}", rest, lang=lang, width=width) for lang, width in (("de", 900), ("el", 320))),
]


def main() -> None:
    """Take every picture, or those whose names begin with a word given."""
    wanted = tuple(sys.argv[1:]) or ("",)
    shutil.rmtree(ALL, ignore_errors=True)
    ALL.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, _service(Path(folder)) as service, _browser() as browser:
        site = PartnerSite()
        try:
            for scene in SCENES:
                if scene.name.startswith(wanted):
                    _take(scene, browser, site, service)
            if "widget".startswith(wanted):
                _take_from_demo(browser, service)
        finally:
            site.close()
    shown = _named_in_docs()
    for picture in sorted(ALL.glob("*.png")):
        _shrink(picture)
        if picture.name in shown:
            shutil.copy(picture, SHOWN)
        sys.stdout.write(f"{picture.relative_to(ROOT)}  {picture.stat().st_size:,} bytes\n")


def _named_in_docs() -> set[str]:
    """Return the names of the pictures that the documentation shows."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return {name for page in pages for name in re.findall(r"pictures/([\w-]+\.png)", page.read_text("utf-8"))}


@contextmanager
def _service(folder: Path) -> Iterator[LiveService]:
    """Start the service with the sample and a petition for each state that signing would change."""
    live = LiveService(folder, RATE_LIMITS="off")
    live.flask("ledger", "migrate")
    live.flask("petition", "load-sample")
    for slug in {scene.slug for scene in SCENES} - {SLUG}:
        live.flask("petition", "import-page", str(SAMPLE), "--slug", slug)
    live.flask("petition", "set", "closed", "--status", "closed")
    for lang, text in TEXTS.items():
        file = folder / f"{lang}.md"
        file.write_text(text, encoding="utf-8")
        live.flask("petition", "set-wording", "translated", str(file), "--lang", lang)
    try:
        yield live.start()
    finally:
        live.stop()


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


def _window(browser: Browser, *, width: int, dark: bool) -> BrowserContext:
    """Open a window of a new visitor, at the resolution of a good screen."""
    return browser.new_context(
        viewport={"width": width, "height": 900},
        device_scale_factor=2,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )


def _take(scene: Scene, browser: Browser, site: PartnerSite, service: LiveService) -> None:
    height = (
        ' height="446" style="display:block;min-height:446px"' if "layout" not in scene.attributes else ""
    )
    if "style" in scene.attributes:
        height = ""
    address = site.put(
        f'<!doctype html><html lang="{scene.lang}"><meta charset="utf-8"><title>Petra</title>'
        f'<meta name="viewport" content="width=device-width"><style>{LOOK}</style><main>'
        f'<support-now petition="{scene.slug}"{height} {scene.attributes}></support-now></main>'
        f'<script async src="{service.url}/embed.js"></script>',
        {},
    )
    with _window(browser, width=scene.width, dark=scene.dark) as context:
        page = context.new_page()
        page.goto(address)
        scene.act(page)
        _photograph(page, scene.name, whole_window=scene.whole_window)
        page.unroute_all(behavior="ignoreErrors")


def _take_from_demo(browser: Browser, service: LiveService) -> None:
    """Take the picture that README.md begins with: the widget where the demonstration shows it."""
    with _window(browser, width=1120, dark=False) as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{service.port}/demo")
        rest(page)
        _photograph(page, "widget")


def _photograph(page: Page, name: str, *, whole_window: bool = False) -> None:
    page.evaluate("document.fonts.ready")
    target = str(ALL / f"{name}.png")
    if whole_window:
        page.screenshot(path=target)
        return
    page.locator("support-now").scroll_into_view_if_needed()
    box = page.locator("support-now").evaluate(
        "one => { const {x, y, width, height} = one.getBoundingClientRect();"
        " return {x: x + scrollX, y: y + scrollY, width, height} }"
    )
    left, top = max(box["x"] - MARGIN, 0), max(box["y"] - MARGIN, 0)
    right = min(box["x"] + box["width"] + MARGIN, page.viewport_size["width"])  # type: ignore[index]
    clip = {"x": left, "y": top, "width": right - left, "height": box["y"] + box["height"] + MARGIN - top}
    page.screenshot(path=target, full_page=True, clip=clip)  # type: ignore[arg-type]


def _shrink(picture: Path) -> None:
    """Keep 256 colours, which is all a widget has."""
    with Image.open(picture) as full:
        full.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    main()
