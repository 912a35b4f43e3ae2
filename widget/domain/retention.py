"""How long what is kept of a signer, and from which moment on it is due to go."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """What the operator decided. The longest anything is kept, never the shortest: signers may erase."""

    unconfirmed_days: int
    network_key_days: int
    anonymise_months: int
    held_days: int
    upload_days: int = 7

    def unconfirmed_before(self, now: datetime) -> datetime:
        """Return the moment: whoever got their last letter before it and never confirmed is forgotten."""
        return now - timedelta(days=self.unconfirmed_days)

    def unreviewed_before(self, now: datetime) -> datetime:
        """Return the moment: whoever is held since before it and was looked at by nobody is forgotten."""
        return now - timedelta(days=self.held_days)

    def network_keys_before(self, now: datetime) -> datetime:
        """Return the moment: the network of whoever signed before it is forgotten."""
        return now - timedelta(days=self.network_key_days)

    def uploads_before(self, now: datetime) -> datetime:
        """Return the moment: a file that was to be brought in and was touched last before it is deleted."""
        return now - timedelta(days=self.upload_days)

    def closed_before(self, now: datetime) -> datetime:
        """Return the moment: the signers of a petition that closed before it are anonymised."""
        return months_before(now, self.anonymise_months)


def months_before(moment: datetime, months: int) -> datetime:
    """Go back by calendar months; where a month has no such day, to its last one."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
