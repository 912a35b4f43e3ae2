"""One worker: it takes the letter that has waited longest, hands it in, and says what became of it.

Several may run at once, on one machine or many: a letter is in one hand at a time. What goes wrong is told
apart. A letter that cannot be delivered is given up; one that may be later is put off; and while the mail
server takes nothing at all, no letter is touched.
"""

import logging
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from widget import metrics
from widget.delivering.door import DoorPost
from widget.delivering.smtp import Post, Undelivered
from widget.delivering.writing import Stationery, message, recipient, write
from widget.domain.letter import ATTEMPTS_AT_MOST, NOT_NEEDED, Letter, needless, pause
from widget.domain.refusals import LedgerUnavailable
from widget.store.ledger import Ledger

LOOK = 1.0  # seconds between two looks into an empty outbox
LONGEST_WAIT = 60.0  # seconds until a mail server or a ledger that is gone is tried again
SETTLING = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds between the tries to note what became of a letter
LEASE = 10  # times the timeout: more than a letter's few answers can take together

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Delivered:
    """How many letters went which way."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0
    not_needed: int = 0


class Worker:
    """Drains the outbox. `timeout` in seconds is the post's; `per_minute` the pace; `stop` ends it.

    `daily` and `feed` are asked at every turn, and see themselves to what is to be done once a day, and to
    the next letters of a mailing; `daily` also between two letters, since a full outbox may take days.
    `beside` is asked while there is time, and told how many seconds: it does one short step of other work, if
    there is any, and tells whether it did.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        post: Post,
        stationery: Stationery,
        clock: Callable[[], datetime],
        timeout: float,
        per_minute: int,
        stop: Event,
        luck: Callable[[], float] = random.random,
        daily: Callable[[datetime], None] = lambda _now: None,
        feed: Callable[[datetime], object] = lambda _now: None,
        beside: Callable[[float], bool] = lambda _room: False,
    ) -> None:
        self.done = Delivered()
        self._name = secrets.token_hex(8)
        self._ledger = ledger
        self._post = post
        self._stationery = stationery
        self._clock = clock
        self._lease = timedelta(seconds=LEASE * timeout)
        self._apart = 60 / per_minute
        self._stop = stop
        self._luck = luck
        self._daily = daily
        self._feed = feed
        self._beside = beside
        self._door = DoorPost(
            ledger=ledger,
            post=post,
            stationery=stationery,
            name=self._name,
            lease=self._lease,
            luck=luck,
        )

    def run(self) -> None:
        """Deliver until told to stop; whatever fails is tried again."""
        failures = 0
        while not self._stop.is_set():
            try:
                self._daily(self._clock())
                self._feed(self._clock())
                self.drain()
            except (Undelivered, LedgerUnavailable) as gone:
                failures += 1
                metrics.mail_failures.inc()
                log.error("no letter goes out: %s", gone, extra={"facts": {"tries": failures}})
            except Exception:
                failures += 1
                log.exception("the worker failed and goes on")
            else:
                failures = 0
                self._post.rest()
            self._wait(LOOK if not failures else min(2.0**failures, LONGEST_WAIT) * (0.5 + self._luck()))
        self._post.close()

    def drain(self) -> Delivered:
        """Deliver every letter that is due. Raises Undelivered when none goes out, and LedgerUnavailable."""
        while not self._stop.is_set():
            self._daily(self._clock())
            if self._door.deliver_next(self._clock()):
                self._wait(self._apart)
                continue
            if not self._ledger.letter_is_due(self._clock()):
                break
            self._post.open()  # before a letter is taken: while the server is away all of them stay untouched
            began = time.monotonic()
            now = self._clock()
            letter = self._ledger.claim_letter(now, worker=self._name, until=now + self._lease)
            if letter is not None and self._deliver(letter, now):
                self._wait(began + self._apart - time.monotonic())
        return self.done

    def _wait(self, seconds: float) -> None:
        """Let time pass, and use it for what is done beside letters; at most one LOOK without looking."""
        until = time.monotonic() + seconds
        while not self._stop.is_set():
            did = self._beside(max(0.0, until - time.monotonic()))
            left = until - time.monotonic()
            if left <= 0:
                return
            if not did:
                self._stop.wait(min(left, LOOK))

    def _deliver(self, letter: Letter, now: datetime) -> bool:
        """See to one letter; tell whether it was handed in. Raises Undelivered if no other would pass."""
        unwanted = needless(letter, now, self._stationery.confirm_within)
        if unwanted is not None:
            self._give_up(letter, NOT_NEEDED + unwanted)
            self.done.not_needed += 1
            metrics.letters.labels("not_needed").inc()
            return False
        if letter.attempts > ATTEMPTS_AT_MOST:
            self._give_up(letter, f"begun {letter.attempts - 1} times and never finished")
            self._lost()
            return False
        try:
            self._hand_in(letter, now)
        except Undelivered as failure:
            self._failed(letter, failure, now)
            if failure.away:
                raise
            return False
        self._settle(lambda: self._ledger.mark_letter_sent(letter.id, self._clock()))
        self.done.sent += 1
        metrics.letters.labels("sent").inc()
        log.info("letter sent", extra={"facts": _facts(letter)})
        return True

    def _hand_in(self, letter: Letter, now: datetime) -> None:
        try:
            count = self._ledger.tally(letter.petition_id).count
            written = write(letter, self._stationery, count=count)
            to = recipient(letter.email)
            mail = message(letter, written, self._stationery, to=to, now=now)
        except LedgerUnavailable:
            raise
        except Exception as error:
            log.exception("letter cannot be written", extra={"facts": _facts(letter)})
            raise Undelivered(f"it cannot be written: {type(error).__name__}") from error
        self._post.send(mail, to)

    def _failed(self, letter: Letter, failure: Undelivered, now: datetime) -> None:
        wait = None if failure.permanent else pause(letter.attempts, self._luck())
        facts = _facts(letter) | {"because": failure.reason}
        if wait is None:
            after = "" if failure.permanent else f"; {letter.attempts} attempts"
            self._give_up(letter, f"{failure.reason}{after}")
            self._lost()
            log.warning("letter given up", extra={"facts": facts})
            return
        self._settle(
            lambda: self._ledger.put_letter_off(
                letter.id, now + wait, worker=self._name, because=failure.reason
            )
        )
        self.done.put_off += 1
        metrics.letters.labels("put_off").inc()
        log.info("letter put off", extra={"facts": facts})

    def _lost(self) -> None:
        self.done.given_up += 1
        metrics.letters.labels("given_up").inc()

    def _give_up(self, letter: Letter, because: str) -> None:
        self._settle(lambda: self._ledger.give_letter_up(letter.id, worker=self._name, because=because))

    def _settle(self, note: Callable[[], object]) -> None:
        """Note what became of a letter, also when the ledger is gone for a moment.

        If it stays away the letter comes back when its time in this hand is over: at least once, never lost.
        """
        for wait in SETTLING:
            try:
                note()
            except LedgerUnavailable:
                time.sleep(wait)
            else:
                return
        note()


def _facts(letter: Letter) -> dict[str, object]:
    return {"letter": letter.id, "occasion": letter.occasion, "attempt": letter.attempts}
