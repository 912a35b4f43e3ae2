"""A page that pins the script's bytes gets the widget, and nothing when they are others."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SLUG, Partner
from widget.releasing import LATEST, as_served, integrity

pytestmark = pytest.mark.browser


def pinned(petra: Partner, value: str) -> str:
    """Publish snippet E; today's script stands for a version, which keeps these very bytes."""
    script = f'<script async src="{petra.service.url}/embed.js" integrity="{value}" crossorigin="anonymous">'
    link = f'<a href="{petra.service.url}/p/{SLUG}">The petition</a>'
    return petra.publish(f'<support-now petition="{SLUG}">{link}</support-now>{script}</script>')


def test_the_integrity_that_the_command_prints_is_the_one_browsers_accept(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(pinned(petra, integrity(as_served(LATEST))))
    expect(page.locator("support-now form")).to_be_visible()


def test_other_bytes_are_not_run_and_the_link_stays(petra: Partner) -> None:
    page = petra.visitor()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(pinned(petra, integrity(b"other bytes")), wait_until="load")
    expect(page.get_by_role("link", name="The petition")).to_be_visible()
    assert any("integrity" in text for text in told)
    assert page.evaluate("customElements.get('support-now') === undefined")
