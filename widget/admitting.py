"""The story of getting in: a password or a link admits an organiser, and a link works once.

Whoever asks learns nothing about who has an account: an address that is known and one that is not get the
same words after the same work.
"""

import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from widget import passwords
from widget.domain.admission import Admits, OneTimeLink
from widget.domain.organiser import Organiser, Role, folded
from widget.domain.password import password_problem
from widget.domain.refusals import (
    OrganiserNotFound,
    PasswordUnfit,
    SignInRefused,
    TooManyRequests,
)
from widget.store.ledger import Ledger
from widget.store.pace import PaceKeeper, Span

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER, HOUR = 900, 3_600  # seconds
# Tries, not failures: a count of failures would tell that one was not. An office shares a network; a
# person mistypes a few times; and an address that many networks try at once is under attack. A try that is
# refused is not counted, and each way has budgets of its own: who shuts one leaves the others open.
FROM_NETWORK = 60
AT_ADDRESS_FROM_NETWORK = 10
AT_ADDRESS = 100
WAYS_IN_AT_ONCE = 3  # letters to one address, however many ask for them


class Way(StrEnum):
    """What somebody tries to get in by. The word stands in the names under which tries are counted."""

    PASSWORD = "in"  # noqa: S105 - no password, only the word
    LETTER = "letter"
    CHANGE = "change"  # of the password, by who is signed in
    INVITATION = "invitation"


# Ways on which an address is limited whatever the network. Who holds an invitation has been let in, and
# letters have a limit of their own (WAYS_IN_AT_ONCE), each of which lets the right one in.
_LIMITED_BY_ADDRESS = frozenset({Way.PASSWORD, Way.CHANGE})


class Doorkeeper:
    """Counts tries to get in. `secret_key` hides addresses where they are counted."""

    def __init__(self, pace: PaceKeeper, *, secret_key: str) -> None:
        self._pace = pace
        self._key = hmac.digest(secret_key.encode(), b"support-now.doorkeeper", "sha256")

    def count(self, email: str, network_key: str | None, now: datetime, *, way: Way = Way.PASSWORD) -> None:
        """Count one try for an address from a network. Raises TooManyRequests."""
        network = network_key or "-"
        who = self._hidden(folded(email))
        spans = [
            Span(f"{way}:{who}:{network}", QUARTER, most=AT_ADDRESS_FROM_NETWORK, spared=True),
            Span(f"{way}:{network}", QUARTER, most=FROM_NETWORK, spared=True),
        ]
        if way in _LIMITED_BY_ADDRESS:
            spans.append(Span(f"{way}:{who}", HOUR, most=AT_ADDRESS, spared=True))
        for span, count in zip(spans, self._pace.count(spans, now, about="door").counts, strict=True):
            if count > span.most:
                raise TooManyRequests(span.seconds)

    def _hidden(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()[:32]


def sign_in(email: str, password: str, *, ledger: Ledger) -> Organiser:
    """Return the organiser with this address and password. Raises SignInRefused.

    The caller has the try counted first (`Doorkeeper`).
    """
    try:
        found = ledger.organiser_with(email)
    except OrganiserNotFound:
        found = None
    if not passwords.fits(password, found.password_hash if found else None) or found is None:
        raise SignInRefused
    if found.password_hash and passwords.is_dated(found.password_hash):
        return ledger.rehash_password(found.id, passwords.hashed(password))
    return found


def since(organiser: Organiser) -> int:
    """Return when an account was made, in microseconds since 1970: with its number it names it for good.

    After an older copy of the ledger was put back the next who joins gets a number that was somebody else's.
    """
    return (organiser.created_at - _BEGINNING) // timedelta(microseconds=1)


def holds(organiser_id: int, made: int, epoch: int, *, ledger: Ledger) -> Organiser | None:
    """Return whose session it is; None when it was ended or the account is gone. `made` as by `since`."""
    try:
        found = ledger.organiser(organiser_id)
    except OrganiserNotFound:
        return None
    return found if (since(found), found.session_epoch) == (made, epoch) else None


def change_password(organiser: Organiser, present: str, new: str, *, ledger: Ledger) -> Organiser:
    """Take a new password from somebody who knows the present one; every other session ends.

    Raises SignInRefused and PasswordUnfit.
    """
    if not passwords.fits(present, organiser.password_hash):
        raise SignInRefused
    return ledger.set_password(organiser.id, _kept(new, organiser.email))


def log_out_everywhere(organiser: Organiser, *, ledger: Ledger) -> Organiser:
    """End every session."""
    return ledger.end_sessions(organiser.id)


def look(number: int, admits: Admits, *, ledger: Ledger, now: datetime) -> OneTimeLink:
    """Return a link that still works. Raises LinkUnknown and LinkExpired. Nothing is used up."""
    link = ledger.one_time_link(number)
    link.refuse_unless_good(now)
    if link.admits is not admits:
        raise SignInRefused
    return link


def first_link(*, ledger: Ledger, now: datetime) -> OneTimeLink | None:
    """Return the link for the very first organiser, made when there is none; None once there is one."""
    if ledger.organisers():
        return None
    waiting = [link for link in ledger.open_links(now, Admits.JOIN) if not link.email]
    if waiting:
        return waiting[0]
    first = ledger.organisations()[0]
    return ledger.make_link(Admits.JOIN, "", now, organisation=first, role=Role.OWNER)


def has_account(email: str, *, ledger: Ledger) -> bool:
    """Tell whether somebody has this address. For those who hold a link to it, and nobody else."""
    try:
        ledger.organiser_with(email)
    except OrganiserNotFound:
        return False
    return True


def join_as_new(
    link: OneTimeLink, password: str, *, email: str = "", ledger: Ledger, now: datetime
) -> Organiser:
    """Accept an invitation with a new account; `email` is for the very first, whose link has none.

    Raises PasswordUnfit, LinkExpired and OrganiserKnown.
    """
    address = link.email or email
    return ledger.join_as_new(link.number, address, _kept(password, address), now)


def join(link: OneTimeLink, organiser: Organiser, *, ledger: Ledger, now: datetime) -> Organiser:
    """Accept an invitation with the account it was sent to. Raises SignInRefused and LinkExpired."""
    if folded(link.email) != folded(organiser.email):
        raise SignInRefused
    return ledger.join(link.number, organiser.id, now)


def set_password(link: OneTimeLink, password: str, *, ledger: Ledger, now: datetime) -> Organiser:
    """Take a new password from who holds the link for it. Raises PasswordUnfit and LinkExpired."""
    kept = _kept(password, link.email)
    return ledger.use_link(link.number, Admits.SET_PASSWORD, now, password_hash=kept)


def sign_in_by(link: OneTimeLink, *, ledger: Ledger, now: datetime) -> Organiser:
    """Return who is let in by a link from a letter. Raises LinkExpired."""
    return ledger.use_link(link.number, Admits.SIGN_IN, now)


def send_way_in(email: str, *, ledger: Ledger, now: datetime) -> None:
    """Send a link to sign in to whoever has this address, three at most in the time that one lasts.

    For an address without an account as much is written, and nothing sent: the time tells nobody either.
    """
    try:
        address = ledger.organiser_with(email).email
    except OrganiserNotFound:
        address = ""
    waiting = ledger.open_links(now, Admits.SIGN_IN, email=address)
    mailed = bool(address) and len(waiting) < WAYS_IN_AT_ONCE
    ledger.make_link(Admits.SIGN_IN, address if mailed else "", now, mailed=mailed)


def replace_password(organiser: Organiser, new: str, *, ledger: Ledger) -> Organiser:
    """Take a new password from somebody who has just come in by a link. Raises PasswordUnfit."""
    return ledger.set_password(organiser.id, _kept(new, organiser.email))


def password_link(email: str, *, ledger: Ledger, now: datetime) -> OneTimeLink:
    """Make a link that sets a new password. Raises OrganiserNotFound."""
    return ledger.make_link(Admits.SET_PASSWORD, ledger.organiser_with(email).email, now)


def _kept(password: str, email: str) -> str:
    problem = password_problem(password, email)
    if problem:
        raise PasswordUnfit(problem)
    return passwords.hashed(password)
