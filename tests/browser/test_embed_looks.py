"""Look at every state with axe and a ruler: whoever reads, hears, taps or zooms is to get all of it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Partner, change_widget
from tests.browser.signing import fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

ARABIC = {
    "supporters": {
        "one": "مؤيد واحد",
        "two": "مؤيدان",
        "few": "{count} مؤيدين",
        "other": "{count} مؤيد",
    },
    "Support now": "ادعم الآن",
    "missing": "يرجى ملء هذا الحقل.",
}


# The last rule for the bar's filled part whose medium is the visitor's. (The engine does not let a script
# ask for the computed style of that part.)
GLIDE = """host => [...host.shadowRoot.adoptedStyleSheets[0].cssRules]
  .flatMap(rule => !rule.media ? rule : matchMedia(rule.media.mediaText).matches ? [...rule.cssRules] : [])
  .filter(rule => rule.selectorText === '::-webkit-progress-value').at(-1).style.transition"""


def violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def ready(page: Page) -> None:
    expect(widget(page).locator("form")).to_be_visible()


def mistaken(page: Page) -> None:
    press(page)
    expect(widget(page).locator("[part=errors]")).to_be_focused()


def sending(page: Page) -> None:
    page.route("**/signatures", lambda route: None)
    fill_in(page)
    press(page)
    expect(widget(page).get_by_role("status")).to_have_text("Sending…")


def thanked(page: Page) -> None:
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()


def unconfirmed(page: Page) -> None:
    def later(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, status=202)

    page.route("**/signatures", later)
    thanked(page)


def unreachable(page: Page) -> None:
    page.route("**/widget?*", lambda route: route.fulfill(status=404, body="{}"))
    page.reload()
    expect(widget(page).get_by_role("alert")).to_be_visible()


def closed(page: Page) -> None:
    change_widget(page, lambda content: content["petition"].update(status="closed"))
    page.reload()
    expect(thanks(page)).to_be_visible()


def delivered(page: Page) -> None:
    change_widget(page, lambda content: content["petition"].update(status="delivered"))
    page.reload()
    expect(widget(page).get_by_role("link", name="Read the petition")).to_be_visible()


def loading(page: Page) -> None:
    page.route("**/widget?*", lambda route: None)
    page.reload()
    expect(widget(page).locator("progress")).to_be_visible()


def offline(page: Page) -> None:
    fill_in(page)
    page.context.set_offline(True)
    press(page)
    expect(widget(page).get_by_role("status")).to_contain_text("offline")


def led_on(page: Page) -> None:
    change_widget(page, lambda content: content["petition"].update(thanks_url="https://armenia.example.org/"))
    page.reload()
    thanked(page)
    expect(widget(page).get_by_role("link", name="Continue")).to_be_visible()


def rehearsed(page: Page) -> None:
    widget(page).evaluate("node => node.setAttribute('test', '')")
    expect(widget(page)).to_contain_text("Test: nothing is stored.")


STATES = [
    *(ready, mistaken, sending, offline, thanked, led_on, unconfirmed),
    *(unreachable, loading, closed, delivered, rehearsed),
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(petra: Partner, state: Callable[[Page], None], theme: str) -> None:
    page = petra.embed(f'theme="{theme}"', viewport={"width": 400, "height": 900})
    state(page)
    assert violations(page) == []


@pytest.mark.parametrize("state", [ready, mistaken, thanked], ids=lambda state: state.__name__)
@pytest.mark.parametrize("page_style", ["background:#fff;color:#222", "background:#123c69;color:#fff"])
def test_axe_finds_nothing_where_the_page_gives_the_colours(
    petra: Partner, state: Callable[[Page], None], page_style: str
) -> None:
    page = petra.embed(head=f"<style>body{{{page_style}}} #after{{color:inherit}} a{{color:inherit}}</style>")
    state(page)
    assert violations(page) == []


@pytest.mark.parametrize("state", [ready, mistaken, thanked], ids=lambda state: state.__name__)
def test_axe_finds_nothing_with_forced_colours(petra: Partner, state: Callable[[Page], None]) -> None:
    page = petra.embed(forced_colors="active")
    state(page)
    assert violations(page) == []


@pytest.mark.parametrize("layout", ["bar", "button"])
def test_axe_finds_nothing_in_the_other_layouts(petra: Partner, layout: str) -> None:
    page = petra.embed(f'layout="{layout}"')
    opener = widget(page).get_by_role("button", name="Support now")
    expect(opener).to_be_visible()
    assert violations(page) == []
    opener.click()
    expect(widget(page).locator("form")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("state", [ready, mistaken, thanked], ids=lambda state: state.__name__)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_from_right_to_left(
    petra: Partner, state: Callable[[Page], None], theme: str
) -> None:
    page = petra.embed(f'theme="{theme}"', lang="ar", viewport={"width": 400, "height": 900})
    expect(widget(page).locator("[part=container]")).to_have_attribute("dir", "rtl")
    if state is thanked:
        widget(page).locator("#given_name").fill("Sam")
        widget(page).locator("#family_name").fill("of the Cast")
        widget(page).locator("#email").fill(f"sam.{theme}.ar@example.org")
        widget(page).locator("#country").select_option("AM")
        press(page)
        expect(thanks(page)).to_be_visible()
    else:
        state(page)
    assert violations(page) == []


def test_from_right_to_left_in_the_words_and_digits_of_the_language(petra: Partner) -> None:
    page = petra.visitor(viewport={"width": 400, "height": 900})
    change_widget(
        page,
        lambda content: content.update(
            lang="ar", dir="rtl", messages=ARABIC, progress=content["progress"] | {"count": 3, "goal": 5}
        ),
    )
    page.goto(petra.publish(petra.snippet(), lang="ar"))
    expect(widget(page).locator("[part=container]")).to_have_attribute("dir", "rtl")
    expect(widget(page).locator("[part=count]")).to_have_text("3 مؤيدين")
    expect(widget(page).locator("form button")).to_have_text("ادعم الآن")
    first, last = (widget(page).locator(name).bounding_box() for name in ("#given_name", "#family_name"))
    assert first
    assert last
    assert first["x"] > last["x"]
    assert violations(page) == []


def test_all_that_is_pressed_is_as_large_as_a_thumb(petra: Partner) -> None:
    page = petra.embed(viewport={"width": 320, "height": 900})
    ready(page)
    pressed = widget(page).locator(
        "form input:not([type=checkbox]), form select, form button, form .checkbox"
    )
    boxes = [pressed.nth(i).bounding_box() for i in range(pressed.count())]
    assert len(boxes) >= 8
    assert min(box["height"] for box in boxes if box) >= 44
    thanked(page)
    shares = widget(page).locator("[part=share] > *")
    boxes = [shares.nth(i).bounding_box() for i in range(shares.count())]
    assert min(box["height"] for box in boxes if box) >= 44


def test_every_field_has_a_visible_label_and_knows_how_to_be_filled(petra: Partner) -> None:
    page = petra.embed()
    ready(page)
    fields = widget(page).locator("form input:not([type=checkbox], [hidden]), form select")
    assert fields.evaluate_all("fields => fields.map(field => field.autocomplete)") == [
        *("given-name", "family-name", "email", "country", "postal-code")
    ]
    for label in ("First name", "Last name", "E-mail", "Country", "Postcode (optional)"):
        expect(widget(page).locator("label", has_text=label).first).to_be_visible()
    expect(widget(page).locator("[placeholder]")).to_have_count(0)
    expect(widget(page).locator("input:checked")).to_have_count(0)


def test_the_countries_are_those_the_service_takes(petra: Partner) -> None:
    from widget.domain.countries import COUNTRIES

    page = petra.embed()
    ready(page)
    options = widget(page).get_by_label("Country").locator("option")
    codes = options.evaluate_all("options => options.map(option => option.value)")
    assert codes[0] == ""
    assert sorted(codes[1:]) == sorted(COUNTRIES)
    names = options.evaluate_all("options => options.slice(1).map(option => option.textContent)")
    assert names == page.evaluate("names => [...names].sort(new Intl.Collator('en').compare)", names)


def test_the_bar_glides_and_rests_where_motion_is_unwanted(petra: Partner) -> None:
    moving, still = petra.embed(), petra.embed(reduced_motion="reduce")
    for page, transition in ((moving, "width 0.6s ease-out"), (still, "none")):
        ready(page)
        assert widget(page).evaluate(GLIDE) == transition


def test_the_focus_is_seen_and_never_stolen(petra: Partner) -> None:
    page = petra.embed()
    ready(page)
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Tab")
    focused = "root => [root.activeElement.localName, getComputedStyle(root.activeElement).outlineWidth]"
    assert widget(page).evaluate(f"host => ({focused})(host.shadowRoot)") == ["a", "3px"]


def test_twice_the_text_and_wide_spacing_lose_nothing(petra: Partner) -> None:
    """WCAG 1.4.4 and 1.4.12: at half the width, and with the spacing a reader may set."""
    page = petra.embed(viewport={"width": 320, "height": 900})
    ready(page)
    widget(page).evaluate(
        "host => host.shadowRoot.querySelectorAll('*').forEach(node => { node.style.letterSpacing = '.12em';"
        "node.style.wordSpacing = '.16em'; node.style.lineHeight = '1.5' })"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    button = widget(page).locator("form button")
    expect(button).to_be_visible()
    assert button.evaluate("button => button.scrollWidth <= button.clientWidth")


@pytest.mark.parametrize(
    ("name", "value", "selector", "style", "expected"),
    [
        ("--sn-accent", "rgb(0, 100, 0)", "form button", "backgroundColor", "rgb(0, 100, 0)"),
        ("--sn-accent-text", "rgb(1, 2, 3)", "form button", "color", "rgb(1, 2, 3)"),
        ("--sn-background", "rgb(9, 9, 9)", "[part=container]", "backgroundColor", "rgb(9, 9, 9)"),
        ("--sn-color", "rgb(4, 4, 4)", "[part=count]", "color", "rgb(4, 4, 4)"),
        ("--sn-border", "rgb(5, 5, 5)", "[part=input]", "borderTopColor", "rgb(5, 5, 5)"),
        ("--sn-error", "rgb(6, 6, 6)", "[part=errors]", "color", "rgb(6, 6, 6)"),
        ("--sn-radius", "3px", "form button", "borderTopLeftRadius", "3px"),
        ("--sn-padding", "30px", "[part=container]", "paddingTop", "30px"),
        ("--sn-gap", "20px", "form", "rowGap", "20px"),
        ("--sn-font", "monospace", "[part=input]", "fontFamily", "monospace"),
        ("--sn-max-width", "300px", "[part=container]", "maxWidth", "300px"),
    ],
)
def test_a_partner_sets_the_look(
    petra: Partner, name: str, value: str, selector: str, style: str, expected: str
) -> None:
    page = petra.embed(head=f"<style>support-now {{ {name}: {value} }}</style>")
    ready(page)
    found = (
        widget(page).locator(selector).first.evaluate("(node, name) => getComputedStyle(node)[name]", style)
    )
    assert found == expected


def test_the_focus_ring_can_be_set(petra: Partner) -> None:
    page = petra.embed(head="<style>support-now { --sn-focus: rgb(7, 7, 7) }</style>")
    ready(page)
    page.keyboard.press("Tab")
    colour = "root => getComputedStyle(root.shadowRoot.activeElement).outlineColor"
    assert widget(page).evaluate(colour) == "rgb(7, 7, 7)"
