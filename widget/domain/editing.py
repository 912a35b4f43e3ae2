"""What an organiser may change of a petition, and the form each thing has to have."""

import re
from datetime import datetime
from typing import TypedDict
from urllib.parse import urlsplit

from widget.domain.goal import GoalKind
from widget.domain.petition import Confirmation, Status

THANKS_URL_LENGTH = 2_000
CONTACT_LENGTH = 300
MAX_GOAL = 1_000_000_000
MAX_SITES = 100  # all of them stand in a header of the frame

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]")
_PLAIN = re.compile(r"[!-~]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Changes(TypedDict, total=False):
    """New values of a petition; what is missing stays as it is.

    `goal_kind` and `goal_aim` go together. `allowed_origins` empty allows every site.
    """

    status: Status
    confirmation: Confirmation
    goal_kind: GoalKind
    goal_aim: int | None
    closes_at: datetime | None
    allowed_origins: tuple[str, ...]
    thanks_url: str | None
    privacy_contact: str
    public_signers: bool


def aim(kind: GoalKind, number: int | None = None) -> Changes:
    """Return the change to a goal. Raises ValueError for a number that is no goal."""
    if number is not None and not 1 <= number <= MAX_GOAL:
        raise ValueError(f"a goal is a number from 1 to {MAX_GOAL:,}")
    return {"goal_kind": kind, "goal_aim": number}


def origin(site: str) -> str:
    """Return a site as browsers name it in the Origin header: https://example.org, lower case.

    A default port is left out, letters beyond ASCII are written as in the DNS. Raises ValueError, in words
    for the reader, for what is no site.
    """
    try:
        parts = urlsplit(site.strip())
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError:
        raise ValueError(f"'{site}' is no site such as https://example.org") from None
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host) or "@" in parts.netloc:
        raise ValueError(f"'{site}' is no site such as https://example.org")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"'{site}' is an address inside a site: leave out what follows the name")
    shown_port = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{shown_port}"


def origins(sites: tuple[str, ...]) -> tuple[str, ...]:
    """Return several sites, each once, in their order. Raises ValueError as `origin`."""
    found = tuple(dict.fromkeys(origin(site) for site in sites))
    if len(found) > MAX_SITES:
        raise ValueError(f"more than {MAX_SITES} sites")
    return found


def thanks_address(url: str) -> str:
    """Return the address of an organiser's own page for signers, which is https. Raises ValueError."""
    address = url.strip()
    if len(address) > THANKS_URL_LENGTH:
        raise ValueError(f"the address is longer than {THANKS_URL_LENGTH} characters")
    try:
        parts = urlsplit(address)
        known = _PLAIN.fullmatch(address) and _HOST.fullmatch(_ascii(parts.hostname or ""))
    except ValueError:
        known = None
    if not known:
        raise ValueError(f"'{url}' is no address such as https://example.org/thanks")
    if parts.scheme != "https":
        raise ValueError(f"'{url}' does not begin with https://")
    if "@" in parts.netloc:
        raise ValueError(f"'{url}' has a name or a password in it")
    return address


def contact(words: str) -> str:
    """Return whom signers may ask about their data, in one line; empty for none. Raises ValueError."""
    line = " ".join(words.split())
    if len(line) > CONTACT_LENGTH:
        raise ValueError(f"the contact is longer than {CONTACT_LENGTH} characters")
    if not line.isprintable():
        raise ValueError("the contact has characters that cannot be shown")
    return line


def _ascii(host: str) -> str:
    """Return a host name as the DNS has it. Raises ValueError (UnicodeError is one)."""
    if ":" in host:
        return f"[{host.lower()}]"
    return host if host.isascii() else host.encode("idna").decode().lower()
