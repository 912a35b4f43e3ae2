"""`make pictures`: the widget in every state, photographed on a partner's page of another origin.

They go to docs/pictures, under names that say what they show: layout, state, width, scheme. They take the
fonts of the machine: fonts-inter and fonts-noto-core show what most visitors see.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, Route, expect, sync_playwright

from tests.browser.conftest import QUIET, PartnerSite
from tests.live_service import LiveService

ROOT = Path(__file__).parents[2]
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
TITLE = "Stop bloodshed in Artsakh (Nagorno-Karabakh)"
OWN_COLOURS = (
    'style="--sn-background:#123c69;--sn-color:#fff;--sn-accent:#ffd166;--sn-accent-text:#123c69;'
    '--sn-border:#9db7d5;--sn-radius:0;--sn-font:Georgia,serif"'
)
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
    policy: str = ""  # the page's Content Security Policy
    before: Callable[[Page], None] | None = None


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
    page.route("**/signatures", lambda route: route.abort("internetdisconnected"))
    page.locator("support-now form [part=button]").click()
    expect(page.locator("support-now [role=status]")).to_contain_text("offline")


def sign(page: Page) -> None:
    """Sign, and be thanked: the fiftieth, however often the pictures are taken."""
    _answer(page, 201, "counted", 50, 100)


def sign_unconfirmed(page: Page) -> None:
    """Sign where the address is to be confirmed."""
    _answer(page, 202, "check_email", 49, 50)


def _answer(page: Page, status: int, said: str, count: int, goal: int) -> None:
    progress = {"count": count, "goal": goal, "ratio": count / goal, "goal_kind": "ladder"}
    body = json.dumps({"status": said, "progress": {**progress, "as_of": "2999-01-01T00:00:00Z"}})
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
    page.route("**/signatures", lambda route: route.fulfill(status=status, body=body, headers=headers))
    fill(page)
    page.locator("support-now form [part=button]").click()
    expect(page.locator("support-now [part=thanks]")).to_be_visible()


def wait(page: Page) -> None:
    """Wait for the petition: it never comes."""
    expect(page.locator("support-now progress")).to_be_visible()


def miss(page: Page) -> None:
    """Get no petition."""
    expect(page.locator("support-now [role=alert]")).to_be_visible()


def hold_back(page: Page) -> None:
    """Let the petition never arrive."""
    page.route("**/widget?*", _keep_waiting)


def unfold(page: Page) -> None:
    """Open the form."""
    page.locator("support-now [aria-expanded]").click()
    expect(page.locator("support-now form")).to_be_visible()


def unfold_and_sign(page: Page) -> None:
    """Open the form and sign."""
    unfold(page)
    sign(page)


def _keep_waiting(_route: Route) -> None:
    """Answer nothing: the request stays under way until its page is closed."""


WIDTHS = (320, 480, 900)
CARD = {"default": rest, "error": err, "sending": send, "offline": lose, "thanks": sign, "closed": rest}
SCENES = [
    *(
        Scene(
            f"card-{state}-{width}{'-dark' if dark else ''}",
            act,
            slug="closed" if state == "closed" else SLUG,
            dark=dark,
            width=width,
        )
        for state, act in CARD.items()
        for width in WIDTHS
        for dark in (False, True)
    ),
    Scene("card-check-mail-900", sign_unconfirmed),
    Scene("card-delivered-900", rest, slug="delivered"),
    Scene("card-thanks-continue-480", sign, slug="continued", width=480),
    Scene("card-test-900", rest, "test"),
    Scene("card-loading-900", wait, before=hold_back),
    Scene("card-loading-320", wait, before=hold_back, width=320),
    Scene("card-not-found-480", miss, slug="nothing", width=480),
    Scene("card-blocked-480", miss, width=480, policy="connect-src 'none'"),
    Scene("card-theme-900", rest, 'style="--sn-accent:#1f5f8b;--sn-radius:2px"'),
    Scene("card-theme-own-480", rest, OWN_COLOURS, width=480),
    *(Scene(f"bar-default-{width}", rest, "layout=bar", width=width) for width in WIDTHS),
    Scene("bar-default-900-dark", rest, "layout=bar", dark=True),
    *(Scene(f"bar-open-{width}", unfold, "layout=bar", width=width) for width in (320, 900)),
    Scene("bar-thanks-900", unfold_and_sign, "layout=bar"),
    Scene("bar-closed-900", rest, "layout=bar", slug="closed"),
    *(Scene(f"button-default-{width}", rest, "layout=button", width=width) for width in (320, 900)),
    Scene("button-default-900-dark", rest, "layout=button", dark=True),
    *(
        Scene(f"button-open-{width}", unfold, "layout=button", width=width, whole_window=True)
        for width in (320, 900)
    ),
    Scene("button-open-900-dark", unfold, "layout=button", dark=True, whole_window=True),
    Scene("button-thanks-900", unfold_and_sign, "layout=button", whole_window=True),
    Scene("button-closed-320", rest, "layout=button", slug="closed", width=320),
    *(
        Scene(f"card-{lang}-{state}-{width}", act, lang=lang, slug="translated", width=width)
        for lang in TEXTS
        for state, act in (("default", rest), ("error", err), ("thanks", sign))
        for width in (320, 900)
    ),
    Scene("card-ar-default-900-dark", rest, lang="ar", slug="translated", dark=True),
    # Our words run one way, those of the petition the other.
    Scene("card-arabic-text-900", rest, slug="arabic"),
    Scene("card-arabic-words-900", rest, lang="ar"),
    # Long words of ours.
    Scene("card-de-default-900", rest, lang="de"),
    Scene("card-el-default-320", rest, lang="el", width=320),
]


def main() -> None:
    """Take every picture, or those whose names begin with a word given."""
    wanted = tuple(sys.argv[1:]) or ("",)
    if not any(name.startswith(wanted) for name in ("widget", *(scene.name for scene in SCENES))):
        return  # they are the console's
    with tempfile.TemporaryDirectory() as folder, _service(Path(folder)) as service, _browser() as browser:
        site = PartnerSite()
        try:
            for scene in SCENES:
                if scene.name.startswith(wanted):
                    _say(_take(scene, browser, site, service))
            if "widget".startswith(wanted):
                _say(_take_from_demo(browser, service))
        finally:
            site.close()
    if wanted == ("",):
        _forget_others()


def _say(picture: Path) -> None:
    sys.stdout.write(f"{picture.relative_to(ROOT)}  {picture.stat().st_size:,} bytes\n")


def _forget_others() -> None:
    """Leave no picture of a scene that is no longer taken."""
    known = {f"{scene.name}.webp" for scene in SCENES}
    for picture in SHOWN.glob("*.webp"):
        if picture.name not in known:
            picture.unlink()


@contextmanager
def _service(folder: Path) -> Iterator[LiveService]:
    """Start the service with the sample and a petition for each state that signing would change."""
    live = LiveService(folder, RATE_LIMITS="off")
    live.flask("ledger", "migrate")
    live.flask("petition", "load-sample")
    for slug in {scene.slug for scene in SCENES} - {SLUG, "nothing"}:
        lang = "ar" if slug == "arabic" else "en"
        live.flask("petition", "import-page", str(SAMPLE), "--slug", slug, "--lang", lang)
    for status in ("closed", "delivered"):
        live.flask("petition", "set", status, "--status", status)
    live.flask("petition", "set", "continued", "--thanks-url", "https://armenia.example.org/next")
    for lang, text in TEXTS.items():
        file = folder / f"{lang}.md"
        file.write_text(text, encoding="utf-8")
        live.flask("petition", "set-wording", "translated", str(file), "--lang", lang)
    live.flask("petition", "set-wording", "arabic", str(folder / "ar.md"), "--lang", "ar")
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
    """Open a window of a new visitor, sharper than most screens."""
    return browser.new_context(
        viewport={"width": width, "height": 900},
        device_scale_factor=1.5,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )


def _take(scene: Scene, browser: Browser, site: PartnerSite, service: LiveService) -> Path:
    height = ' height="446" style="display:block;min-height:446px"'
    if "layout" in scene.attributes or "style" in scene.attributes:
        height = ""
    address = site.put(
        f'<!doctype html><html lang="{scene.lang}"><meta charset="utf-8"><title>Petra</title>'
        f'<meta name="viewport" content="width=device-width"><style>{LOOK}</style><main>'
        f'<support-now petition="{scene.slug}"{height} {scene.attributes}>'
        f'<a href="{service.url}/p/{scene.slug}">{TITLE}: support now</a></support-now></main>'
        f'<script async src="{service.url}/embed.js"></script>',
        {"Content-Security-Policy": scene.policy} if scene.policy else {},
    )
    with _window(browser, width=scene.width, dark=scene.dark) as context:
        page = context.new_page()
        if scene.before:
            scene.before(page)
        page.goto(address)
        scene.act(page)
        picture = _photograph(page, SHOWN / f"{scene.name}.webp", whole_window=scene.whole_window)
        page.context.set_offline(True)  # what waits would be sent now
        page.unroute_all(behavior="ignoreErrors")
    return picture


def _take_from_demo(browser: Browser, service: LiveService) -> Path:
    """Take the picture that README.md begins with: the widget where the demonstration shows it."""
    with _window(browser, width=1120, dark=False) as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{service.port}/demo")
        rest(page)
        return _photograph(page, SHOWN / "widget.png")


def _photograph(page: Page, picture: Path, *, whole_window: bool = False) -> Path:
    page.evaluate("document.fonts.ready")
    seen = page.screenshot() if whole_window else page.screenshot(full_page=True, clip=_around(page))
    with Image.open(BytesIO(seen)) as full:
        if picture.suffix == ".webp":
            full.convert("RGB").save(picture, quality=75, method=6)
        else:  # 256 colours are all a widget has
            full.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)
    return picture


def _around(page: Page) -> FloatRect:
    """Return the widget's place on the page, with a margin."""
    page.locator("support-now").scroll_into_view_if_needed()
    box = page.locator("support-now").evaluate(
        "one => { const {x, y, width, height} = one.getBoundingClientRect();"
        " return {x: x + scrollX, y: y + scrollY, width, height} }"
    )
    left, top = max(box["x"] - MARGIN, 0), max(box["y"] - MARGIN, 0)
    right = min(box["x"] + box["width"] + MARGIN, page.viewport_size["width"])  # type: ignore[index]
    return {"x": left, "y": top, "width": right - left, "height": box["y"] + box["height"] + MARGIN - top}


if __name__ == "__main__":
    main()
