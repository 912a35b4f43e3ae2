"""A slug from a title."""

import re
import unicodedata

from widget.domain.petition import SLUG_LENGTH

# Latin letters that Unicode does not take apart into a plain one and a mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
        "ħ": "h",
    }
)
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc]")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")


def slug_from(title: str) -> str | None:
    """Return the slug, at most 80 characters cut between words, or None where one would be a guess.

    Additions in brackets are left out, accents fall off. A title with letters of another script gives
    None: how to write them in Latin is for the organiser to say.
    """
    plain = _APOSTROPHES.sub("", _IN_BRACKETS.sub(" ", title).lower().translate(_LETTERS))
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    if any(c.isalpha() and not c.isascii() for c in plain) or not any(c.isalpha() for c in plain):
        return None
    return _cut(_BETWEEN_WORDS.sub("-", plain).strip("-"))


def _cut(slug: str) -> str:
    if len(slug) <= SLUG_LENGTH:
        return slug
    kept, hyphen, _ = slug[: SLUG_LENGTH + 1].rpartition("-")
    return kept if hyphen else slug[:SLUG_LENGTH]
