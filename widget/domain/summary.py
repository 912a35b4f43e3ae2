"""A few plain words of a longer text, for where the whole does not fit."""

import re

LENGTH = 200  # characters
_MARKUP = re.compile(r"\\([^\w\s])|^[#>\s]+|[*_`]{1,3}|!?\[([^\]]*)\]\([^)]*\)")


def summary(markdown: str, length: int = LENGTH) -> str:
    """Return the first paragraph that says something, without markup, cut between words.

    A short first line ("Dear Mr President,") greets and says nothing yet.
    """
    paragraphs = [_plain(p) for p in re.split(r"\n\s*\n", markdown[:20_000]) if p.strip()]
    telling = next((p for p in paragraphs if len(p) > 60), paragraphs[0] if paragraphs else "")
    if len(telling) <= length:
        return telling
    return telling[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.-\u2013\u2014") + "…"


def _plain(paragraph: str) -> str:
    kept = _MARKUP.sub(lambda found: found.group(1) or found.group(2) or "", paragraph)
    return " ".join(kept.split())
