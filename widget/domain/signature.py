"""A signature and its life."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from widget.domain.folding import found_by
from widget.domain.question import Answers


class State(StrEnum):
    """Where a signature is in its life."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"
    ERASED = "erased"


# Only these are part of the number shown; the tally follows this set and nothing else.
COUNTABLE = frozenset({State.CONFIRMED})

# From each state, the states it may go to. Erasure is always possible and final. Whoever withdrew may
# come back to where they were.
MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.CONFIRMED, State.HELD, State.WITHDRAWN, State.INVALIDATED, State.ERASED}),
    State.HELD: frozenset({State.PENDING, State.CONFIRMED, State.WITHDRAWN, State.INVALIDATED, State.ERASED}),
    State.CONFIRMED: frozenset({State.HELD, State.WITHDRAWN, State.INVALIDATED, State.ERASED}),
    State.WITHDRAWN: frozenset({State.PENDING, State.HELD, State.CONFIRMED, State.INVALIDATED, State.ERASED}),
    State.INVALIDATED: frozenset({State.PENDING, State.CONFIRMED, State.HELD, State.ERASED}),
    State.ERASED: frozenset(),
}


def may_move(origin: State, target: State) -> bool:
    """Tell whether a signature may go from one state to another."""
    return target in MOVES[origin]


def weight(state: State) -> int:
    """Return what a signature in this state adds to the number: 1 or 0."""
    return int(state in COUNTABLE)


class Actor(StrEnum):
    """Who moved a signature."""

    SIGNER = "signer"
    ORGANISER = "organiser"
    SERVICE = "service"


def audit_column(origin: State, target: State, actor: Actor) -> str | None:
    """Return the column of the public audit that a move belongs in; None when the number stays.

    Whoever leaves by themselves has withdrawn, even if they also had their data erased; whatever is
    taken out by others was invalidated, even if it is only held for review.
    """
    change = weight(target) - weight(origin)
    if change == 0:
        return None
    if change > 0:
        return "confirmed"
    return "withdrawn" if actor is Actor.SIGNER else "invalidated"


class Occasion(StrEnum):
    """Why a letter is written; one mail template each."""

    RECEIPT = "receipt"
    CONFIRMATION = "confirmation"
    ALREADY = "already"
    REMINDER = "reminder"
    UPDATE = "update"


# A person who signs again and again gets a letter now and then, and at most this many (promise 10); updates,
# which only those get who asked for them, are apart.
LETTERS_AT_MOST = 5
LETTER_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Consent:
    """A yes to news, apart from signing: when, and to which words (promise 8)."""

    given_at: datetime
    wording: str


@dataclass(frozen=True, slots=True)
class Link:
    """Which signature a link opens. The moment tells it from another that came to have its number."""

    signature_id: int
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class NewSignature:
    """A signature about to be written. `email` is as typed; `canonical_email` makes it unique.

    `answers` are those to the organiser's own questions, by name; None for none at all.
    """

    petition_id: int
    text_version: str
    state: State
    email: str
    canonical_email: str
    signed_at: datetime
    lang: str
    given_name: str = ""
    family_name: str = ""
    country: str = ""
    postal_code: str = ""
    comment: str = ""
    show_name: bool = False
    consent: Consent | None = None
    source: str = ""
    page_url: str = ""
    network_key: str | None = None
    held_because: str | None = None
    answers: Answers | None = None

    @property
    def found_by(self) -> str:
        """Return what a search compares."""
        return found_by(self.given_name, self.family_name, self.canonical_email, self.page_url)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as the ledger holds it. The personal fields are empty after erasure."""

    id: int
    petition_id: int
    text_version: str
    state: State
    email: str
    canonical_email: str
    given_name: str
    family_name: str
    country: str
    postal_code: str
    comment: str
    show_name: bool
    consent: Consent | None
    lang: str
    source: str
    page_url: str
    signed_at: datetime
    confirmed_at: datetime | None
    moved_at: datetime
    network_key: str | None
    held_because: str | None = None
    answers: Answers | None = None

    @property
    def link(self) -> Link:
        """Return what a link to this signature says."""
        return Link(self.id, self.signed_at)
