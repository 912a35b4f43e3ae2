"""Everything goes wrong while Sam signs, in every engine; try to lose what he typed, or to count him twice.

What is bad happens between the browser and the service, where a bad network has it.
"""

import pytest

from tests.browser.conftest import API
from tests.browser.engines.conftest import Desk
from tests.browser.engines.engines import NAMES
from tests.browser.engines.relay import Relay
from tests.browser.engines.signing import FORM, THANKS, fill_in, number, press, typed
from tests.browser.engines.tab import ENTER, Tab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.browsers,
    pytest.mark.parametrize("engine", NAMES, indirect=True),
]
POST = f"POST {API}/signatures"
ERRORS = "widget.shadowRoot.activeElement?.part.value == 'errors'"
STATUS = "$('[role=status]')?.textContent"


def ready(tab: Tab, desk: Desk, attributes: str = "") -> list[str]:
    """Open a page with the snippet and fill the form in; return what was typed."""
    tab.goto(desk.publish(desk.snippet(attributes)))
    return fill_in(tab)


def posts(relay: Relay) -> int:
    return relay.lines.count(POST)


def described(tab: Tab) -> dict[str, str]:
    """Return each marked field with what is said of it."""
    found: dict[str, str] = tab.run(
        "return Object.fromEntries($$('[aria-invalid=true]').map(field => [field.id,"
        " widget.shadowRoot.getElementById(field.getAttribute('aria-describedby')).textContent]))"
    )
    return found


# What Sam forgets or mistypes

MISSING = "Please fill this in."


def test_an_empty_form_is_explained_and_the_list_leads_to_the_fields(
    tab: Tab, desk: Desk, relay: Relay
) -> None:
    tab.goto(desk.publish(desk.snippet()))
    press(tab)
    tab.wait(ERRORS)
    assert described(tab) == dict.fromkeys(("given_name", "family_name", "email", "country"), MISSING)
    tab.click("[part=errors] li:nth-child(2) a")
    tab.wait("widget.shadowRoot.activeElement?.id == 'family_name'")
    assert posts(relay) == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("given_name", "", MISSING),
        ("family_name", "   ", MISSING),
        ("email", "sam@", "This is not an e-mail address."),
        ("country", "", MISSING),
    ],
)
def test_one_mistake_marks_one_field(
    tab: Tab, desk: Desk, relay: Relay, field: str, value: str, words: str
) -> None:
    ready(tab, desk)
    tab.run("$(arguments[0]).value = arguments[1]", f"#{field}", value)
    press(tab)
    tab.wait(ERRORS)
    assert described(tab) == {field: words}
    assert posts(relay) == 0


def test_what_the_service_refuses_takes_the_same_path(tab: Tab, desk: Desk, relay: Relay) -> None:
    tab.goto(desk.publish(desk.snippet()))
    answers = fill_in(tab, "sam@nowhere.invalid")
    press(tab)
    tab.wait(ERRORS)
    assert list(described(tab)) == ["email"]
    assert typed(tab) == answers
    assert relay.asked[-1].statuses == [422]


# What the service and the network do


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_struggles_is_asked_again(tab: Tab, desk: Desk, relay: Relay, status: int) -> None:
    relay.bend("signatures$", times=2, status=status, headers={"Retry-After": "1"})
    ready(tab, desk)
    press(tab)
    tab.wait(THANKS)
    statuses = [asked.statuses for asked in relay.asked if asked.line == POST]
    assert statuses == [[status], [status], [201]]
    bodies = {asked.body for asked in relay.asked if asked.line == POST}
    assert len(bodies) == 1


def test_a_service_that_struggles_on_keeps_the_answers(tab: Tab, desk: Desk, relay: Relay) -> None:
    relay.bend("signatures$", times=3, status=503)
    answers = ready(tab, desk)
    press(tab)
    tab.wait(ERRORS)
    assert "your answers are kept" in tab.text("[part=errors]")
    assert typed(tab) == answers
    press(tab)
    tab.wait(THANKS)


def test_dropped_connections_are_tried_again(tab: Tab, desk: Desk, relay: Relay) -> None:
    relay.bend("signatures$", times=2, drop=True)
    ready(tab, desk)
    press(tab)
    tab.wait(THANKS)


def test_a_signature_whose_answer_was_lost_counts_once(tab: Tab, desk: Desk, relay: Relay) -> None:
    relay.bend("signatures$", times=1, lose=True)
    ready(tab, desk)
    before = number(tab)
    press(tab)
    tab.wait(THANKS)
    assert f"You are one of {before + 1}." in tab.text("[part=thanks]")


def test_an_answer_that_never_comes_is_waited_for_ten_seconds(tab: Tab, desk: Desk, relay: Relay) -> None:
    held = relay.hold("signatures$", times=1)
    ready(tab, desk)
    press(tab)
    tab.wait(f"{STATUS} == 'Trying again…'", patience=20)
    assert not held.is_set()
    tab.wait(THANKS)
    assert posts(relay) == 2


def test_offline_sam_is_told_and_it_goes_out_when_he_is_back(tab: Tab, desk: Desk, relay: Relay) -> None:
    answers = ready(tab, desk)
    # Chromium's switch cuts this machine's own addresses off as well; for the others the relay does.
    gone = relay.bend("signatures$", drop=True) if tab.engine.name != "chromium" else None
    tab.engine.go_offline(True)
    try:
        press(tab)
        tab.wait(f"{STATUS}?.startsWith('You are offline.')")
        assert typed(tab) == answers
        if gone:
            gone.times = 0
    finally:
        tab.engine.go_offline(False)
    tab.wait(THANKS)
    assert [asked.statuses for asked in relay.asked if asked.line == POST][-1] == [201]


def test_a_double_click_signs_once(tab: Tab, desk: Desk, relay: Relay) -> None:
    held = relay.hold("signatures$")
    ready(tab, desk)
    press(tab)
    tab.wait(f"{STATUS} == 'Sending…'")
    assert tab.run("const {ariaDisabled, disabled} = $('form button'); return [ariaDisabled, disabled]") == [
        *("true", False)
    ]
    press(tab)
    tab.keys(ENTER)
    held.set()
    tab.wait(THANKS)
    assert posts(relay) == 1
    assert tab.run("return told.filter(event => event[0] == 'signed').length") == 1


def test_enter_signs_and_leaves_the_forms_of_the_page_alone(tab: Tab, desk: Desk, relay: Relay) -> None:
    address = desk.publish(f'<form action="/gone">{desk.snippet()}<input name=q></form>')
    tab.goto(address)
    fill_in(tab)
    tab.run("$('#email').focus()")
    tab.keys(ENTER)
    tab.wait(THANKS)
    assert tab.run("return location.href") == address


def test_a_petition_that_closed_meanwhile_says_so(tab: Tab, desk: Desk, relay: Relay) -> None:
    relay.bend("signatures$", status=410, problem={"code": "petition_closed"})
    ready(tab, desk)
    press(tab)
    tab.wait("$('[part=thanks]')?.textContent.startsWith('This petition is closed.')")
    assert not tab.run("return $('form')")


@pytest.mark.parametrize("status", ["closed", "delivered"])
def test_a_petition_that_is_over_shows_its_number_and_no_form(
    tab: Tab, desk: Desk, relay: Relay, status: str
) -> None:
    relay.bend("widget$", change=lambda answer: answer["petition"].update(status=status))  # type: ignore[attr-defined]
    tab.goto(desk.publish(desk.snippet()))
    tab.wait(THANKS)
    assert not tab.run("return $('form')")
    assert number(tab)


# The number


@pytest.mark.parametrize(
    ("count", "goal", "number", "aim"),
    [
        (0, 5, "0 supporters", "next goal 5"),
        (1, 5, "1 supporter", "next goal 5"),
        (2, 5, "2 supporters", "next goal 5"),
        (50, 50, "50 supporters", "next goal 50"),
        (1234567, 1000000, "1,234,567 supporters", "next goal 1,000,000"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    tab: Tab, desk: Desk, relay: Relay, count: int, goal: int, number: str, aim: str
) -> None:
    figures = {"count": count, "goal": goal}
    relay.bend("widget$", change=lambda answer: answer["progress"].update(figures))  # type: ignore[attr-defined]
    tab.goto(desk.publish(desk.snippet()))
    tab.wait(FORM)
    assert [tab.text("[part=count]"), tab.text("[part=goal]")] == [number, aim]
    assert tab.run("return $('progress').position") == min(count / goal, 1)


def test_reaching_the_goal_is_told_once(tab: Tab, desk: Desk, relay: Relay) -> None:
    def almost(answer: dict[str, dict[str, int]]) -> None:
        answer["progress"]["goal"] = answer["progress"]["count"] + 1

    relay.bend("widget$", change=almost)  # type: ignore[arg-type]
    ready(tab, desk)
    press(tab)
    tab.wait(THANKS)
    assert tab.run("return told.filter(event => event[0] == 'goal').length") == 1


# Nothing jumps


@pytest.mark.parametrize("late", [0, 0.6, 3])
def test_nothing_jumps_however_late_the_answers_are(tab: Tab, desk: Desk, relay: Relay, late: float) -> None:
    for what in ("embed.js$", "widget$", "signatures$"):
        relay.bend(what, late=late)
    tab.goto(desk.publish(desk.snippet()))
    fill_in(tab)
    press(tab)
    tab.wait(THANKS)
    assert len(tab.run("return tops")) == 1
    assert tab.run("return [shift, widget.getBoundingClientRect().height]") == [0, 446]
