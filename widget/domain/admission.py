"""One-time links: an invitation, a new password, a way in by mail. Each works once, for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from widget.domain.organiser import Organisation, Role
from widget.domain.refusals import LinkExpired


class Admits(StrEnum):
    """What a one-time link lets its holder do."""

    JOIN = "join"
    SET_PASSWORD = "set_password"  # noqa: S105 - no password, only the word
    SIGN_IN = "sign_in"


LASTS: dict[Admits, timedelta] = {
    Admits.JOIN: timedelta(days=7),  # a colleague may be away for a week-end
    Admits.SET_PASSWORD: timedelta(hours=24),
    Admits.SIGN_IN: timedelta(minutes=15),
}


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that admits one person once.

    `number` is drawn at random and never shown: what stands in the address is the number signed with the
    service's key. `email` is empty in the link for the very first organiser, who brings one.
    """

    number: int
    admits: Admits
    email: str
    organisation: Organisation | None
    role: Role | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def refuse_unless_good(self, now: datetime) -> None:
        """Raise LinkExpired when it was used, or its time is over."""
        if self.used_at is not None:
            raise LinkExpired("used")
        if now >= self.expires_at:
            raise LinkExpired("expired")


@dataclass(frozen=True, slots=True)
class OrganiserLetter:
    """A letter that carries a one-time link. `attempts` counts those begun, this one included."""

    id: int
    link: OneTimeLink
    written_at: datetime
    attempts: int
    sent_at: datetime | None = None
    last_failure: str | None = None
    given_up_because: str | None = None

    def needless(self, now: datetime) -> str | None:
        """Say why it need not go out any more, or None if it should."""
        if self.link.used_at is not None:
            return "the link was used"
        return "the link has expired" if now >= self.link.expires_at else None
