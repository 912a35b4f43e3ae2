"""A mail address as somebody types it, read the same way at the form, in letters and by the commands."""

import re
from functools import lru_cache

from email_validator import validate_email

# What nearly everybody types: small letters, digits, "_", "+", "-" and single dots before the @ (a dot-atom,
# RFC 5322), ASCII behind it. Such a local part is one whatever the domain; only the domain is looked at. One
# with "xn--" in it is longer in the letters that people read, by which all of the address may be too long.
_PLAIN = re.compile(r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@((?!.*[xX][nN]--)[A-Za-z0-9.-]+)")
_LOCAL_LENGTH, _LENGTH = 64, 254  # octets (RFC 5321)


def in_ascii(address: str) -> str:
    """Return an address with its domain in ASCII, which is what is compared. Raises ValueError for none.

    Only the form is looked at: nothing is asked of the network.
    """
    plain = _PLAIN.fullmatch(address)
    if plain and len(plain[1]) <= _LOCAL_LENGTH and len(address) <= _LENGTH:
        return f"{plain[1]}@{_domain(plain[2])}"
    read = validate_email(address, check_deliverability=False)
    return f"{read.local_part}@{read.ascii_domain}"


@lru_cache(maxsize=4096)
def _domain(typed: str) -> str:
    """Return a domain as it is compared; most signers share a few. Raises ValueError, which is not kept."""
    ascii_domain: str = validate_email(f"x@{typed}", check_deliverability=False).ascii_domain
    return ascii_domain
