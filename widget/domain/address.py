"""The canonical form of a mail address: the same mailbox gives the same string.

The letter goes to the address as typed; only the comparison uses this. The rules are data, from what
the providers document of their own addresses, so that a new one is one line.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """How one provider reads a local part.

    `home` is the domain its alias domains stand for, `ignored` are characters it skips, and
    `same` pairs characters it takes for one another. `tag` starts the part that is cut.
    """

    home: str
    ignored: str = ""
    same: tuple[str, str] | None = None
    tag: str = "+"


_GMAIL = Rule("gmail.com", ignored=".")
_PROTON = Rule("proton.me", ignored="._-")
_ICLOUD = Rule("icloud.com")
_YANDEX = Rule("yandex.ru", same=("-", "."))

RULES: dict[str, Rule] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "protonmail.ch": _PROTON,
    "pm.me": _PROTON,
    "icloud.com": _ICLOUD,
    "me.com": _ICLOUD,
    "mac.com": _ICLOUD,
    "yandex.ru": _YANDEX,
    "yandex.com": _YANDEX,
    "yandex.by": _YANDEX,
    "yandex.kz": _YANDEX,
    "yandex.ua": _YANDEX,
    "ya.ru": _YANDEX,
    "yahoo.com": Rule("yahoo.com", tag="-"),
    "yahoo.co.uk": Rule("yahoo.co.uk", tag="-"),
    "yahoo.fr": Rule("yahoo.fr", tag="-"),
    "yahoo.de": Rule("yahoo.de", tag="-"),
    "ymail.com": Rule("ymail.com", tag="-"),
    "rocketmail.com": Rule("rocketmail.com", tag="-"),
}


def canonical(address: str) -> str:
    """Return the form under which two spellings of one mailbox are equal.

    Takes an address that was checked before (one "@" at least, domain in ASCII). Case is dropped and
    a "+" part cut everywhere: no provider of note gives x+a and x+b to two people.
    """
    local, _, domain = address.strip().casefold().rpartition("@")
    domain = domain.rstrip(".")
    rule = RULES.get(domain, Rule(domain))
    local = _without_tag(local, "+")
    if rule.tag != "+":
        local = _without_tag(local, rule.tag)
    if rule.same:
        local = local.replace(*rule.same)
    kept = "".join(c for c in local if c not in rule.ignored)
    return f"{kept or local}@{rule.home}"


def _without_tag(local: str, tag: str) -> str:
    # An address that is nothing but a tag ("+news@...") keeps it: there is no mailbox before it.
    return local.partition(tag)[0] or local
