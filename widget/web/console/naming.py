"""What the columns of a file are called in the console, wherever it speaks of them."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

# What a column may be, in words; in this order in every list.
LABELS = {
    "email": "Mail address",
    "given_name": "Given name",
    "family_name": "Family name",
    "country": "Country",
    "postal_code": "Postal code",
    "comment": "Comment",
    "show_name": "Name may be shown (yes or no)",
    "confirmed": "Confirmed (yes or no)",
    "state": "State, as in an export",
    "signed_at": "Signed at",
    "confirmed_at": "Confirmed at",
    "moved_at": "State last changed at",
    "consent": "Wants news (yes or no)",
    "consent_at": "Asked for news at",
    "consent_wording": "Words of that consent",
    "lang": "Language",
    "source": "Source",
    "page_url": "Page of the form",
    "text_version": "Wording that was signed",
    "held_because": "Why it was held",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def called(target: str, own: Mapping[str, str]) -> str:
    """Return what a column is called; `own` are the petition's own questions, by name."""
    return own.get(target) or re.split(r",| \(", LABELS.get(target, target))[0]


def worded(why: str, *, own: Mapping[str, str]) -> Markup:
    """Return why a line is not taken in the words of the form; a date in it stays in one piece."""
    if why == "email is no mail address":
        return Markup("Mail address is not valid")
    target, blank, rest = why.partition(" ")
    known = target in LABELS or target in own
    said = f"{called(target, own)}{blank}{rest}" if known else why
    return Markup(_DATE.sub(r'<span class="unbroken">\g<0></span>', str(escape(said))))  # noqa: S704 - escaped here
