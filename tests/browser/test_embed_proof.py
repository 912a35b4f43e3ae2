"""A petition under attack asks for work; try to freeze the page with it, or to lose what was typed."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import API, QUIET, Partner, PartnerSite, asked_of
from tests.browser.signing import events, expect_typed, fill_in, press, thanks, widget
from tests.live_service import LiveService

pytestmark = pytest.mark.browser

POST = f"POST {API}/signatures"
STRICT = (
    "default-src 'none'; script-src {0}; connect-src {0}; style-src 'none'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
# How many keys are derived, and how many at most before anything else on the page gets its turn.
TURNS = """
window.derived = 0; window.most = 0; let row = 0;
const own = SubtleCrypto.prototype.deriveBits, channel = new MessageChannel();
channel.port1.onmessage = () => { row = 0 };
SubtleCrypto.prototype.deriveBits = function (...all) {
  derived++; most = Math.max(most, ++row); channel.port2.postMessage(0); return own.apply(this, all) }; 0
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """The service, where this network has signed as often as a family does: more costs work."""
    service = LiveService(
        tmp_path_factory.mktemp("proof"),
        LIMIT_FAMILY="1 per hour",
        LIMIT_CROWD="1000 per hour",
        LIMIT_NETWORK="1000 per hour",
        LIMIT_DOMAIN="1000 per hour",
        MIN_FILL_SECONDS="0",
        WEB_CONCURRENCY="1",  # without Redis each process counts for itself
    )
    service.flask("ledger", "migrate")
    service.flask("petition", "load-sample")
    first = {"given_name": "Sam", "family_name": "First", "email": "first@example.org", "country": "AM"}
    try:
        service.start()
        with urlopen(f"{service.url}{API}/signatures", urlencode(first).encode()) as answer:
            assert answer.status == 201
        yield service
    finally:
        service.stop()


def count(page: Page) -> int:
    return int(widget(page).locator("[part=count] b").text_content() or "0")


def statuses(page: Page) -> None:
    """Keep every text that the status line gets to say."""
    widget(page).locator("[role=status]").evaluate(
        "line => { window.said = [];"
        " new MutationObserver(() => line.textContent && said.push(line.textContent))"
        ".observe(line, {childList: true}) }"
    )


def test_sam_is_told_that_it_takes_a_moment_and_then_it_counts(petra: Partner) -> None:
    page = petra.embed()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    fill_in(page)
    before = count(page)
    statuses(page)
    asked = asked_of(page, petra.service)
    press(page)
    expect(thanks(page)).to_contain_text(f"You are one of {before + 1}.")
    assert page.evaluate("said") == ["Sending…", "One moment: checking that you are no robot…"]
    assert asked == [POST, POST]
    first, second = (parse_qs(request.post_data or "") for request in sent)
    assert second.pop("proof")
    assert first == second
    assert events(page) == ["ready", "submit", "signed"]


def test_the_page_stays_awake_meanwhile(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page)
    page.evaluate(TURNS)
    press(page)
    expect(thanks(page)).to_be_visible()
    assert page.evaluate("derived") >= 1
    assert page.evaluate("most") <= 2


def test_it_works_where_the_page_forbids_everything_else(petra: Partner) -> None:
    page = petra.visitor()
    policy = STRICT.format(petra.service.url)
    page.goto(petra.publish(petra.snippet(), Content_Security_Policy=policy))
    fill_in(page)
    press(page)
    expect(thanks(page)).to_contain_text("You are one of")


def test_a_proof_that_is_not_believed_is_not_sent_for_ever(petra: Partner) -> None:
    page = petra.embed()
    page.route(
        "**/signatures",
        lambda route: route.continue_(post_data=(route.request.post_data or "").replace("proof=", "proof=x")),
    )
    address = fill_in(page)
    asked = asked_of(page, petra.service)
    press(page)
    errors = widget(page).locator("[part=errors]")
    expect(errors).to_be_focused()
    expect(errors).to_contain_text("Please sign on the page of the petition itself:")
    expect_typed(page, address)
    assert asked == [POST, POST]


def test_a_widget_that_leaves_stops_working(petra: Partner) -> None:
    page = petra.embed()
    page.evaluate(
        "window.derived = 0; window.ended = false; const own = SubtleCrypto.prototype.deriveBits;"
        "const turn = () => crypto.subtle.digest('SHA-256', new Uint8Array(1));"
        "SubtleCrypto.prototype.deriveBits = function (...all) { derived++;"
        " if (derived == 1) document.querySelector('support-now').remove();"
        " const made = own.apply(this, all);"
        " made.then(turn).then(turn).then(turn).then(() => { ended = true }); return made }; 0"
    )
    fill_in(page)
    asked = asked_of(page, petra.service)
    with page.expect_console_message(lambda message: "428" in message.text):
        press(page)
    page.wait_for_function("ended")  # the first step is over, and whoever went on would have begun the second
    assert page.evaluate("derived") == 1
    assert asked == [POST]


@pytest.fixture
def insecure(chromium: Browser, petras_site: PartnerSite, live: LiveService) -> Iterator[Partner]:
    """Petra's site under a name for which the browser trusts no plain http."""
    browser = chromium.browser_type.launch(
        executable_path="/usr/bin/chromium",
        args=[*QUIET, "--host-resolver-rules=MAP petra.example 127.0.0.1"],
    )
    partner = Partner(browser, petras_site, live)
    yield partner
    partner.close()
    browser.close()


def test_a_page_that_cannot_do_it_says_so_and_leads_to_one_that_can(insecure: Partner) -> None:
    page = insecure.visitor()
    page.goto(insecure.publish(insecure.snippet()).replace("127.0.0.1", "petra.example"))
    address = fill_in(page)
    asked = asked_of(page, insecure.service)
    assert page.evaluate("[isSecureContext, crypto.subtle]") == [False, None]
    press(page)
    errors = widget(page).locator("[part=errors]")
    expect(errors).to_be_focused()
    expect(errors).to_contain_text("Please sign on the page of the petition itself:")
    link = errors.get_by_role("link", name="Stop bloodshed in Artsakh")
    expect(link).to_have_attribute("href", f"{insecure.service.url}/p/stop-bloodshed-in-artsakh")
    expect_typed(page, address)
    assert asked == [POST]
