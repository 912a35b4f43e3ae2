"""An update: a word from the organiser to those who signed, on the petition's page and by mail.

# The council has met
It will come back to the mill in June. ...
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from widget.domain.page_letter import MAX_TEXT
from widget.domain.page_lines import page_lines
from widget.domain.refusals import PageUnreadable
from widget.domain.wording_page import opening_title

FEED_EVERY = timedelta(seconds=10)  # a mailing goes out in steps about this long


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
