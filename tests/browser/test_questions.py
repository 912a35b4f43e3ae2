"""Anahit asks something of her own of every type; Sam answers by keyboard, in old scripts and in none."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SLUG, Partner, PartnerSite
from tests.browser.signing import fill_in, press, thanks, widget
from tests.live_service import LiveService

pytestmark = pytest.mark.browser

BRANCH = "Which <b>branch</b> of the movement are you a member of, if of any at all?"
AR = "# أوقفوا سفك الدماء\nTo: رئيس روسيا\n\nكل يوم من الحرب يضيف أسماء جديدة.\n"
QUESTIONS = (
    ("text", BRANCH, "ما فرعك، إن كان لك فرع؟", ("--name", "own_branch")),
    ("textarea", "Your story", "قصتك", ("--name", "own_story")),
    ("checkbox", "I am over 16", "عمري فوق 16", ("--name", "own_age", "--required")),
    ("choice", "How did you hear of us?", "كيف سمعت عنا؟", ("--name", "own_how", "--required")),
)
OPTIONS = (("From a friend", "من صديق"), ("In the news", "في الأخبار"))


def ask(service: LiveService) -> None:
    """Ask one question of every type, in two languages."""
    for kind, words, arabic, more in QUESTIONS:
        options = [
            word
            for one, other in (OPTIONS if kind == "choice" else ())
            for word in ("--option", one, "--option-in", "ar", other)
        ]
        service.flask(
            *("petition", "add-question", SLUG, "--type", kind, "--label", words, "--label-in", "ar", arabic),
            *(*options, *more),
        )


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    folder = tmp_path_factory.mktemp("asking")
    service = LiveService(folder, RATE_LIMITS="off")
    service.flask("ledger", "migrate")
    service.flask("petition", "load-sample")
    text = folder / "ar.md"
    text.write_text(AR, encoding="utf-8")
    service.flask("petition", "set-wording", SLUG, str(text), "--lang", "ar")
    ask(service)
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture
def petra(chromium: Browser, petras_site: PartnerSite, asking: LiveService) -> Iterator[Partner]:
    partner = Partner(chromium, petras_site, asking)
    yield partner
    partner.close()


def stored(service: LiveService, email: str) -> dict[str, str]:
    """Return what an export says that somebody answered."""
    table = service.flask("signatures", "export", SLUG)
    lines = csv.DictReader(io.StringIO(table, newline=""))
    (line,) = (line for line in lines if line["email"] == email)
    return {name: said for name, said in line.items() if name.startswith("own_")}


def violations(page: Page) -> list[Any]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]


def test_sam_answers_every_type_by_keyboard(petra: Partner, asking: LiveService) -> None:
    page = petra.embed()
    email = fill_in(page)
    widget(page).get_by_label("Postcode").focus()
    for keys in ("North", "Long ago, there was a mill."):
        page.keyboard.press("Tab")
        page.keyboard.type(keys)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("In")
    for _ in range(3):  # past the two consents
        page.keyboard.press("Tab")
    expect(widget(page).locator("form button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(thanks(page)).to_be_visible()
    assert stored(asking, email) == {
        "own_branch": "North",
        "own_story": "Long ago, there was a mill.",
        "own_age": "yes",
        "own_how": "In the news",
    }


def test_the_words_of_a_question_are_words_and_all_of_them_can_be_read(petra: Partner) -> None:
    page = petra.embed(viewport={"width": 320, "height": 900})
    label = widget(page).get_by_text(BRANCH)
    expect(label).to_be_visible()
    assert widget(page).locator("form b").count() == 0
    cut = "node => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1"
    assert (
        widget(page).locator("label:has(+ [name^=own])").evaluate_all(f"all => all.filter({cut}).length") == 0
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "ar", "de"])
def test_axe_finds_nothing_empty_or_with_errors(petra: Partner, lang: str, scheme: str) -> None:
    page = petra.embed('theme="auto"', lang=lang, color_scheme=scheme)
    expect(widget(page).locator("form")).to_be_visible()
    assert violations(page) == []
    press(page)
    expect(widget(page).locator("[part=errors] li")).to_have_count(6)
    assert violations(page) == []


def test_what_is_missing_is_named_and_found_from_the_list(petra: Partner) -> None:
    page = petra.embed()
    fill_in(page)
    press(page)
    faults = widget(page).locator("[part=errors]")
    expect(faults.locator("a")).to_have_text(["I am over 16", "How did you hear of us?"])
    faults.get_by_text("How did you hear of us?").click()
    expect(widget(page).locator("[name=own_how]")).to_be_focused()
    box = widget(page).locator("[name=own_age]")
    above, below = box.bounding_box(), box.locator("xpath=following-sibling::p").bounding_box()
    assert above
    assert below
    assert below["y"] >= above["y"] + above["height"]


def test_questions_are_in_the_language_of_the_text_and_marked_where_ours_is_another(petra: Partner) -> None:
    page = petra.embed(lang="ar")
    choice = widget(page).locator("[name=own_how]")
    expect(choice.locator("option")).to_have_text(["", "من صديق", "في الأخبار"])
    page = petra.embed(lang="de")
    expect(widget(page).locator("label[for=own_story] bdi")).to_have_attribute("lang", "en")
    expect(widget(page).locator("label[for=email] bdi")).to_have_attribute("lang", "de")


def test_an_answer_in_arabic_is_stored_in_the_words_of_the_petition(
    petra: Partner, asking: LiveService
) -> None:
    page = petra.embed(lang="ar")
    form = widget(page)
    for name, typed in (("given_name", "Sam"), ("family_name", "Cast"), ("email", "sam.ar@example.org")):
        form.locator(f"[name={name}]").fill(typed)
    form.locator("[name=country]").select_option("AM")
    form.locator("[name=own_age]").check()
    form.locator("[name=own_how]").select_option("من صديق")
    press(page)
    expect(thanks(page)).to_be_visible()
    assert stored(asking, "sam.ar@example.org")["own_how"] == "From a friend"


def test_a_script_that_was_pinned_before_there_were_choices_shows_a_line(
    petra: Partner, asking: LiveService
) -> None:
    page = petra.visitor()
    script = f'<script async src="{asking.url}/embed-1.0.1.js"></script>'
    link = f'<a href="{asking.url}/p/{SLUG}">The petition</a>'
    page.goto(petra.publish(f'<support-now petition="{SLUG}">{link}</support-now>{script}'))
    email = fill_in(page)
    line = widget(page).locator("[name=own_how]")
    expect(line).to_have_js_property("localName", "input")
    line.fill("on the moon")
    widget(page).locator("[name=own_age]").check()
    press(page)
    told = widget(page).locator("[part=errors]")
    expect(told).to_contain_text("Please choose one of these: From a friend or In the news.")
    line.fill("in the NEWS")
    press(page)
    expect(thanks(page)).to_be_visible()
    assert stored(asking, email)["own_how"] == "In the news"


def test_a_page_that_was_opened_before_a_question_came_is_told_which(
    petra: Partner, asking: LiveService
) -> None:
    page = petra.embed()
    fill_in(page)
    widget(page).locator("[name=own_how]").select_option("From a friend")
    widget(page).locator("[name=own_age]").evaluate("box => box.parentNode.remove()")
    press(page)
    expect(widget(page).locator("[part=errors]")).to_contain_text("Please tick this box: I am over 16")


def test_what_was_answered_survives_a_change_of_the_widget(petra: Partner) -> None:
    page = petra.embed()
    expect(widget(page).locator("form")).to_be_visible()
    widget(page).locator("[name=own_how]").select_option("In the news")
    widget(page).locator("[name=own_story]").fill("Kept")
    widget(page).locator("[name=own_age]").check()
    page.evaluate("document.querySelector('support-now').setAttribute('theme', 'dark')")
    expect(widget(page).locator("[name=own_how]")).to_have_value("In the news")
    expect(widget(page).locator("[name=own_story]")).to_have_value("Kept")
    expect(widget(page).locator("[name=own_age]")).to_be_checked()


@pytest.mark.parametrize("place", ["/p/", "/embed/"])
def test_without_a_script_the_form_asks_as_well(chromium: Browser, asking: LiveService, place: str) -> None:
    context = chromium.new_context(base_url=asking.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{place}{SLUG}")
    email = f"sam{place.replace('/', '.')}plain@example.org"
    for label, typed in (("First name", "Sam"), ("Last name", "Cast"), ("E-mail", email)):
        page.get_by_label(label).fill(typed)
    page.get_by_label("Country").select_option("AM")
    page.get_by_label(BRANCH).fill("North")
    page.get_by_label("I am over 16").check()
    page.get_by_label("How did you hear of us?").select_option("From a friend")
    with context.expect_page() if place == "/embed/" else page.expect_navigation() as opened:
        page.get_by_role("button", name="Support now").click()
    shown = opened.value if place == "/embed/" else page
    expect(shown.get_by_text("You are one of")).to_be_visible()
    assert stored(asking, email)["own_branch"] == "North"
    context.close()


# At Anahit's desk


@pytest.fixture
def desk(chromium: Browser, asking: LiveService, tmp_path: Path) -> Iterator[Any]:
    """Give a page at which Anahit is signed in, with scripts or without."""
    link = asking.flask("organiser", "invite", "anahit@example.org", "--role", "owner").strip()
    contexts = []

    def sit(**options: Any) -> Page:
        context = chromium.new_context(base_url=asking.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(link)
        page.get_by_label("Password").fill("three quiet mills turning")
        page.get_by_label("Password").press("Enter")
        expect(page.get_by_role("status")).to_be_visible()
        return page

    yield sit
    for context in contexts:
        context.close()


def test_anahit_asks_by_keyboard_and_the_snippet_holds_the_longer_form(
    desk: Any, asking: LiveService
) -> None:
    page = desk(viewport={"width": 1280, "height": 900})
    page.goto(f"/manage/petitions/{SLUG}/editing/questions")
    page.get_by_role("link", name="A list to choose from").press("Enter")
    page.get_by_label("The question in English").focus()
    page.keyboard.type("Your shirt")
    page.keyboard.press("Tab")
    page.keyboard.type("Small\nLarge")
    shown = page.frame_locator("iframe[name=preview]").locator("support-now")
    expect(shown.get_by_label("Your shirt")).to_contain_text("SmallLarge")
    page.get_by_role("button", name="Ask it").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("own_your_shirt")
    row = page.get_by_role("row", name="Your shirt")
    row.get_by_role("button", name="Up").press("Enter")
    expect(page.get_by_role("row").nth(4)).to_contain_text("Your shirt")
    page.goto(f"/manage/petitions/{SLUG}/snippet")
    page.wait_for_function(
        "/height=\"([6-9]\\d\\d|1\\d{3})\"/.test(document.getElementById('snippet').value)"
    )
    page.goto(f"/manage/petitions/{SLUG}/editing/questions")
    page.get_by_role("row", name="Your shirt").get_by_role("button", name="Remove").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It is asked no more")
