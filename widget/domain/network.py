"""The network a request came from, and the keyed hash that stands for it (promise 10).

An IPv4 address is a network by itself. Of an IPv6 address the first 64 bits are: a household or a
phone owns all 2^64 addresses behind them and may take a new one for every request.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

KEY_LENGTH = 32  # hexadecimal digits, 128 bits
_PURPOSE = b"support-now.network."


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Who may say where a request came from: the last `hops` proxies, or those in `networks`.

    Neither means nobody: then only the peer of the connection counts.
    """

    hops: int = 0
    networks: tuple[Network, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hops or self.networks)


def trusted_proxies(text: str) -> TrustedProxies:
    """Read a setting: "1", or "10.0.0.0/8, 2001:db8::/32". Raises ValueError."""
    if text.isdecimal():
        if not 1 <= int(text) <= 9:
            raise ValueError("a number of proxies is between 1 and 9")
        return TrustedProxies(hops=int(text))
    return TrustedProxies(networks=tuple(ip_network(part) for part in text.replace(",", " ").split()))


def sender(peer: str | None, forwarded_for: str, trusted: TrustedProxies) -> Address | None:
    """Return the address a request came from, None where it is not known (a local socket).

    `peer` is the other end of the connection. `forwarded_for` is the X-Forwarded-For header, which
    anybody may write: each trusted proxy adds one entry at its right end, and no more than those
    entries are believed. What cannot be read ends the walk at the last address that was sound.
    """
    found = _address(peer or "")
    if found is None or not trusted:
        return found
    entries = [_address(entry) for entry in forwarded_for.split(",")] if forwarded_for else []
    if trusted.hops:
        # A shorter list did not pass all the proxies: whoever sent it came in by another way.
        return (entries[-trusted.hops] or found) if len(entries) >= trusted.hops else found
    return _last_stranger(found, entries, trusted.networks)


def network_key(address: Address, secret_key: str) -> str:
    """Return the keyed hash of an address's network: without the key nobody can go back from it."""
    written = address.packed if isinstance(address, IPv4Address) else address.packed[:8]
    return hmac.digest(secret_key.encode(), _PURPOSE + written, "sha256").hex()[:KEY_LENGTH]


def lies_in(address: Address, network: Network) -> bool:
    """Tell whether an address belongs to a network; of the other kind it never does."""
    return address in network


def _last_stranger(peer: Address, entries: Sequence[Address | None], ours: Sequence[Network]) -> Address:
    """Walk from the peer towards the visitor, past our proxies, to the first that is not one."""
    found = peer
    for entry in reversed(entries):
        if entry is None or not any(lies_in(found, network) for network in ours):
            break
        found = entry
    return found


def _address(text: str) -> Address | None:
    text = text.strip().strip('"')
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 192.0.2.1:443
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or found
    return found
