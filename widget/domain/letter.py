"""A letter in the outbox: whether it is still wanted, how long its link works, when to try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from widget.domain.language import Spoken
from widget.domain.signature import Link, Occasion, State
from widget.domain.update import Kind, Mailing

REMIND_AFTER = timedelta(days=2)  # once, while nobody has confirmed

# How long to wait after each failure that may pass. A server that sends strangers away at first lets them
# in within minutes; a full mailbox or a broken server takes hours. All together two days, as senders of
# mail do before they give a letter back.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
ATTEMPTS_AT_MOST = len(PAUSES) + 1
SPREAD = 0.25  # a pause is up to this part shorter or longer, so that letters do not come back as a crowd

NOT_NEEDED = "not needed: "  # how the reason begins for which a letter is given up that nobody missed
STOPPED = "the mailing was stopped"  # such a letter goes out after all when its mailing goes on

ASKS_TO_CONFIRM = frozenset({Occasion.CONFIRMATION, Occasion.REMINDER})
# A held signature gets the letters it would get if it were not held: the answer tells nobody.
_WANTED: dict[Occasion, frozenset[State]] = {
    Occasion.RECEIPT: frozenset({State.CONFIRMED, State.HELD}),
    Occasion.ALREADY: frozenset({State.CONFIRMED, State.HELD}),
    Occasion.CONFIRMATION: frozenset({State.PENDING, State.HELD, State.WITHDRAWN}),
    Occasion.REMINDER: frozenset({State.PENDING}),
    Occasion.UPDATE: frozenset({State.CONFIRMED}),
}


@dataclass(frozen=True, slots=True)
class News:
    """The update that a letter brings, in the organiser's words."""

    kind: Kind
    lang: str
    title: str
    text: str
    published_at: datetime
    mailing: Mailing


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with all it is written from. Of what the signer typed there is only the address.

    `attempts` counts those begun, this one included. `title`, `title_lang` and `addressed_to` are those of
    the wording that was signed. `email` is empty once the signature is erased. `news` is there in an
    update, and nowhere else.
    """

    id: int
    occasion: Occasion
    written_at: datetime
    attempts: int
    signature_id: int
    state: State
    moved_at: datetime
    confirmed_at: datetime | None
    signed_at: datetime
    email: str
    lang: str
    petition_id: int
    slug: str
    started_by: str
    title: str
    title_lang: str
    addressed_to: tuple[str, ...]
    thanks_text: Spoken = ()
    wants_news: bool = False
    news: News | None = None

    @property
    def link(self) -> Link:
        """Return what the links in it open."""
        return Link(self.signature_id, self.signed_at)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an operator may know of a letter: never to whom it goes."""

    id: int
    occasion: Occasion
    slug: str
    written_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    last_failure: str | None
    given_up_because: str | None


def needless(letter: Letter, now: datetime, confirm_within: timedelta) -> str | None:
    """Say why a letter need not go out any more, or None if it should."""
    if letter.state is State.ERASED or not letter.email:
        return "the signature is erased"
    if letter.state not in _WANTED[letter.occasion]:
        return f"the signature is {letter.state} by now"
    if letter.state is State.WITHDRAWN and letter.moved_at > letter.written_at:
        return "the signature was withdrawn after the letter was written"
    if letter.news is not None:
        return _needless_news(letter, letter.news)
    return _needless_asking(letter, now, confirm_within) if letter.occasion in ASKS_TO_CONFIRM else None


def _needless_news(letter: Letter, news: News) -> str | None:
    if not letter.wants_news:
        return "the signer wants no news any more"
    return STOPPED if news.mailing is Mailing.STOPPED else None


def _needless_asking(letter: Letter, now: datetime, confirm_within: timedelta) -> str | None:
    if letter.state is State.HELD and letter.confirmed_at is not None:
        return "the address is confirmed"
    return "its link has expired" if now >= letter.written_at + confirm_within else None


def pause(attempts: int, luck: float) -> timedelta | None:
    """Return how long to wait after so many attempts, None when it is time to give up.

    `luck` is a random number from 0 to 1.
    """
    if attempts >= ATTEMPTS_AT_MOST:
        return None
    return PAUSES[max(attempts, 1) - 1] * (1 - SPREAD + 2 * SPREAD * luck)
