"""Letters to organisers: each carries one one-time link. Plain text, in English like the console.

They share the worker, the mail server and its pace with the letters to signers, and go before them.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from widget import tokens
from widget.delivering.smtp import Post, Undelivered
from widget.delivering.writing import Stationery, envelope, recipient, templates
from widget.domain.admission import Admits, OrganiserLetter
from widget.domain.letter import ATTEMPTS_AT_MOST, pause
from widget.store.ledger import Ledger

log = logging.getLogger(__name__)

# Where in the console each kind of link is opened.
PLACES = {Admits.JOIN: "invitation", Admits.SET_PASSWORD: "password", Admits.SIGN_IN: "link"}


@dataclass(frozen=True, slots=True)
class DoorLetter:
    """A letter to an organiser, in words."""

    subject: str
    text: str
    url: str


def write_to_organiser(letter: OrganiserLetter, paper: Stationery) -> DoorLetter:
    """Write a letter."""
    link = letter.link
    token = tokens.make_admission(paper.secret_key, link.number)
    url = f"{paper.public_url}/manage/{PLACES[link.admits]}/{token}"
    organisation = link.organisation.name if link.organisation else ""
    role = "" if link.role is None else f"{'a' if link.role == 'viewer' else 'an'} {link.role}"
    text = (
        templates()
        .get_template(f"organiser_{link.admits}.txt")
        .render(
            url=url,
            organisation=organisation,
            role=role,
            until=f"{link.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        )
    )
    subjects = {
        Admits.JOIN: f"{' '.join(organisation.split())} invites you",
        Admits.SET_PASSWORD: "A new password for Support Now",
        Admits.SIGN_IN: "Your link to sign in to Support Now",
    }
    return DoorLetter(subjects[link.admits], f"{text.strip()}\n", url)


class DoorPost:
    """Sees to letters to organisers, for one worker whose `name` and `lease` it uses."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        post: Post,
        stationery: Stationery,
        name: str,
        lease: timedelta,
        luck: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._post = post
        self._stationery = stationery
        self._name = name
        self._lease = lease
        self._luck = luck

    def deliver_next(self, now: datetime) -> bool:
        """See to the letter that has waited longest; tell whether there was one.

        Raises Undelivered when no letter goes out at the moment, and LedgerUnavailable.
        """
        if not self._ledger.organiser_letter_is_due(now):
            return False
        self._post.open()
        letter = self._ledger.claim_organiser_letter(now, worker=self._name, until=now + self._lease)
        if letter is not None:
            self._deliver(letter, now)
        return True

    def _deliver(self, letter: OrganiserLetter, now: datetime) -> None:
        unwanted = letter.needless(now)
        if unwanted is not None or letter.attempts > ATTEMPTS_AT_MOST:
            self._give_up(letter, f"not needed: {unwanted}" if unwanted else "begun often, never finished")
            return
        try:
            self._hand_in(letter, now)
        except Undelivered as failure:
            self._failed(letter, failure, now)
            if failure.away:
                raise
            return
        self._ledger.mark_organiser_letter_sent(letter.id, now)
        log.info("letter to an organiser sent", extra={"facts": _facts(letter)})

    def _hand_in(self, letter: OrganiserLetter, now: datetime) -> None:
        written = write_to_organiser(letter, self._stationery)
        try:
            to = recipient(letter.link.email)
        except ValueError as error:
            raise Undelivered("the address cannot be written to", permanent=True) from error
        mail = envelope(self._stationery, to=to, subject=written.subject, now=now)
        domain = parseaddr(self._stationery.mail_from)[1].rpartition("@")[2]
        mail["Message-ID"] = f"<organiser-{letter.id}-{int(letter.written_at.timestamp() * 1000)}@{domain}>"
        mail.set_content(written.text, cte="quoted-printable")
        mail["Content-Language"] = "en"
        self._post.send(mail, to)

    def _failed(self, letter: OrganiserLetter, failure: Undelivered, now: datetime) -> None:
        wait = None if failure.permanent else pause(letter.attempts, self._luck())
        if wait is None:
            self._give_up(letter, failure.reason)
            return
        self._ledger.put_organiser_letter_off(
            letter.id, now + wait, worker=self._name, because=failure.reason
        )
        log.info("letter to an organiser put off", extra={"facts": _facts(letter)})

    def _give_up(self, letter: OrganiserLetter, because: str) -> None:
        self._ledger.give_organiser_letter_up(letter.id, worker=self._name, because=because)
        log.info("letter to an organiser given up", extra={"facts": _facts(letter) | {"because": because}})


def _facts(letter: OrganiserLetter) -> dict[str, object]:
    return {"letter": letter.id, "occasion": letter.link.admits, "attempt": letter.attempts}
