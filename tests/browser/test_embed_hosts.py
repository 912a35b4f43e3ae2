"""Pages of every kind and temper: try to unstyle the widget, break it, load it twice, or spoil the page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import API, SLUG, Partner, asked_of
from tests.browser.signing import events, fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

HOSTILE = """<style>
* { color: red !important; font-style: italic !important; letter-spacing: 9px !important;
    text-transform: uppercase !important; line-height: 4 !important; text-align: right !important;
    box-sizing: content-box !important }
input, button, label, form, progress { display: none !important; width: 5px !important }
</style>"""


def computed(page: Page, selector: str, *names: str) -> list[str]:
    found: list[str] = (
        widget(page)
        .locator(selector)
        .first.evaluate("(node, names) => names.map(name => getComputedStyle(node)[name])", list(names))
    )
    return found


def test_hostile_style_stays_outside(petra: Partner) -> None:
    page = petra.embed('theme="light"', head=HOSTILE)
    expect(widget(page).locator("form button")).to_be_visible()
    names = ("fontStyle", "letterSpacing", "textTransform", "lineHeight", "textAlign", "color")
    assert computed(page, "[part=count]", *names) == [
        *("normal", "normal", "none", "20px", "start", "rgb(29, 26, 23)")
    ]
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()


STRICT = {
    "no styles": "style-src 'none'",
    "no sinks": "require-trusted-types-for 'script'; trusted-types 'none'",
    "nothing": "default-src 'none'; script-src {0}; connect-src {0}; require-trusted-types-for 'script'; "
    "trusted-types 'none'; style-src 'none'; base-uri 'none'; form-action 'none'",
}


@pytest.mark.parametrize("policy", STRICT.values(), ids=STRICT.keys())
def test_a_strict_page_needs_to_allow_nothing_but_the_service(petra: Partner, policy: str) -> None:
    page = petra.visitor()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    csp = policy.format(petra.service.url)
    page.goto(petra.publish(petra.snippet(), Content_Security_Policy=csp))
    expect(widget(page).locator("form")).to_be_visible()
    assert computed(page, "form button", "backgroundColor") == ["rgb(178, 58, 30)"]
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    assert errors == []


def test_an_isolated_page_may_embed(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(
        petra.publish(
            petra.snippet(),
            Cross_Origin_Embedder_Policy="require-corp",
            Cross_Origin_Opener_Policy="same-origin",
        )
    )
    expect(widget(page).locator("form")).to_be_visible()


@pytest.mark.parametrize(
    "parent", ["display:flex", "display:grid", "float:left", "display:inline-block", "display:table-cell"]
)
def test_no_parent_makes_it_collapse(petra: Partner, parent: str) -> None:
    page = petra.visitor(viewport={"width": 1000, "height": 800})
    page.goto(petra.publish(f'<div style="{parent}">{petra.snippet()}</div>'))
    expect(widget(page).locator("form button")).to_be_visible()
    box = widget(page).bounding_box()
    assert box
    assert box["width"] >= 280


@pytest.mark.parametrize("width", [320, 256])
def test_nothing_is_wider_than_a_small_phone(petra: Partner, width: int) -> None:
    page = petra.embed(viewport={"width": width, "height": 700})
    expect(widget(page).locator("form")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_pages_hotkeys_do_not_hear_what_is_typed(petra: Partner) -> None:
    page = petra.embed()
    page.evaluate("window.heard = []; addEventListener('keydown', event => window.heard.push(event.key))")
    field = widget(page).get_by_label("First name")
    field.press_sequentially("Sam")
    field.press("Escape")
    field.press("Tab")
    assert page.evaluate("window.heard") == ["Escape", "Tab"]


# Every way of putting it there


def test_a_script_alone_puts_it_in_its_place(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(petra.publish(petra.script(f'data-petition="{SLUG}" data-theme="dark" data-heading-level="3"')))
    expect(widget(page).get_by_role("heading", level=3)).to_be_visible()
    assert (
        page.evaluate("document.querySelector('script[src*=embed] + support-now').nextElementSibling.id")
        == "after"
    )


def test_a_div_that_a_filter_lets_through_is_enough(petra: Partner) -> None:
    page = petra.visitor()
    link = f'<a href="{petra.service.url}/p/{SLUG}">Stop bloodshed</a>'
    div = f'<div data-support-now="{SLUG}" data-source="petra">{link}</div>'
    page.goto(petra.publish(petra.script() + div))
    expect(page.locator("div > support-now[source=petra]").locator("form")).to_be_visible()


def test_two_scripts_make_one_widget_each_and_one_remark(petra: Partner) -> None:
    page = petra.visitor()
    remarks: list[str] = []
    errors: list[str] = []
    page.on("console", lambda message: remarks.append(message.text) if message.type == "info" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(petra.publish(petra.snippet() + petra.script()))
    expect(page.locator("support-now form")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert errors == []
    assert remarks == ["Support Now: loaded twice"]


def test_calls_from_before_the_script_are_kept(petra: Partner) -> None:
    page = petra.visitor()
    call = (
        "<div id=here></div><script>window.SupportNow = window.SupportNow || {q: []};"
        "SupportNow.q.push(['on', 'ready', event => window.readiness = event.detail.goal]);"
        f"SupportNow.q.push(['render', '#here', {{petition: '{SLUG}', headingLevel: 4}}]);</script>"
    )
    page.goto(petra.publish(call + petra.script()))
    expect(page.locator("#here > support-now").get_by_role("heading", level=4)).to_be_visible()
    assert page.evaluate("window.readiness") >= 50
    assert page.evaluate("SupportNow.version").count(".") == 2


def test_rendering_again_is_the_same_widget_with_new_options(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page, "sam@example.org")
    same = page.evaluate(
        "() => { const widget = document.querySelector('support-now');"
        "return SupportNow.render(widget, {theme: 'dark'}) === widget }"
    )
    assert same
    expect(widget(page)).to_have_attribute("theme", "dark")
    expect(widget(page).get_by_label("E-mail")).to_have_value("sam@example.org")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "light"),
        ("height", "500"),
        ("heading-level", "3"),
        ("lang", "en-GB"),
        ("layout", "bar"),
        ("test", ""),
    ],
)
def test_a_changed_attribute_keeps_what_was_typed(petra: Partner, name: str, value: str) -> None:
    page = petra.embed()
    address = fill_in(page)
    widget(page).get_by_label("Show my name publicly").check()
    page.evaluate(
        "([name, value]) => document.querySelector('support-now').setAttribute(name, value)", [name, value]
    )
    if name == "layout":
        widget(page).get_by_role("button", name="Support now").first.click()
    expect(widget(page).get_by_label("E-mail")).to_have_value(address)
    expect(widget(page).get_by_label("Show my name publicly")).to_be_checked()


def test_moved_and_cloned_and_removed(petra: Partner) -> None:
    page = petra.embed()
    expect(widget(page).locator("form")).to_be_visible()  # it has asked: from here on it must not again
    asked = asked_of(page, petra.service)
    address = fill_in(page)
    page.evaluate("document.body.append(document.querySelector('support-now'))")
    expect(widget(page).get_by_label("E-mail")).to_have_value(address)
    page.evaluate("document.body.append(document.querySelector('support-now').cloneNode(true))")
    expect(page.locator("support-now form")).to_have_count(2)
    page.evaluate("document.querySelectorAll('support-now').forEach(widget => widget.remove())")
    page.evaluate("document.body.append(document.createElement('support-now'))")
    assert f"GET {API}/widget" not in asked


def test_back_from_another_page_it_still_works(petra: Partner) -> None:
    page = petra.embed()
    expect(widget(page).locator("form")).to_be_visible()
    page.goto(petra.publish("Elsewhere"))
    page.go_back()
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()


def test_in_a_frame_that_may_only_run_scripts_it_still_signs(petra: Partner) -> None:
    """A sandbox without allow-forms never submits a form, and its origin is null."""
    page = petra.visitor()
    inner = petra.publish(petra.snippet('loading="eager"'))
    page.goto(
        petra.publish(
            f'<iframe sandbox="allow-scripts" src="{inner}" width="400" height="500" title="P"></iframe>'
        )
    )
    frame = page.frame_locator("iframe")
    frame.get_by_label("First name").fill("Sam")
    frame.get_by_label("Last name").fill("of the Cast")
    frame.get_by_label("E-mail").fill("sam.framed@example.org")
    frame.get_by_label("Country").select_option("AM")
    frame.get_by_label("E-mail").press("Enter")
    expect(frame.locator("[part=thanks]")).to_be_visible()


# The other layouts


def test_the_bar_unfolds_its_form(petra: Partner) -> None:
    page = petra.embed('layout="bar"')
    opener = widget(page).get_by_role("button", name="Support now")
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(widget(page).locator("form")).to_have_count(0)
    opener.click()
    expect(widget(page).get_by_label("First name")).to_be_focused()
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_focused()


def test_the_button_opens_a_dialog_and_escape_gives_the_focus_back(petra: Partner) -> None:
    page = petra.embed('layout="button"')
    opener = widget(page).get_by_role("button", name="Support now")
    opener.click()
    dialog = widget(page).get_by_role("dialog")
    expect(dialog).to_be_visible()
    address = fill_in(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    expect(widget(page).get_by_label("E-mail")).to_have_value(address)
    press(page)
    expect(thanks(page)).to_be_visible()
    widget(page).get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    assert events(page).count("signed") == 1
