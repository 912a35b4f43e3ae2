"""Let everything go wrong while Sam signs; try to lose what he typed, or to leave him without a word."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import API, Partner, asked_of
from tests.browser.signing import events, expect_typed, fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}


def refuse(
    page: Page, status: int, times: int = 9, headers: dict[str, str] | None = None, **problem: object
) -> None:
    """Answer the next signatures with a problem, then let them through."""
    body = json.dumps({"status": status, "title": "No", **problem})

    def handle(route: Route) -> None:
        route.fulfill(
            status=status,
            body=body,
            headers={**OPEN, "Content-Type": "application/problem+json", **(headers or {})},
        )

    page.route("**/signatures", handle, times=times)


def posts(asked: list[str]) -> int:
    return sum(line.startswith("POST") for line in asked)


def test_an_empty_form_is_explained_and_the_list_leads_to_the_fields(petra: Partner) -> None:
    page = petra.embed()
    asked = asked_of(page, petra.service)
    press(page)
    errors = widget(page).locator("[part=errors]")
    expect(errors).to_be_focused()
    expect(errors.locator("li")).to_have_text(
        [f"{label}: Please fill this in." for label in ("First name", "Last name", "E-mail", "Country")]
    )
    errors.get_by_role("link", name="E-mail").click()
    email = widget(page).get_by_label("E-mail")
    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description("Please fill this in.")
    expect(widget(page).get_by_label("Postcode")).to_have_attribute("aria-invalid", "false")
    assert page.evaluate("window.told.at(-1)[1].fields") == ["given_name", "family_name", "email", "country"]
    assert posts(asked) == 0
    assert page.url.partition("#")[1] == ""


def test_nothing_is_complained_about_before_the_first_try(petra: Partner) -> None:
    page = petra.embed()
    widget(page).get_by_label("E-mail").fill("sam@")
    widget(page).get_by_label("E-mail").blur()
    expect(widget(page).locator("[aria-invalid=true]")).to_have_count(0)


def test_what_is_put_right_is_no_longer_marked_and_nothing_new_is(petra: Partner) -> None:
    page = petra.embed()
    press(page)
    marked = widget(page).locator("[aria-invalid=true]")
    expect(marked).to_have_count(4)
    email, name = widget(page).get_by_label("E-mail"), widget(page).get_by_label("First name")
    email.press_sequentially("sam@")
    name.press_sequentially(" ")
    expect(marked).to_have_count(4)
    email.press_sequentially("example.org")
    name.press_sequentially("Sam")
    expect(marked).to_have_count(2)
    expect(email).to_have_accessible_description("")
    email.fill("sam@")
    expect(marked).to_have_count(2)


@pytest.mark.parametrize("typed", ["sam", "sam@", "@example.org", "sam example.org"])
def test_what_is_no_address_is_said_in_our_own_words(petra: Partner, typed: str) -> None:
    page = petra.embed()
    fill_in(page, typed)
    press(page)
    expect(widget(page).get_by_label("E-mail")).to_have_accessible_description(
        "This is not an e-mail address."
    )


def test_blanks_are_no_name(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page)
    widget(page).get_by_label("First name").fill("   ")
    press(page)
    expect(widget(page).get_by_label("First name")).to_have_accessible_description("Please fill this in.")


def test_what_the_service_refuses_takes_the_same_path(petra: Partner) -> None:
    page = petra.embed()
    address = fill_in(page, "sam@nowhere.invalid")
    press(page)
    errors = widget(page).locator("[part=errors]")
    expect(errors).to_be_focused()
    expect(errors).to_contain_text("E-mail:")
    expect(widget(page).get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    expect_typed(page, address)
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_service_that_struggles_is_asked_again(petra: Partner, status: int) -> None:
    page = petra.embed()
    asked = asked_of(page, petra.service)
    refuse(page, status, times=2)
    fill_in(page)
    press(page)
    expect(widget(page).get_by_role("status")).to_have_text("Trying again…")
    expect(thanks(page)).to_be_visible()
    assert posts(asked) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 413, 415])
def test_what_cannot_help_is_not_asked_again(petra: Partner, status: int) -> None:
    page = petra.embed()
    asked = asked_of(page, petra.service)
    refuse(page, status, code="no")
    address = fill_in(page)
    press(page)
    expect(widget(page).locator("[part=errors]")).to_be_focused()
    expect(widget(page).locator("[part=errors]")).to_contain_text("your answers are kept")
    expect_typed(page, address)
    assert posts(asked) == 1
    assert page.evaluate("window.told.at(-1)") == ["error", {"phase": "sign", "status": status, "code": "no"}]


def test_after_three_tries_sam_keeps_his_answers_and_may_try_again(petra: Partner) -> None:
    page = petra.embed()
    asked = asked_of(page, petra.service)
    refuse(page, 503, times=3, code="ledger_unavailable")
    address = fill_in(page)
    press(page)
    expect(widget(page).locator("[part=errors]")).to_contain_text("Please try again: your answers are kept.")
    expect_typed(page, address)
    assert posts(asked) == 3
    press(page)
    expect(thanks(page)).to_be_visible()


def test_the_service_says_when_to_come_back(petra: Partner) -> None:
    """Retry-After is waited for; more than half a minute is not, and Sam is told at once."""
    page = petra.embed()
    asked = asked_of(page, petra.service)
    refuse(page, 429, headers={"Retry-After": "3600"})
    address = fill_in(page)
    press(page)
    expect(widget(page).locator("[part=errors]")).to_be_focused()
    expect_typed(page, address)
    assert posts(asked) == 1


def test_a_dropped_connection_is_tried_again(petra: Partner) -> None:
    page = petra.embed()
    asked = asked_of(page, petra.service)
    page.route("**/signatures", lambda route: route.abort("connectionreset"), times=2)
    fill_in(page)
    press(page)
    expect(thanks(page)).to_be_visible()
    assert posts(asked) == 3


def test_a_signature_whose_answer_was_lost_counts_once(petra: Partner) -> None:
    """The service took it, the answer never arrived, the embed sends it again."""
    page = petra.embed()
    before = int(widget(page).locator("[part=count] b").text_content() or "0")

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/signatures", swallow, times=1)
    fill_in(page)
    press(page)
    expect(thanks(page)).to_contain_text(f"You are one of {before + 1}.")


def test_offline_sam_is_told_and_it_goes_out_when_he_is_back(petra: Partner) -> None:
    page = petra.embed()
    address = fill_in(page)
    page.context.set_offline(True)
    press(page)
    expect(widget(page).get_by_role("status")).to_contain_text("You are offline.")
    expect_typed(page, address)
    page.context.set_offline(False)
    expect(thanks(page)).to_be_visible()


def test_a_petition_that_closed_meanwhile_says_so(petra: Partner) -> None:
    page = petra.embed()
    refuse(page, 410, code="petition_closed")
    fill_in(page)
    press(page)
    expect(thanks(page)).to_contain_text("This petition is closed.")
    expect(widget(page).locator("[part=goal]")).to_be_empty()
    expect(widget(page).locator("form")).to_have_count(0)


def test_a_second_press_while_sending_is_harmless_and_the_button_keeps_the_focus(petra: Partner) -> None:
    page = petra.embed()
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/signatures", hold)
    fill_in(page)  # so its first look at the service is over
    asked = asked_of(page, petra.service)
    press(page)
    button = widget(page).locator("form button")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
    expect(widget(page).get_by_role("status")).to_have_text("Sending…")
    button.press("Enter")
    waiting[0].continue_()
    expect(thanks(page)).to_be_visible()
    assert asked == [f"POST {API}/signatures"]
    assert events(page).count("signed") == 1
