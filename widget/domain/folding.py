"""How names, mail domains and sites are compared by whoever searches for a signer."""

import re
from unicodedata import normalize

# What lower case leaves apart though it is one letter to whoever looks for a name. The Turkish capitals
# are read as those of other languages, too: nobody knows in which a name was typed.
_SAME = (("ς", "σ"), ("ß", "ss"), ("և", "եւ"), ("i\u0307", "i"), ("ı", "i"))  # noqa: RUF001 - as they are
_ORIGIN = re.compile(r"[^:/?#]+://[^/?#]*")
LINE_LENGTH = 800  # bytes; three lines fit into an index, and no name or host that is one is cut


def folded(text: str) -> str:
    """Return a text as names are compared: in lower case, whatever its script, and with single spaces."""
    if text.isascii():  # as most domains, sites and very many names are
        return " ".join(text.lower().split())
    text = normalize("NFC", text).lower()
    for one, other in _SAME:
        text = text.replace(one, other)
    return " ".join(text.split())


def found_by(given_name: str, family_name: str, canonical_email: str, page_url: str) -> str:
    """Return what a search compares: the name, the mail domain and the site, a line each."""
    parts = (f"{given_name} {family_name}", canonical_email.rpartition("@")[2], origin_of(page_url))
    return "\n".join(_cut(folded(part)) for part in parts)


def origin_of(url: str) -> str:
    """Return scheme and host of an address, empty where there is none."""
    found = _ORIGIN.match(url)
    return found[0] if found else ""


def _cut(line: str) -> str:
    return line.encode()[:LINE_LENGTH].decode(errors="ignore")
