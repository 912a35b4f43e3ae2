"""The organiser's own words of thanks: plain text in the petition's languages, for whoever has signed."""

import hashlib
import re

from widget.domain.language import Spoken
from widget.domain.typed import UNREADABLE_TEXT

LENGTH, LINES = 400, 5
# The first line stands in the widget, too. On a phone of 320 pixels so many letters still leave room for the
# number and the ways to pass it on, where the form was: nothing below the widget moves.
FIRST_LINE = 60

# So that words in another direction disturb nothing around them.
_ISOLATE, _UNTIL = "\u2068", "\u2069"
# The widget takes what stands in braces for a place to fill in.
_BRACES = str.maketrans("{}", "()")


def thanks(words: str) -> str:
    """Return words of thanks as they are kept, a line each paragraph; empty for none. Raises ValueError."""
    lines = [" ".join(line.split()) for line in re.split(r"[\r\n]+", words)]
    kept = "\n".join(line for line in lines if line)
    if len(kept) > LENGTH:
        raise ValueError(f"the thanks are longer than {LENGTH} characters")
    if kept.count("\n") >= LINES:
        raise ValueError(f"the thanks have more than {LINES} lines")
    if len(kept.partition("\n")[0]) > FIRST_LINE:
        raise ValueError(
            f"the first line is longer than {FIRST_LINE} characters, and the widget has no room for more: "
            "break it off and go on in the next"
        )
    if UNREADABLE_TEXT.search(kept):
        raise ValueError("the thanks have characters that cannot be read")
    return kept


def in_widget(words: str) -> str:
    """Return what of the thanks stands behind a message of the widget's own, in its one paragraph."""
    line = words.partition("\n")[0].translate(_BRACES)
    return f"{_ISOLATE}{line}{_UNTIL}"


def thanks_version(texts: Spoken) -> str:
    """Identify the thanks in all languages, so that an edit of older ones is noticed."""
    return hashlib.sha256(repr(texts).encode()).hexdigest()[:32]
