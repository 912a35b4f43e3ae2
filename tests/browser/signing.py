"""What Sam does at the widget."""

from itertools import count

from playwright.sync_api import Locator, Page, expect

_numbers = count(1)


def widget(page: Page) -> Locator:
    return page.locator("support-now").first


def fill_in(page: Page, email: str = "") -> str:
    """Type Sam's answers; each time he has a new address unless one is given."""
    address = email or f"sam.{next(_numbers)}@example.org"
    form = widget(page)
    form.get_by_label("First name").fill("Sam")
    form.get_by_label("Last name").fill("of the Cast")
    form.get_by_label("E-mail").fill(address)
    form.get_by_label("Country").select_option("AM")
    return address


def press(page: Page) -> None:
    widget(page).locator("form button").click()


def expect_typed(page: Page, address: str) -> None:
    """Nothing of what Sam typed is lost."""
    expect(widget(page).get_by_label("First name")).to_have_value("Sam")
    expect(widget(page).get_by_label("E-mail")).to_have_value(address)
    expect(widget(page).get_by_label("Country")).to_have_value("AM")


def thanks(page: Page) -> Locator:
    return widget(page).locator("[part=thanks]")


def events(page: Page) -> list[str]:
    told: list[list[object]] = page.evaluate("window.told")
    return [str(event[0]) for event in told]
