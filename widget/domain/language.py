"""Which of several texts a reader gets, each in a language of its own."""

from collections.abc import Iterable, Mapping

# A short text of the organiser's in several languages, as they are kept: the tag and the words.
Spoken = tuple[tuple[str, str], ...]


def fitting(langs: Iterable[str], *wanted: str | None) -> str | None:
    """Return the first language wanted that there is, None if there is none of them.

    Each is a BCP 47 tag in any case: "hy-AM" finds "hy", and "pt" finds "pt-BR".
    """
    known = list(langs)
    by_lang = {lang.lower(): lang for lang in reversed(known)}
    by_primary = {lang.lower().partition("-")[0]: lang for lang in reversed(known)}
    for lang in wanted:
        tag = (lang or "").lower().replace("_", "-")
        found = by_lang.get(tag) or by_lang.get(tag.rpartition("-")[0])
        found = found or by_primary.get(tag.partition("-")[0])
        if found:
            return found
    return None


def spoken(texts: Spoken, *wanted: str | None) -> tuple[str, str]:
    """Return the language and the words in the first language wanted that there is, else the first there are.

    Empty words where there are none at all.
    """
    if not texts:
        return "", ""
    by_lang = dict(texts)
    lang = fitting(by_lang, *wanted) or texts[0][0]
    return lang, by_lang[lang]


def together(texts: Spoken, changed: Mapping[str, str], *, first: str) -> Spoken:
    """Return texts with some changed and the empty ones gone, that in the language `first` at their head."""
    new = {lang: words for lang, words in (dict(texts) | dict(changed)).items() if words}
    return tuple(sorted(new.items(), key=lambda text: (text[0] != first, text[0])))
