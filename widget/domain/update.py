"""An update: a word from the organiser to those who signed, on the petition's page and by mail.

# The council has met
It will come back to the mill in June. ...
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from widget.domain.page_letter import MAX_TEXT
from widget.domain.page_lines import page_lines
from widget.domain.refusals import PageUnreadable
from widget.domain.wording_page import opening_title

FEED_EVERY = timedelta(seconds=10)  # a mailing goes out in steps about this long
STEP_AT_MOST = timedelta(minutes=1)  # at the slowest pace, one letter a minute


class Kind(StrEnum):
    """What an update is: news, or what the addressee answered."""

    UPDATE = "update"
    ANSWER = "answer"


class Mailing(StrEnum):
    """How far an update is on its way to the signers who asked for news."""

    NONE = "none"
    GOING = "going"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class UpdateDraft:
    """What an organiser writes. `text` is Markdown; `lang` is the BCP 47 tag of its language."""

    kind: Kind
    lang: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Update:
    """An update as the ledger holds it. `mailed` is how many letters were written for it so far."""

    id: int
    petition_id: int
    kind: Kind
    lang: str
    title: str
    text: str
    created_at: datetime
    tested_at: datetime | None
    published_at: datetime | None
    mailing: Mailing
    mailed: int


@dataclass(frozen=True, slots=True)
class Course:
    """How far a mailing is. Every number is one of letters, each to one signer.

    `unwritten` are still to be written, at most; `waiting` are written and not sent; `failed` were given up;
    `needless` were not needed any more. `stepped_at` is when the last ones were written, and `mailings` how
    many go out now and share the pace, this one among them.
    """

    written: int
    unwritten: int
    waiting: int
    failed: int
    needless: int
    stepped_at: datetime | None
    mailings: int

    @property
    def sent(self) -> int:
        """How many were handed to the mail server."""
        return max(self.written - self.waiting - self.failed - self.needless, 0)

    def minutes_left(self, per_minute: int) -> int:
        """Return about how many minutes it goes on at a pace that all mailings share."""
        return minutes((self.unwritten + self.waiting) * max(self.mailings, 1), per_minute)


def minutes(letters: int, per_minute: int) -> int:
    """Return how many minutes so many letters take, begun ones counted."""
    return -(-letters // per_minute)


def version(update: UpdateDraft | Update) -> str:
    """Identify an update by its words, so that an edit of older ones is noticed."""
    said = repr((update.kind.value, update.lang, update.title, update.text))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def read_update(data: bytes, *, lang: str, kind: Kind) -> UpdateDraft:
    """Read an update from a file: a line "# TITLE", and the text below it. Raises PageUnreadable."""
    title, rest = opening_title(page_lines(data, markdown=True))
    text = "\n".join(line.text for line in rest).strip("\n").rstrip()
    if not text:
        raise PageUnreadable("the text is missing: write it below the title")
    if len(text) > MAX_TEXT:
        raise PageUnreadable(f"the text is longer than {MAX_TEXT:,} characters: shorten it")
    return UpdateDraft(kind, lang, title, text)


def step(per_minute: int) -> tuple[int, timedelta]:
    """Return how many letters of a mailing are written at a time, and how long after that the next ones."""
    letters = max(1, int(per_minute * (FEED_EVERY / timedelta(minutes=1))))
    return letters, timedelta(minutes=letters / per_minute)
