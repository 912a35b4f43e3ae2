"""Sign on a partner's page; try to send it twice, send too much, tell the page who signed."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.conftest import API, Partner, asked_of, change_widget
from tests.browser.signing import events, fill_in, press, thanks, widget

pytestmark = pytest.mark.browser


def posted(requests: list[Request]) -> list[dict[str, str]]:
    return [
        {key: values[0] for key, values in parse_qs(request.post_data or "").items()}
        for request in requests
        if request.method == "POST"
    ]


def test_sam_signs_with_two_gets_one_post_and_no_preflight(petra: Partner) -> None:
    page = petra.visitor()
    asked = asked_of(page, petra.service)
    page.goto(petra.publish(petra.snippet('source="petra"')))
    before = int(widget(page).locator("[part=count] b").text_content() or "0")
    fill_in(page)
    press(page)
    expect(thanks(page)).to_contain_text(f"You are one of {before + 1}.")
    expect(thanks(page)).to_be_focused()
    expect(widget(page).locator("[part=count] b")).to_have_text(str(before + 1))
    assert asked == ["GET /embed.js", f"GET {API}/widget", f"POST {API}/signatures"]


def test_no_more_is_sent_than_was_asked_for(petra: Partner) -> None:
    page = petra.visitor()
    seen: list[Request] = []

    def note(request: Request) -> None:
        seen.append(request)

    page.on("request", note)
    page.goto(petra.publish(petra.snippet('source="petra"')) + "?utm_source=spy#here")
    address = fill_in(page)
    widget(page).get_by_label("Show my name publicly").check()
    press(page)
    expect(thanks(page)).to_be_visible()
    (sent,) = posted(seen)
    assert len(sent.pop("text_version")) >= 16
    assert sent.pop("page_url").startswith("http://127.0.0.1:")
    assert 0 <= float(sent.pop("elapsed")) < 60
    assert "utm" not in str(posted(seen))
    assert sent == {
        "given_name": "Sam",
        "family_name": "of the Cast",
        "email": address,
        "country": "AM",
        "show_name": "true",
        "lang": "en",
        "source": "petra",
    }


def test_only_a_robot_meets_the_field_that_nobody_is_asked(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page)
    trap = widget(page).locator("[name=website]")
    expect(trap).to_be_hidden()
    expect(trap).to_have_attribute("autocomplete", "off")
    assert trap.evaluate("field => { field.focus(); return field.matches(':focus') }") is False
    assert trap.evaluate("field => field.getClientRects().length") == 0
    seen: list[Request] = []

    def note(request: Request) -> None:
        seen.append(request)

    page.on("request", note)
    trap.evaluate("field => field.value = 'https://robot.example'")
    press(page)
    expect(thanks(page)).to_be_visible()
    assert [sent["website"] for sent in posted(seen)] == ["https://robot.example"]


def test_the_page_learns_figures_and_nothing_of_sam(petra: Partner) -> None:
    page = petra.embed()
    address = fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    assert events(page)[:3] == ["ready", "submit", "signed"]
    told = str(page.evaluate("JSON.stringify(window.told)"))
    assert address not in told
    assert "Sam" not in told
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_double_click_signs_once(petra: Partner) -> None:
    page = petra.embed()
    asked = asked_of(page, petra.service)
    fill_in(page)
    widget(page).locator("form button").dblclick()
    expect(thanks(page)).to_be_visible()
    assert [line for line in asked if line.startswith("POST")] == [f"POST {API}/signatures"]


def test_enter_signs_and_leaves_the_forms_of_the_page_alone(petra: Partner) -> None:
    page = petra.visitor()
    page.goto(petra.publish(f'<form action="/gone">{petra.snippet()}<input name=q></form>'))
    address = page.url
    fill_in(page)
    widget(page).get_by_label("E-mail").press("Enter")
    expect(thanks(page)).to_be_visible()
    assert page.url == address


def test_the_page_may_hold_the_signature_back(petra: Partner) -> None:
    page = petra.embed()
    asked = asked_of(page, petra.service)
    page.evaluate("addEventListener('support-now:submit', event => event.preventDefault())")
    fill_in(page)
    press(page)
    expect(widget(page).locator("form")).to_be_visible()
    assert events(page) == ["ready", "submit"]
    assert [line for line in asked if line.startswith("POST")] == []


def test_a_dry_run_says_so_and_stores_nothing(petra: Partner) -> None:
    page = petra.embed("test")
    before = widget(page).locator("[part=count] b").text_content() or ""
    expect(widget(page)).to_contain_text("Test: nothing is stored.")
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    expect(widget(page)).to_contain_text("Test: nothing is stored.")
    expect(widget(page).locator("[part=count] b")).to_have_text(before)


def test_where_mail_confirms_sam_is_told_the_next_step(petra: Partner) -> None:
    page = petra.embed()

    def later(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, status=202, body=answer.text().replace("counted", "check_email"))

    page.route("**/signatures", later)
    fill_in(page)
    press(page)
    expect(thanks(page)).to_contain_text("One more step")
    expect(thanks(page)).to_contain_text("Open the letter")
    assert page.evaluate("window.told.at(-1)[1].pending") is True


def test_the_first_signer_of_all_is_told_the_next_step_as_well(petra: Partner) -> None:
    """The number stands at 0 until they confirm."""
    page = petra.embed()
    nobody = {"count": 0, "goal": 5, "ratio": 0, "as_of": "2100-01-01T00:00:00+00:00"}

    def later(route: Route) -> None:
        content = route.fetch().json()
        content |= {"status": "check_email", "progress": content["progress"] | nobody}
        route.fulfill(status=202, json=content, headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/signatures", later)
    fill_in(page)
    press(page)
    expect(thanks(page)).to_contain_text("Open the letter")
    expect(thanks(page).get_by_text("Copy link")).to_be_visible()
    expect(widget(page).locator("[part=goal]")).to_have_text("next goal 5")


def test_reaching_the_goal_is_told_once(petra: Partner) -> None:
    page = petra.visitor()

    def almost(content: dict[str, dict[str, int]]) -> None:
        content["progress"]["goal"] = content["progress"]["count"] + 1

    change_widget(page, almost)
    page.goto(petra.publish(petra.snippet()))
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    assert events(page).count("goal") == 1


def test_sam_passes_it_on_and_the_source_goes_with_it(petra: Partner) -> None:
    page = petra.embed('source="petra &amp; co"')
    fill_in(page)
    press(page)
    links = widget(page).locator("[part=share] a")
    expect(links).to_have_text(["E-mail", "X", "WhatsApp", "Telegram", "Facebook", "Bluesky"])
    for href in links.evaluate_all("links => links.map(link => link.href)"):
        assert "source%3Dpetra%2520%2526%2520co" in href
    links.nth(2).evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    links.nth(2).click()
    assert page.evaluate("window.told.at(-1)") == ["shared", {"via": "whatsapp"}]


def test_a_partner_may_leave_the_share_row_out(petra: Partner) -> None:
    page = petra.embed("no-share")
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    expect(widget(page).locator("[part=share]")).to_have_count(0)


def test_reset_is_an_empty_form_again(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    page.evaluate("document.querySelector('support-now').reset()")
    expect(widget(page).get_by_label("First name")).to_have_value("")


def test_the_link_is_copied_and_that_is_said(petra: Partner) -> None:
    page = petra.embed('source="petra"', permissions=["clipboard-read", "clipboard-write"])
    fill_in(page)
    press(page)
    widget(page).get_by_role("button", name="Copy link").click()
    expect(widget(page).get_by_role("status")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{petra.service.url}/p/stop-bloodshed-in-artsakh?source=petra"
    assert page.evaluate("window.told.at(-1)") == ["shared", {"via": "copy"}]


def test_where_nothing_can_be_copied_nothing_is_promised(petra: Partner) -> None:
    """An insecure page has no clipboard."""
    page = petra.visitor()
    page.add_init_script("delete Navigator.prototype.clipboard")
    page.goto(petra.publish(petra.snippet()))
    fill_in(page)
    press(page)
    expect(widget(page).locator("[part=share] a")).to_have_count(6)
    expect(widget(page).get_by_role("button", name="Copy link")).to_have_count(0)


def test_the_devices_own_way_to_share_comes_first(petra: Partner) -> None:
    page = petra.visitor()
    page.add_init_script("Navigator.prototype.share = async what => { window.passed = what }")
    page.goto(petra.publish(petra.snippet('source="petra"')))
    fill_in(page)
    press(page)
    widget(page).get_by_role("button", name="Pass it on").click()
    assert page.evaluate("window.passed.url").endswith("?source=petra")
    expect(widget(page).locator("[part=share] a")).to_have_count(0)


def test_a_page_that_may_keep_nothing_can_still_sign(petra: Partner) -> None:
    page = petra.visitor()
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])"
        "Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page.goto(petra.publish(petra.snippet()))
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
