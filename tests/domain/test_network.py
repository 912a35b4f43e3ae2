"""Where a request came from: what is believed, and what anybody could have written."""

from ipaddress import ip_address, ip_network

import pytest

from widget.domain.network import TrustedProxies, network_key, sender, trusted_proxies

KEY = "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"
NOBODY = TrustedProxies()
ONE, TWO = TrustedProxies(hops=1), TrustedProxies(hops=2)
OURS = TrustedProxies(networks=(ip_network("10.0.0.0/8"), ip_network("2001:db8:a::/48")))

WALKS = [
    # peer, X-Forwarded-For, trusted, the sender
    ("192.0.2.1", "", NOBODY, "192.0.2.1"),
    ("192.0.2.1", "203.0.113.7", NOBODY, "192.0.2.1"),
    ("127.0.0.1", "203.0.113.7", NOBODY, "127.0.0.1"),
    ("10.0.0.1", "203.0.113.7", ONE, "203.0.113.7"),
    ("10.0.0.1", "1.1.1.1, 203.0.113.7", ONE, "203.0.113.7"),  # Mallory wrote 1.1.1.1
    ("10.0.0.1", "9.9.9.9, 1.1.1.1, 203.0.113.7, 10.0.0.2", TWO, "203.0.113.7"),
    ("10.0.0.1", "203.0.113.7", TWO, "10.0.0.1"),  # did not pass both
    ("10.0.0.1", "", ONE, "10.0.0.1"),
    ("10.0.0.1", "rubbish", ONE, "10.0.0.1"),
    ("10.0.0.1", "1.1.1.1,", ONE, "10.0.0.1"),
    ("10.0.0.1", "203.0.113.7", OURS, "203.0.113.7"),
    ("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.9.9.9", OURS, "203.0.113.7"),
    ("192.0.2.1", "203.0.113.7", OURS, "192.0.2.1"),  # the peer is no proxy of ours
    ("10.0.0.1", "1.1.1.1, rubbish, 10.9.9.9", OURS, "10.9.9.9"),
    ("10.0.0.1", "10.0.0.7, 10.0.0.8", OURS, "10.0.0.7"),  # everybody is ours: the farthest
    ("2001:db8:a::1", "2001:db8:b::7", OURS, "2001:db8:b::7"),
    ("::ffff:10.0.0.1", "203.0.113.7", OURS, "203.0.113.7"),
    ("10.0.0.1", "203.0.113.7:4711", ONE, "203.0.113.7"),
    ("10.0.0.1", "[2001:db8::7]:4711", ONE, "2001:db8::7"),
    ("10.0.0.1", '"[2001:db8::7]"', ONE, "2001:db8::7"),
    ("10.0.0.1", "::ffff:203.0.113.7", ONE, "203.0.113.7"),
]


@pytest.mark.parametrize(("peer", "header", "trusted", "expected"), WALKS)
def test_the_header_is_believed_as_far_as_our_proxies_wrote_it(
    peer: str, header: str, trusted: TrustedProxies, expected: str
) -> None:
    assert sender(peer, header, trusted) == ip_address(expected)


@pytest.mark.parametrize("peer", [None, "", "unix:", "not an address"])
@pytest.mark.parametrize("trusted", [NOBODY, ONE, OURS])
def test_a_peer_that_is_no_address_is_nobody(peer: str | None, trusted: TrustedProxies) -> None:
    assert sender(peer, "203.0.113.7", trusted) is None


def test_a_setting_is_a_number_or_networks() -> None:
    assert trusted_proxies("2") == TWO
    assert trusted_proxies("10.0.0.0/8, 2001:db8:a::/48") == OURS
    assert trusted_proxies("192.0.2.1").networks == (ip_network("192.0.2.1/32"),)


@pytest.mark.parametrize("text", ["0", "10", "yes", "10.0.0.1/8", "*", "10.0.0.0/8, everybody"])
def test_a_setting_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        trusted_proxies(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("0.0.0.0", "::", False),
    ],
)
def test_a_key_stands_for_a_network(one: str, other: str, same: bool) -> None:
    keys = {network_key(ip_address(one), KEY), network_key(ip_address(other), KEY)}
    assert (len(keys) == 1) is same


def test_a_key_needs_the_secret_and_shows_nothing() -> None:
    key = network_key(ip_address("192.0.2.1"), KEY)
    assert len(key) == 32
    assert int(key, 16)
    assert key != network_key(ip_address("192.0.2.1"), KEY[::-1])
