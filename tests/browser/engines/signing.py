"""What Sam does at the widget, in any engine."""

from itertools import count

from tests.browser.engines.tab import Tab

_numbers = count(1)
FORM = "seen($('form button'))"
THANKS = "seen($('[part=thanks]'))"
ANSWERS = "return ['given_name', 'family_name', 'email', 'country'].map(name => $('#' + name).value)"


def fill_in(tab: Tab, email: str = "") -> list[str]:
    """Type Sam's answers, with an address of their own unless one is given; return them."""
    address = email or f"sam.{tab.engine.name}.{next(_numbers)}@example.org"
    tab.type("#given_name", "Sam")
    tab.type("#family_name", "of the Cast")
    tab.type("#email", address)
    tab.choose("#country", "AM")
    return ["Sam", "of the Cast", address, "AM"]


def press(tab: Tab) -> None:
    tab.click("form button")


def typed(tab: Tab) -> list[str]:
    """Return what stands in the fields."""
    answers: list[str] = tab.run(ANSWERS)
    return answers


def number(tab: Tab) -> int:
    """Return the count as shown."""
    return int(tab.wait("$('[part=count] b')?.textContent.replace(/\\D/g, '')"))
