"""The signer's own page in a real browser: all of it without JavaScript, at every width, light and dark."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.live_service import LiveService
from tests.petitions import draft, signature
from widget import tokens
from widget.domain.signature import Actor, Consent, Link, Occasion, State
from widget.store.ledger import Ledger

pytestmark = pytest.mark.browser

LONG = "https://petra.example.org/a/very/long/address/of/a/page/that/goes/on/and/on/and/on"


@dataclass
class Signers:
    """A service with one signer in each state, and the addresses in their letters."""

    live: LiveService
    links: dict[str, str]


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signers]:
    folder = tmp_path_factory.mktemp("own")
    live = LiveService(folder)
    live.flask("ledger", "migrate")
    signed = _sign(folder)
    key = (folder / "secret_key").read_text(encoding="utf-8").strip()
    own = tokens.Purpose.OWN_PAGE
    try:
        live.start()
        yield Signers(
            live, {name: f"/signature/{tokens.make(key, own, link)}" for name, link in signed.items()}
        )
    finally:
        live.stop()


def _sign(folder: Path) -> dict[str, Link]:
    now = datetime.now(UTC)
    ledger = Ledger.connect(f"sqlite:///{folder / 'ledger.sqlite3'}")
    petition = ledger.add_petition(draft(), now)
    ledger.change(petition.id, {"public_signers": True})
    signed = {}
    for name, to in (("sam", None), ("petra", State.WITHDRAWN), ("mallory", State.INVALIDATED)):
        consent = Consent(now, "Keep me informed")
        texts = {"comment": "It is my mill. " * 20, "page_url": LONG, "source": "petra", "show_name": True}
        new = signature(petition.id, f"{name}@example.org", signed_at=now, consent=consent, **texts)
        number = ledger.record(new, Occasion.RECEIPT).id
        assert number is not None
        signed[name] = Link(number, now)
        if to is not None:
            ledger.move(number, to, now, by=Actor.SIGNER)
    ledger.close()
    return signed


@pytest.fixture
def visit(chromium: Browser, signers: Signers) -> Iterator[Callable[..., Page]]:
    """Open an address as somebody who was never here; what the browser is like goes into options."""
    contexts = []

    def visit(address: str, **options: object) -> Page:
        context = chromium.new_context(base_url=signers.live.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 900])
def test_it_can_be_read_by_everybody(
    visit: Callable[..., Page], signers: Signers, width: int, scheme: str
) -> None:
    for address in (
        *signers.links.values(),
        f"{signers.links['sam']}/erase",
        "/signature/nothing",
        "/p/save-the-mill/signers",
    ):
        page = visit(address, viewport={"width": width, "height": 800}, color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_all_of_it_works_without_javascript_and_erasing_asks_once(
    visit: Callable[..., Page], signers: Signers
) -> None:
    page = visit(signers.links["sam"], java_script_enabled=False, viewport={"width": 390, "height": 800})
    said = page.locator("#done")
    page.get_by_label("First name").fill("Samuel")
    page.get_by_role("button", name="Save the name").click()
    expect(said).to_have_text("Your name is corrected.")
    steps = {
        "Hide my name": "Your name is hidden.",
        "Show my name": "Your name may be shown.",
        "Leave the news": "You get no more news.",
        "Take it back": "Your signature is taken back.",
        "Sign again": "You have signed again.",
    }
    for button, words in steps.items():
        page.get_by_role("button", name=button).click()
        expect(said).to_have_text(words)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "signature-save-the-mill.json"
    page.get_by_role("link", name="Erase everything").click()
    yes, no = page.get_by_role("button", name="Erase everything"), page.get_by_role("link", name="Keep it")
    sizes = [box for box in (yes.bounding_box(), no.bounding_box()) if box]
    assert sizes[0]["width"] == sizes[1]["width"]  # staying is as easy as going
    assert sizes[0]["height"] == sizes[1]["height"]
    no.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Save the mill")
    page.get_by_role("link", name="Erase everything").click()
    yes.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is erased")
    page.goto(signers.links["sam"])
    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
