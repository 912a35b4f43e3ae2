"""Every page of the console, as a careful eye and a keyboard find it, in a campaign in full swing.

The pages are those of the URL map, so that a new one is looked at unasked; after them come the states that
no address alone shows: mistakes, clashes, refusals, empty lists.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response, expect

from config import Settings
from tests.browser import campaign
from tests.browser.campaign import DRAFT, LONG, SLUG
from tests.browser.looking import DESK, PHONE, look, tab_through
from tests.live_service import LiveService
from tests.organisers import PASSWORD
from tests.web.console.test_access import PARAMETERS, admits, rules
from widget import create_app, passwords, tokens
from widget.domain.admission import Admits
from widget.domain.organiser import Role
from widget.web.console.door import OPEN

pytestmark = pytest.mark.browser

PLACE = f"/manage/petitions/{SLUG}"
MEMBERS = "/manage/organisations/our-organisation/members"
# What stands in the place of a parameter here; what has another name stands in test_access.py.
NAMES = PARAMETERS | {"slug": SLUG, "batch": campaign.BATCH, "question": campaign.HELP.name}


def addresses(*, door: bool) -> list[str]:
    """Return every page of the console, or every page of its door, with tokens left open."""
    app = create_app(Settings.from_env({"SECRET_KEY": "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"}))
    found = []
    for rule in rules(app):
        if "GET" in (rule.methods or ()) and (admits(app, rule) == OPEN) is door:
            named = re.sub(
                r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda one: str(NAMES.get(one[1], one[0])), rule.rule
            )
            found.append(named)
    return sorted(found)


PAGES, DOOR = addresses(door=False), addresses(door=True)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    folder = tmp_path_factory.mktemp("campaign")
    service = LiveService(folder)
    service.flask("ledger", "migrate")
    with campaign.parts_of(folder, service.url) as parts:
        campaign.fill(parts, crowd=30)
        campaign.enrol(parts, passwords.hashed(PASSWORD))
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture(scope="module")
def desks(chromium: Browser, live: LiveService) -> Iterator[Callable[[str], Page]]:
    """Give a page at which one of the cast is signed in, or nobody; always the same one."""
    contexts: dict[str, BrowserContext] = {}

    def sit(name: str) -> Page:
        if name not in contexts:
            contexts[name] = chromium.new_context(base_url=live.url, viewport=PHONE, reduced_motion="reduce")
            page = contexts[name].new_page()
            if name:
                page.goto("/manage/sign-in")
                page.get_by_label("E-mail").fill(f"{name}@example.org")
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Sign in").click()
                page.wait_for_url("**/manage")
        return contexts[name].pages[0]

    yield sit
    for context in contexts.values():
        context.close()


@pytest.fixture
def anahit(desks: Callable[[str], Page]) -> Iterator[Page]:
    """Anahit's page; what her browser complains of fails the test."""
    page, complaints = desks("anahit"), []
    page.set_viewport_size(DESK)

    def note(said: Any) -> None:
        # Chromium calls a form that comes back, and a page that says no, a failure to load.
        if said.type == "error" and "the server responded with a status of" not in said.text:
            complaints.append(said.text)

    def note_error(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", note)
    page.on("pageerror", note_error)
    yield page
    page.remove_listener("console", note)
    page.remove_listener("pageerror", note_error)
    assert complaints == []


@pytest.fixture(scope="module")
def named(live: LiveService) -> Callable[[str], str]:
    """Put the names of the picture and of the file there are into an address."""
    with campaign.parts_of(Path(live._environ["DATA_DIR"]), live.url) as parts:
        petition = parts.ledger.petition(SLUG)
        key = parts.ledger.uploads(petition.id)[0].key
    assert petition.picture
    name = petition.picture.renditions[0].name
    return lambda address: address.replace(PARAMETERS["name"], name).replace(PARAMETERS["upload_key"], key)


def opened(page: Page, address: str) -> Response | None:
    """Open an address; None where it is a file to keep."""
    # The browser's own viewer has styles that our policy blocks; a letter is sandboxed and lets nothing look
    # into it, and is looked at in its page.
    if address.endswith((".webp", "/letter/html")):
        assert page.request.get(address).ok
        return None
    try:
        answer = page.goto(address)
    except Error as error:
        if "Download is starting" in str(error):
            return None
        raise
    return answer if answer and "text/html" in answer.headers["content-type"] else None


def test_every_address_can_be_named() -> None:
    assert [one for one in PAGES if "<" in one] == [], "name a value in PARAMETERS or NAMES"
    assert {"/manage", "/manage/account", MEMBERS, PLACE} <= set(PAGES)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_whole_and_every_key_works(anahit: Page, named: Callable[[str], str], address: str) -> None:
    answer = opened(anahit, named(address))
    if answer is None:
        return
    assert answer.status == 200
    assert look(anahit) == []
    assert tab_through(anahit) == []


def test_the_door_is_whole_and_every_key_works(desks: Callable[[str], Page], live: LiveService) -> None:
    folder = Path(live._environ["DATA_DIR"])
    with campaign.parts_of(folder, live.url) as parts:
        ours, now = parts.ledger.organisations()[0], parts.clock()
        links = {
            "invitation": parts.ledger.make_link(
                Admits.JOIN, "omar@example.org", now, organisation=ours, role=Role.EDITOR
            ),
            "password": parts.ledger.make_link(Admits.SET_PASSWORD, "petra@example.org", now),
            "link": parts.ledger.make_link(Admits.SIGN_IN, "petra@example.org", now),
        }
        token = {
            word: tokens.make_admission(parts.settings.secret_key, one.number) for word, one in links.items()
        }
    page = desks("")
    for address in DOOR:
        answer = opened(page, address.replace("<token>", token.get(address.split("/")[2], "")))
        assert answer
        assert (answer.status, look(page), tab_through(page)) == (200, [], []), address


def send(page: Page, **typed: str) -> None:
    """Type into fields and press the first button of their form."""
    for name, words in typed.items():
        page.locator(f"main [name={name}]").last.fill(words)
    page.locator(f"main form:has([name={next(iter(typed))}]) button:not([formaction])").last.click()


def clash(page: Page) -> None:
    """Save a text that began with another one."""
    page.evaluate("document.querySelector('[name=text_version]').value = 'f'.repeat(24)")
    page.get_by_label("Why it matters").fill("These are my words.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody saved another text while you wrote")
    expect(page.get_by_label("Why it matters")).to_have_value("These are my words.")


def clash_of_settings(page: Page) -> None:
    """Save settings that began with others."""
    page.evaluate("document.querySelector('[name=settings_version]').value = 'f'.repeat(24)")
    page.get_by_label("Started by").fill("Anahit alone")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody saved other settings while you wrote")
    expect(page.get_by_label("Started by")).to_have_value("Anahit alone")


def strike_many(page: Page) -> None:
    """Ask for a review, and stand before its number."""
    page.get_by_label("Strike them").check()
    send(page, because="one script", domain="*.org")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Strike")


STATES: dict[str, tuple[str, str, Callable[[Page], None]]] = {
    "no petition": ("mallory", "/manage", lambda page: None),
    "no signer": ("anahit", f"/manage/petitions/{DRAFT}/signers", lambda page: None),
    "none held": ("anahit", f"/manage/petitions/{DRAFT}/signers/held", lambda page: None),
    "no review": ("anahit", f"/manage/petitions/{DRAFT}/signers/reviews", lambda page: None),
    "no paper": ("anahit", f"/manage/petitions/{DRAFT}/signers/paper", lambda page: None),
    "a draft's snippet": ("anahit", f"/manage/petitions/{DRAFT}/snippet", lambda page: None),
    "another language": ("anahit", f"{PLACE}/editing/text/fr", lambda page: None),
    "long words": ("anahit", f"/manage/petitions/{LONG}", lambda page: None),
    "long words edited": ("anahit", f"/manage/petitions/{LONG}/editing", lambda page: None),
    "one who is held": ("anahit", f"{PLACE}/signers/31", lambda page: None),
    "one who waits": ("anahit", f"{PLACE}/signers/23", lambda page: None),
    "found": ("anahit", f"{PLACE}/signers", lambda page: send(page, words="Petra *")),
    "none found": ("anahit", f"{PLACE}/signers", lambda page: send(page, words="Nobody")),
    "mistakes": ("anahit", "/manage/petitions/new", lambda page: send(page, title="Mine", slug="Not one")),
    "mistakes on paper": ("anahit", f"{PLACE}/signers/paper", lambda page: send(page, place="Gyumri")),
    "a clash": ("anahit", f"{PLACE}/editing", clash),
    "a clash of settings": ("anahit", f"{PLACE}/editing/settings", clash_of_settings),
    "before a review": ("anahit", f"{PLACE}/signers/review", strike_many),
    "not found": ("anahit", "/manage/petitions/nothing", lambda page: None),
    "not allowed": ("sam", f"{PLACE}/signers", lambda page: None),
    "what a viewer sees": ("sam", PLACE, lambda page: None),
}


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_whole_and_every_key_works(anahit: Page, desks: Callable[[str], Page], state: str) -> None:
    who, address, act = STATES[state]
    page = desks(who)
    page.goto(address)
    act(page)
    assert look(page) == []
    assert tab_through(page) == []


def test_too_many_tries_get_a_whole_page(desks: Callable[[str], Page]) -> None:
    page = desks("")
    page.goto("/manage/sign-in")
    for _ in range(11):
        page.get_by_label("E-mail").fill("omar@example.org")
        page.get_by_label("Password").fill("not his at all")
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Too many tries")).to_be_visible()
    assert look(page) == []


# Forms that come back

# Types something of its own into every field of a form, more than there is room for into each line.
TYPE = """form => {
  const typed = {}, long = 'Ծառ & “<b>leaf</b>” '.repeat(30).trim()
  const other = {email: 'petra@', number: '-5', password: 'short', date: '2026-02-03', time: '11:30:00',
    'datetime-local': '2026-02-03T11:30', textarea: 'Words &amp; <i>words</i> '.repeat(25).trim()}
  for (const field of form.elements) {
    const {type, name} = field
    if (!name || field.disabled || field.readOnly || /hidden|file|submit|button/.test(type)) continue
    if (type === 'checkbox') typed[name + '=' + field.value] = field.checked = !field.checked
    else {
      if (type === 'radio') field.checked = true
      else if (type === 'select-one') field.selectedIndex = field.options.length - 1
      else field.value = other[type] ?? long
      if (type !== 'password') typed[name] = field.value
    }
  }
  return typed
}"""
READ = """form => {
  const found = {}
  for (const field of form.elements) {
    if (field.type === 'checkbox') found[field.name + '=' + field.value] = field.checked
    else if (field.type !== 'radio' || field.checked) found[field.name] = field.value
  }
  return found
}"""
# Forms in which something is typed, by where they go.
FORMS = """() => [...document.querySelectorAll('main form[method=post]')].filter(form => form.querySelector(
  'input:is([type=text], [type=email], [type=password], [type=number]), textarea:not([readonly])'))
  .map(form => new URL(form.action).pathname)"""


def test_forms_keep_what_was_typed_after_a_mistake(anahit: Page, named: Callable[[str], str]) -> None:
    tried: set[str] = set()
    for address in PAGES:
        if opened(anahit, named(address)) is None:
            continue
        for action in anahit.evaluate(FORMS):
            if action in tried:
                continue
            tried.add(action)
            opened(anahit, address)
            form = f'main form[method=post][action="{action}"], main form[method=post]:not([action])'
            typed = anahit.locator(form).first.evaluate(TYPE)
            with anahit.expect_navigation() as sent:
                anahit.locator(form).first.evaluate(
                    "form => form.requestSubmit(form.querySelector('button:not([formaction])'))"
                )
            assert sent.value.status == 422, action
            kept = anahit.locator(form).first.evaluate(READ)
            assert {name: kept.get(name) for name in typed} == typed, action
            assert anahit.locator("main [aria-invalid=true], main .fault").count() > 0, action
    assert len(tried) > 10


# The snippet maker and the live preview


def test_one_press_copies_the_snippet(anahit: Page) -> None:
    anahit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    anahit.goto(f"{PLACE}/snippet")
    expect(anahit.locator("#height")).to_have_attribute("placeholder", re.compile("measured"))
    anahit.get_by_role("button", name="Copy").press("Enter")
    expect(anahit.get_by_text("Copied.", exact=True)).to_be_visible()
    copied = anahit.evaluate("navigator.clipboard.readText()")
    assert copied == anahit.get_by_label("Snippet", exact=True).input_value()
    assert copied.startswith(f'<support-now petition="{SLUG}"')


NOT_CUT = "frame => frame.contentDocument.documentElement.scrollHeight <= frame.clientHeight"


def test_the_previews_of_a_snippet_are_whole_and_grow_with_what_they_show(anahit: Page) -> None:
    anahit.goto(f"{PLACE}/snippet?form=a&layout=bar")
    frames = anahit.locator("iframe[data-measures]")
    expect(frames).to_have_count(3)
    narrow = anahit.frame_locator("iframe[data-measures]").first
    narrow.get_by_role("button", name="Support now").click()
    expect(narrow.get_by_label("E-mail")).to_be_visible()
    for one in frames.all():
        anahit.wait_for_function(NOT_CUT, arg=one.element_handle())


def test_the_preview_follows_the_hand_and_stores_nothing(anahit: Page) -> None:
    anahit.goto("/manage")
    anahit.goto(f"/manage/petitions/{DRAFT}/editing")
    shown = anahit.frame_locator("iframe[name=preview]")
    expect(shown.get_by_role("heading", name="Save the mill")).to_be_visible()
    title = anahit.get_by_label("Title")
    title.fill("")
    title.press_sequentially("Save the old mill")
    expect(shown.get_by_role("heading", name="Save the old mill")).to_be_visible()
    expect(title).to_be_focused()
    title.press_sequentially(" for good")
    expect(shown.get_by_role("heading", name="Save the old mill for good")).to_be_visible()
    expect(anahit.locator(".preview-beside iframe")).to_have_count(1)
    anahit.reload()
    expect(anahit.get_by_label("Title")).to_have_value("Save the mill")


def test_the_way_back_does_not_lead_through_every_preview(anahit: Page) -> None:
    anahit.goto("/manage")
    anahit.goto("/manage/petitions/new")
    shown = anahit.frame_locator("iframe[name=preview]")
    for words in ("Save", "Save the bridge"):
        anahit.get_by_label("Title").fill(words)
        expect(shown.get_by_role("heading", name=words, exact=True)).to_be_visible()
    anahit.get_by_role("button", name="Preview").click()
    expect(anahit.locator(".preview-beside iframe")).to_have_count(1)
    anahit.go_back()
    expect(anahit).to_have_url(re.compile("/manage$"))
