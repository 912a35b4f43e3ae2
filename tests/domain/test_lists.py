"""What may stand on a list, and whom it is about."""

from ipaddress import ip_address

import pytest

from widget.domain.guard import Listing
from widget.domain.lists import Entry, Kind, Lists, understood

BLOCK, ALLOW = Listing.BLOCK, Listing.ALLOW

UNDERSTOOD = [
    ("Sam@Example.org", Kind.ADDRESS, "sam@example.org"),
    ("s.a.m+news@googlemail.com", Kind.ADDRESS, "sam@gmail.com"),
    ("example.org", Kind.DOMAIN, "example.org"),
    ("@Example.org", Kind.DOMAIN, "example.org"),
    ("*.example.org", Kind.DOMAIN, "*.example.org"),
    ("mail*.example.org", Kind.DOMAIN, "mail*.example.org"),
    ("bücher.example", Kind.DOMAIN, "xn--bcher-kva.example"),
    ("192.0.2.1", Kind.NETWORK, "192.0.2.1/32"),
    ("192.0.2.0/24", Kind.NETWORK, "192.0.2.0/24"),
    ("2001:DB8::/48", Kind.NETWORK, "2001:db8::/48"),
]


@pytest.mark.parametrize(("text", "kind", "pattern"), UNDERSTOOD)
def test_a_pattern_is_understood(text: str, kind: Kind, pattern: str) -> None:
    assert understood(text) == (kind, pattern)


NOT_UNDERSTOOD = ["", " ", "*", "*.*", "org", "@", "a b@example.org", "*@example.org"]


@pytest.mark.parametrize("text", [*NOT_UNDERSTOOD, "192.0.2.1/24", "192.0.2.300", "x" * 255])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        understood(text)


def lists(*entries: tuple[Listing, str]) -> Lists:
    return Lists(Entry(listing, *understood(text)) for listing, text in entries)


def test_nothing_listed_says_nothing() -> None:
    empty = Lists()
    assert empty.address("sam@example.org") is empty.domain("example.org") is None
    assert empty.network(ip_address("192.0.2.1")) is empty.network(None) is None


def test_the_narrower_entry_wins() -> None:
    found = lists((BLOCK, "*.example.org"), (ALLOW, "good.example.org"), (ALLOW, "*.fine.example.org"))
    assert found.domain("bad.example.org") is BLOCK
    assert found.domain("good.example.org") is ALLOW
    assert found.domain("a.fine.example.org") is ALLOW
    assert found.domain("example.org") is None
    assert found.domain("badexample.org") is None


def test_the_smaller_network_wins() -> None:
    found = lists((BLOCK, "192.0.2.0/24"), (ALLOW, "192.0.2.7"), (BLOCK, "2001:db8::/32"))
    assert found.network(ip_address("192.0.2.6")) is BLOCK
    assert found.network(ip_address("192.0.2.7")) is ALLOW
    assert found.network(ip_address("2001:db8:1::1")) is BLOCK
    assert found.network(ip_address("198.51.100.1")) is None


def test_a_star_is_the_only_sign_with_a_meaning() -> None:
    assert lists((BLOCK, "a.example.org")).domain("axexample.org") is None
    assert lists((BLOCK, "a*.example.org")).domain("abc.example.org") is BLOCK
