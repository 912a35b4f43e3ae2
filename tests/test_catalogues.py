"""Every language says everything: one set of keys and places, and the plural forms each language needs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

CATALOGUES = Path(__file__).parents[1] / "widget" / "locales"
ENGLISH = json.loads((CATALOGUES / "en.json").read_text(encoding="utf-8"))
LANGUAGES = sorted(path.stem for path in CATALOGUES.glob("*.json"))


def problems(lang: str, catalogue: dict[str, Any]) -> list[str]:
    """Say what is wrong with a catalogue, one line each."""
    found = []
    for section in sorted(ENGLISH.keys() | catalogue.keys()):
        ours, theirs = ENGLISH.get(section, {}), catalogue.get(section, {})
        found += [f"{section}.{key}: missing" for key in ours.keys() - theirs.keys()]
        found += [f"{section}.{key}: nobody asks for it" for key in theirs.keys() - ours.keys()]
        for key in ours.keys() & theirs.keys():
            found += [f"{section}.{key}: {why}" for why in message_problems(lang, ours[key], theirs[key])]
    return sorted(found)


def message_problems(lang: str, ours: Any, theirs: Any) -> list[str]:
    """Compare one message with the English one."""
    if isinstance(ours, str) != isinstance(theirs, str):
        return ["plural forms in one and not in the other"]
    forms = {"": theirs} if isinstance(theirs, str) else theirs
    found = []
    if isinstance(theirs, dict) and set(forms) != categories(lang):
        found.append(f"has the forms {sorted(forms)}, {lang} needs {sorted(categories(lang))}")
    wanted = places(ours)
    for name, form in forms.items():
        if not form.strip():
            found.append("is empty")
        # "one" and "two" may say the number in words.
        if not (
            places({"": form}) == wanted or (name in {"one", "two", "zero"} and places({"": form}) <= wanted)
        ):
            found.append(f"has the places {sorted(places({'': form}))}, not {sorted(wanted)}")
    return found


def places(message: Any) -> set[str]:
    """Return the places of a message, of all its forms together."""
    forms = [message] if isinstance(message, str) else message.values()
    return {place for form in forms for place in re.findall(r"\{(\w*)\}", form)}


def categories(lang: str) -> set[str]:
    """Return the plural categories of a language (CLDR)."""
    return set(Locale.parse(lang, sep="-").plural_form.tags) | {"other"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_says_everything(lang: str) -> None:
    catalogue = json.loads((CATALOGUES / f"{lang}.json").read_text(encoding="utf-8"))
    assert problems(lang, catalogue) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_hides_markup_or_a_turned_direction(lang: str) -> None:
    text = (CATALOGUES / f"{lang}.json").read_text(encoding="utf-8")
    assert not re.search("[<>\u202a-\u202e\u2066-\u2069\x00-\x08]", text)


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ({}, "missing"),
        ({"error": {"too_long": "at most {limit}"}}, "plural forms"),
        ({"error": {"too_long": {"other": "at most {limit}"}}}, "needs ['one', 'other']"),
        ({"error": {"too_long": {"one": "{limit}", "other": "at most {n}"}}}, "has the places ['n']"),
        ({"error": {"refused": " "}}, "is empty"),
        ({"error": {"refusal": "no"}}, "nobody asks for it"),
    ],
)
def test_a_broken_catalogue_is_told(broken: dict[str, Any], word: str) -> None:
    assert any(word in problem for problem in problems("en", broken))
