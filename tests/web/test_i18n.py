"""Words, numbers and dates: complete in every language, and never silently empty."""

import json
import re
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from widget import i18n
from widget.domain import refusals
from widget.domain.countries import COUNTRIES
from widget.domain.form import BUILT_IN
from widget.domain.refusals import Problem, Refusal
from widget.web.console.refusing import WORDS
from widget.web.edge import HTTP_CODES

ROOT = Path(i18n.__file__).parent
PLURALS = {"zero", "one", "two", "few", "many", "other"}


def sections(lang: str) -> dict[str, dict[str, i18n.Message]]:
    found: dict[str, dict[str, i18n.Message]] = json.loads(
        (i18n.CATALOGUES / f"{lang}.json").read_text(encoding="utf-8")
    )
    return found


def sayings(lang: str) -> Iterator[tuple[str, str]]:
    """Every string of a catalogue with its key."""
    for section, messages in sections(lang).items():
        for name, message in messages.items():
            for form in [message] if isinstance(message, str) else message.values():
                yield f"{section}.{name}", form


def places(saying: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(saying) if name}


# The catalogues


@pytest.mark.parametrize("lang", sorted(i18n.languages()))
def test_a_catalogue_says_everything_that_english_says(lang: str) -> None:
    english, other = sections("en"), sections(lang)
    assert {s: set(m) for s, m in other.items()} == {s: set(m) for s, m in english.items()}
    for key, saying in sayings(lang):
        section, _, name = key.partition(".")
        original = english[section][name]
        assert saying.strip(), key
        assert isinstance(other[section][name], str) == isinstance(original, str), key
        spoken = original if isinstance(original, str) else original["other"]
        assert places(saying) <= places(spoken), key


@pytest.mark.parametrize("lang", sorted(i18n.languages()))
def test_plural_messages_have_the_forms_their_language_needs(lang: str) -> None:
    for section, messages in sections(lang).items():
        for name, message in messages.items():
            if not isinstance(message, str):
                assert set(message) <= PLURALS, f"{section}.{name}"
                assert "other" in message, f"{section}.{name}"


def test_every_word_a_template_asks_for_is_there() -> None:
    asked = set()
    for template in (ROOT / "web" / "templates").glob("*.html"):
        found = re.findall(r"\btn?\('((?:page|embed)\.\w+)'[,)]", template.read_text(encoding="utf-8"))
        asked.update(found)
    assert len(asked) > 30
    assert {key for key in asked if not i18n.has("en", key)} == set()


def test_every_word_on_pages_is_used() -> None:
    places = [*(ROOT / "web" / "templates").glob("*.html"), *(ROOT / "web").glob("*.py")]
    written = "".join(p.read_text(encoding="utf-8") for p in places).replace('"', "'")
    # These are put together from a part and a value.
    own, news = "own_(state|done|event|letter)", "(update|answer)_see"
    composed = re.compile(rf"(goal|refused|next|closed|delivered|{own}|{news})(_\w+)?")
    unused = {
        name
        for name in sections("en")["page"]
        if f"'page.{name}'" not in written and not composed.fullmatch(name)
    }
    assert unused == set()


def test_every_field_has_a_label() -> None:
    assert {name for name in BUILT_IN if not i18n.has("en", f"embed.{name}")} == set()


def test_every_refusal_has_a_sentence() -> None:
    own = {r for r in vars(refusals).values() if isinstance(r, type) and issubclass(r, Refusal)}
    codes = {r.code for r in own if r.told_to_visitors} | set(HTTP_CODES.values())
    assert {code for code in codes if not i18n.has("en", f"error.{code}")} == set()
    # What a form says beside its field, and the terminal in a line, needs no page of its own.
    in_place = {"organiser_known", "owner_needed", "password_unfit"}
    to_organisers = {r.code for r in own if not r.told_to_visitors} - in_place
    assert to_organisers
    assert to_organisers <= WORDS.keys()


def test_every_problem_of_a_field_has_words() -> None:
    written = (ROOT / "web" / "fields.py").read_text(encoding="utf-8")
    keys = set(re.findall(r'_refuse\("(\w+)"|Problem\("(\w+)"', written))
    named = {a or b for a, b in keys} | {"unknown_wording"}
    assert named >= {"required", "too_long", "invalid", "unreadable"}
    assert {key for key in named if not i18n.has("en", f"error.{key}")} == set()


# Speaking


def test_a_missing_word_is_an_error_and_never_empty() -> None:
    with pytest.raises(KeyError):
        i18n.text("en", "page.no_such_word")
    with pytest.raises(KeyError):
        i18n.text("en", "nowhere.sign")
    with pytest.raises(KeyError):
        i18n.text("xx", "page.sign")
    with pytest.raises(KeyError):
        i18n.text("en", "page.to")  # its place is not filled
    with pytest.raises(KeyError):
        i18n.text("en", "page.supporters")  # it needs a count


def test_a_value_is_not_read_as_a_pattern() -> None:
    assert i18n.text("en", "page.to", names="{names.__class__} {0}") == "To {names.__class__} {0}"


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 supporters"), (1, "1 supporter"), (2, "2 supporters"), (1_234_567, "1,234,567 supporters")],
)
def test_the_number_agrees_with_its_word(count: int, said: str) -> None:
    assert i18n.plural("en", "page.supporters", count) == said


def test_a_language_with_more_forms_gets_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forms = {"one": "{count} osoba", "few": "{count} osoby", "many": "{count} osób", "other": "{count} osoby"}
    (tmp_path / "pl.json").write_text(json.dumps({"page": {"people": forms}}), encoding="utf-8")
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    kept = (i18n.languages, i18n._catalogue)
    for each in kept:
        each.cache_clear()
    try:
        assert [i18n.plural("pl", "page.people", n) for n in (1, 3, 5, 22)] == [
            "1 osoba",
            "3 osoby",
            "5 osób",
            "22 osoby",
        ]
    finally:
        for each in kept:
            each.cache_clear()


def test_numbers_days_and_lists_follow_the_language() -> None:
    assert i18n.number("en", 24_845) == "24,845"
    assert i18n.number("de", 24_845) == "24.845"
    assert i18n.date("de", date(2020, 10, 4)) == "4. Oktober 2020"
    assert i18n.listing("en", ["A"]) == "A"
    assert i18n.listing("en", ["A", "B", "C"]) == "A, B, and C"
    assert i18n.listing("de", ["{0}", "B"]) == "{0} und B"


@pytest.mark.parametrize(
    ("lang", "way"),
    [
        *(
            ("en", "ltr"),
            ("hy", "ltr"),
            ("zh-Hant-TW", "ltr"),
            ("ar", "rtl"),
            ("fa-IR", "rtl"),
            ("he", "rtl"),
        ),
        *(("arc", "rtl"), ("tlh", "ltr"), ("not a tag", "ltr")),  # unknown to the CLDR
    ],
)
def test_the_direction_of_any_language_is_known(lang: str, way: str) -> None:
    assert i18n.direction(lang) == way


def test_the_embed_is_told_of_english_only_what_it_does_not_know() -> None:
    assert set(i18n.embed_messages("en")) == set(i18n.SENT_ALONG)


def test_the_embed_is_told_everything_of_other_languages_and_each_text_once() -> None:
    told = i18n.embed_messages("hy")
    assert told["closed"] == i18n.text("hy", "embed.This petition is closed.")
    assert told["Thank you"] == i18n.text("hy", "embed.Thank you")
    assert not set(told).intersection(i18n.SENT_ALONG.values())


# Choosing


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ((), "en"),
        ((None, ""), "en"),
        (("hy",), "hy"),
        (("HY-am",), "hy"),
        (("hy_AM",), "hy"),
        (("tlh", "hy"), "hy"),
        (("tlh",), "en"),
        (("fr-CH, hy;q=0.9, *;q=0.5",), "hy"),
        (("en;q=0.2, hy;q=0.8",), "hy"),
        (("hy;q=0, en",), "en"),
        (("hy;q=0",), "en"),
        (("hy;q=nan", "en"), "en"),
        (("hy;q=x",), "en"),
        (("zh-Hant-TW",), "zh-Hant"),
        (("zh-Hans",), "en"),
        ((",;=," * 1000,), "en"),
        (("../../hy",), "en"),
    ],
)
def test_the_first_language_that_there_is_gets_chosen(
    wanted: tuple[str | None, ...], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "languages", lambda: frozenset({"en", "hy", "zh-Hant"}))
    assert i18n.choose(*wanted) == chosen


# Countries and problems


def test_every_country_has_a_name_and_its_place() -> None:
    listed = i18n.countries("en")
    assert {code for code, _ in listed} == COUNTRIES
    assert len(COUNTRIES) == 249
    assert ("AM", "Armenia") in listed
    names = [name for _, name in listed]
    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]


def test_problems_are_said_for_the_field_where_that_helps() -> None:
    errors = {
        "email": [Problem("invalid")],
        "country": [Problem("required")],
        "comment": [Problem("required"), Problem("unreadable")],
        "given_name": [Problem("too_long", 100)],
        "source": [Problem("too_long", 1)],
    }
    assert i18n.words("en", errors) == {
        "email": ["Please write the e-mail address in full, as in sam@example.org."],
        "country": ["Please choose a country."],
        "comment": ["Please fill this in.", "Some characters in this cannot be shown. Please type it anew."],
        "given_name": ["Please use at most 100 characters."],
        "source": ["Please use at most 1 character."],
    }
