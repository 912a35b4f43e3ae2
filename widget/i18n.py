"""Words, numbers and dates in the language of a page.

One catalogue a language, `locales/<tag>.json`, in sections: "page", "error", "embed". A key is the
section and the name in it, as in "page.sign". A message that depends on a number is an object of
plural forms (CLDR: zero, one, two, few, many, other). A key that is missing raises KeyError.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date as Date  # noqa: N812 - `date` is what this room offers
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from widget.domain.countries import COUNTRIES
from widget.domain.question import said
from widget.domain.refusals import FieldErrors, Problem

DEFAULT = "en"
CATALOGUES = Path(__file__).with_name("locales")
MAX_WANTED = 1_000  # characters of an Accept-Language header that are read
# Written from right to left, for tags of texts that the CLDR does not know.
_RTL = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})

Message = str | dict[str, str]

# What the embed says now and then, or in a form that depends on a number, comes with the petition under
# these names, in English too. All other English stands in the script, and its text is its name.
SENT_ALONG = {
    "supporters": "{count} supporters",
    "ladder": "next goal {count}",
    "organiser": "goal {count}",
    "threshold": "{count} needed",
    "ratio": "{count} of {goal}",
    "to": "To {names}",
    "started_by": "Started by {name}",
    "optional": "(optional)",
    "test": "Test: nothing is stored.",
    "sending": "Sending…",
    "retry": "Trying again…",
    "checking": "One moment: checking that you are no robot…",
    "elsewhere": (
        "This page cannot do a check that is needed now. Please sign on the page of the petition itself:"
    ),
    "offline": "You are offline. Your answers are kept and sent when you are back.",
    "again": "Please look at this again:",
    "missing": "Please fill this in.",
    "no_email": "This is not an e-mail address.",
    "kept": "Please try again: your answers are kept.",
    "one_of": "You are one of {count}.",
    "step": "One more step",
    "letter": "Open the letter we have sent you and confirm. Then your signature counts.",
    "share": "Pass it on",
    "copy": "Copy link",
    "copied": "Copied.",
    "closed": "This petition is closed.",
    "delivered": "This petition has been delivered.",
}


def text(lang: str, key: str, **params: object) -> str:
    """Return a message with its places filled. Raises KeyError for an unknown key or place."""
    return pattern(lang, key).format_map(params)


def plural(lang: str, key: str, count: int, **params: object) -> str:
    """Return the form of a message that fits `count`; {count} is the number as the language writes it."""
    return pattern(lang, key, count).format_map({"count": number(lang, count), **params})


def pattern(lang: str, key: str, count: int | None = None) -> str:
    """Return a message with its places open, in the plural form for `count` where it has several."""
    section, _, name = key.partition(".")
    message: Message = _catalogue(lang)[section][name]
    if isinstance(message, str):
        return message
    if count is None:
        raise KeyError(f"{key} has plural forms and needs a count")
    return message.get(str(_locale(lang).plural_form(count))) or message["other"]


def number(lang: str, n: int) -> str:
    """Write a whole number, grouped as the language does."""
    return str(format_decimal(n, locale=_locale(lang)))


def date(lang: str, d: Date) -> str:
    """Write a day in full: 4 October 2020."""
    return str(format_date(d, "long", locale=_locale(lang)))


def short_date(lang: str, d: Date) -> str:
    """Write a day for a table: 4 Oct 2020."""
    return str(format_date(d, "medium", locale=_locale(lang)))


def language(lang: str, tag: str) -> str:
    """Name a language: "Armenian" for hy; the tag itself where nobody knows it."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(lang.replace("-", "_")) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def has(lang: str, key: str) -> bool:
    """Tell whether there is such a message."""
    section, _, name = key.partition(".")
    return name in _catalogue(lang)[section]


def listing(lang: str, items: Sequence[str]) -> str:
    """Join names as the language does: A, B, and C."""
    return format_list(items, locale=_locale(lang))


@cache
def direction(lang: str) -> Literal["ltr", "rtl"]:
    """Say which way a language is written; any BCP 47 tag will do."""
    try:
        return "rtl" if Locale.parse(lang, sep="-").text_direction == "rtl" else "ltr"
    except (UnknownLocaleError, ValueError):
        return "rtl" if lang.lower().partition("-")[0] in _RTL else "ltr"


@cache
def languages() -> frozenset[str]:
    """Return the tags of the languages there is a catalogue for."""
    return frozenset(path.stem for path in CATALOGUES.glob("*.json"))


def choose(*wanted: str | None) -> str:
    """Return the first language wanted that there is, else English.

    Each is a tag ("hy-AM") or the value of an Accept-Language header; a tag without a catalogue of its
    own is shortened from the right ("zh-Hant-TW", "zh-Hant", "zh").
    """
    known = {tag.lower(): tag for tag in languages()}
    for header in wanted:
        for tag in _by_weight(header or ""):
            while tag:
                if tag in known:
                    return known[tag]
                tag = tag.rpartition("-")[0]  # noqa: PLW2901 - shortening is the point
    return DEFAULT


def embed_messages(lang: str) -> dict[str, Message]:
    """Return what the embed says in a language; of English only what does not stand in the script."""
    embed = _catalogue(lang)["embed"]
    along = {name: embed[text] for name, text in SENT_ALONG.items()}
    if lang == DEFAULT:
        return along
    return along | {text: message for text, message in embed.items() if text not in SENT_ALONG.values()}


@cache
def countries(lang: str) -> tuple[tuple[str, str], ...]:
    """Return the code and the name of every country, in the order of the names."""
    territories = _locale(lang).territories
    named = ((code, str(territories[code])) for code in COUNTRIES)
    return tuple(sorted(named, key=lambda pair: _in_order(pair[1])))


def words(lang: str, errors: FieldErrors) -> dict[str, list[str]]:
    """Say in words what is wrong with each field."""
    return {field: [_problem(lang, field, problem) for problem in found] for field, found in errors.items()}


def _problem(lang: str, field: str, problem: Problem) -> str:
    special = f"error.{problem.key}.{field}"
    key = special if has(lang, special) else f"error.{problem.key}"
    limit = problem.limit or 0
    places = {"limit": number(lang, limit)}
    if problem.asked:
        places["asked"] = said(problem.asked, lang)
    if problem.among:
        places["among"] = format_list(
            [said(option, lang) for option in problem.among], style="or", locale=_locale(lang)
        )
    return pattern(lang, key, limit).format_map(places)


@cache
def _catalogue(lang: str) -> dict[str, dict[str, Message]]:
    if lang not in languages():
        raise KeyError(lang)
    found: dict[str, dict[str, Message]] = json.loads(
        (CATALOGUES / f"{lang}.json").read_text(encoding="utf-8")
    )
    return found


@cache
def _locale(lang: str) -> Locale:
    return Locale.parse(lang, sep="-")


def _by_weight(header: str) -> Iterable[str]:
    """Return the tags of an Accept-Language value in lower case, the most wanted first."""
    weighed = []
    for item in header[:MAX_WANTED].split(","):
        tag, _, rest = item.partition(";")
        weight = _weight(rest.strip())
        if weight > 0:
            weighed.append((-weight, tag.strip().lower().replace("_", "-")))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


def _weight(quality: str) -> float:
    if not quality:
        return 1.0
    try:
        return min(float(quality.removeprefix("q=")), 1.0)
    except ValueError:
        return 0.0


def _in_order(name: str) -> str:
    # Without a collation of each language: accents fall off, so that Åland stands beside Albania.
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
