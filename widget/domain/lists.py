"""What somebody wrote down about addresses, mail domains and networks: to be held, or not to be doubted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_network

from widget.domain.address import canonical
from widget.domain.guard import Listing
from widget.domain.network import Address, Network, lies_in

PATTERN_LENGTH = 254


class Kind(StrEnum):
    """What an entry is about."""

    ADDRESS = "address"
    DOMAIN = "domain"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list. `pattern` is canonical: two ways to write the same give one entry."""

    listing: Listing
    kind: Kind
    pattern: str
    note: str = ""
    listed_at: datetime | None = None


def understood(text: str) -> tuple[Kind, str]:
    """Tell what an address, a domain (with "*" for any letters) or a network is. Raises ValueError."""
    text = text.strip()
    if not text or len(text) > PATTERN_LENGTH:
        raise ValueError("is empty or too long")
    if "@" in text.lstrip("@"):
        return Kind.ADDRESS, _address(text)
    try:
        return Kind.NETWORK, str(ip_network(text))
    except ValueError as error:
        if re.fullmatch(r"[0-9./]+|[0-9a-fA-F:/]*:[0-9a-fA-F:/.]*", text):
            raise ValueError(str(error).replace("'", "")) from error
    return Kind.DOMAIN, _domain(text.lstrip("@"))


class Lists:
    """All entries, ready to be asked. The narrower wins: a whole domain, then one with "*"."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        entries = tuple(entries)
        self._addresses = {e.pattern: e.listing for e in entries if e.kind is Kind.ADDRESS}
        domains = {e.pattern: e.listing for e in entries if e.kind is Kind.DOMAIN}
        self._domains = {name: listing for name, listing in domains.items() if "*" not in name}
        globs = sorted((name for name in domains if "*" in name), key=len, reverse=True)
        self._globs = [(_expression(glob), domains[glob]) for glob in globs]
        networks = [(ip_network(e.pattern), e.listing) for e in entries if e.kind is Kind.NETWORK]
        self._networks: list[tuple[Network, Listing]] = sorted(networks, key=lambda n: -n[0].prefixlen)

    def address(self, canonical_email: str) -> Listing | None:
        """Return what is said of one mailbox."""
        return self._addresses.get(canonical_email)

    def domain(self, name: str) -> Listing | None:
        """Return what is said of a mail domain."""
        found = self._domains.get(name)
        return found or next((listing for glob, listing in self._globs if glob.fullmatch(name)), None)

    def network(self, address: Address | None) -> Listing | None:
        """Return what the smallest network listed that holds an address is said to be."""
        if address is None:
            return None
        return next((listing for network, listing in self._networks if lies_in(address, network)), None)


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not local or " " in local or "*" in text:
        raise ValueError("is no mail address")
    return canonical(f"{local}@{_domain(domain)}")


def _domain(text: str) -> str:
    try:
        name = text.lower().rstrip(".").encode("idna").decode() if not text.isascii() else text.lower()
    except UnicodeError as error:
        raise ValueError("is no domain") from error
    name = name.rstrip(".")
    if not re.fullmatch(r"[a-z0-9*_-]+(\.[a-z0-9*_-]+)+", name) or not re.search(r"[a-z0-9]", name):
        raise ValueError('is no domain, as in example.org or "*.example.org"')
    return name


def _expression(glob: str) -> re.Pattern[str]:
    return re.compile(re.escape(glob).replace(r"\*", ".*"))
