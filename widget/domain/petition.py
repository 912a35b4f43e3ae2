"""A petition, its states and its wordings."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from widget.domain.form import STANDARD_FORM, Field
from widget.domain.goal import DEFAULT_LADDER, GoalKind
from widget.domain.language import Spoken, fitting, spoken
from widget.domain.picture import Picture
from widget.domain.question import Question
from widget.domain.refusals import OriginNotAllowed, PetitionClosed

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LENGTH = 80
RESERVED = frozenset({"new"})  # /manage/petitions/new


class Status(StrEnum):
    """Where a petition is in its life."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    DELIVERED = "delivered"


class Confirmation(StrEnum):
    """When a signature counts: at once, or when its address was confirmed by mail."""

    NONE = "none"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Wording:
    """What is signed, word for word, in one language. `text` and `appendix` are Markdown."""

    lang: str
    title: str
    addressed_to: tuple[str, ...]
    text: str
    appendix: str = ""

    @property
    def text_version(self) -> str:
        """Identify the wording by its content: 128 bits of SHA-256 as 32 hexadecimal digits."""
        return _fingerprint(self)


@lru_cache(maxsize=256)  # asked for with every signature, and long
def _fingerprint(wording: Wording) -> str:
    content = [wording.lang, wording.title, list(wording.addressed_to), wording.text, wording.appendix]
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """Signatures collected elsewhere before, as one figure with where it is from (promise 15)."""

    count: int
    source: str
    counted_on: date | None = None


@dataclass(frozen=True, slots=True)
class PetitionDraft:
    """All it takes to create a petition."""

    slug: str
    wording: Wording
    started_by: str
    started_on: date | None = None
    status: Status = Status.OPEN
    confirmation: Confirmation = Confirmation.NONE
    goal_kind: GoalKind = GoalKind.LADDER
    goal_aim: int | None = None
    ladder: tuple[int, ...] = DEFAULT_LADDER
    form: tuple[Field, ...] = STANDARD_FORM
    allowed_origins: tuple[str, ...] = ()
    closes_at: datetime | None = None
    decision_makers: int | None = None
    carried_over: CarriedOver | None = None


@dataclass(frozen=True, slots=True)
class Petition:
    """A petition as the ledger holds it.

    `wordings` are the current ones, one a language, the default language first. `text_versions` are
    the hashes of all it ever had. `revision` rises with every change of anything here.
    `allowed_origins` empty means every site; else lower-case origins like https://example.org.
    `questions` are the organiser's own, removed ones among them; those that are asked stand in `form`, too.
    `thanks_url` is the organiser's own page for those who have signed, `thanks_text` their own words to them.
    `privacy_contact` is empty where
    the operator's holds. Once its signers are anonymised a petition stays closed: nobody could tell any
    more who has signed it. `organisation_id` is whose it is.
    """

    id: int
    slug: str
    status: Status
    started_by: str
    started_on: date | None
    confirmation: Confirmation
    goal_kind: GoalKind
    goal_aim: int | None
    ladder: tuple[int, ...]
    form: tuple[Field, ...]
    allowed_origins: tuple[str, ...]
    closes_at: datetime | None
    decision_makers: int | None
    revision: int
    wordings: tuple[Wording, ...]
    text_versions: frozenset[str]
    thanks_url: str | None = None
    privacy_contact: str = ""
    public_signers: bool = False
    anonymised_at: datetime | None = None
    organisation_id: int = 0
    questions: tuple[Question, ...] = ()
    picture: Picture | None = None
    thanks_text: Spoken = ()

    def wording(self, *wanted: str | None) -> Wording:
        """Return the current wording in the first language wanted that there is, else the default one.

        Each is a BCP 47 tag in any case: "hy-AM" finds "hy", and "pt" finds "pt-BR".
        """
        if len(self.wordings) == 1:  # most petitions, and every reader asks
            return self.wordings[0]
        by_lang = {wording.lang: wording for wording in self.wordings}
        lang = fitting(by_lang, *wanted)
        return self.wordings[0] if lang is None else by_lang[lang]

    def thanks(self, *wanted: str | None) -> tuple[str, str]:
        """Return the organiser's own thanks and their language, as the wording's; empty for none."""
        lang, words = spoken(self.thanks_text, *wanted)
        return words, lang

    def status_at(self, now: datetime) -> Status:
        """Return the status, counting a passed closing date as closed."""
        over = self.anonymised_at is not None or (self.closes_at is not None and now >= self.closes_at)
        return Status.CLOSED if self.status is Status.OPEN and over else self.status

    def refuse_unless_open(self, now: datetime) -> None:
        """Raise PetitionClosed unless signatures are taken at `now`."""
        if self.status_at(now) is not Status.OPEN:
            raise PetitionClosed(self.slug)

    def refuse_foreign_origin(self, origin: str | None, *, own: str) -> None:
        """Raise OriginNotAllowed when the organiser's list of sites does not have `origin`.

        `origin` is the request's Origin header, None when there was none (a form of our own page in
        an old browser, or a program, which could write any header it likes); `own` is ours.
        """
        if not self.allowed_origins or origin is None or origin == own:
            return
        if origin.lower() not in self.allowed_origins:
            raise OriginNotAllowed(origin)


def slug_problem(slug: str) -> str | None:
    """Say what is wrong with a slug, or None."""
    if len(slug) > SLUG_LENGTH:
        return f"is longer than {SLUG_LENGTH} characters"
    if slug in RESERVED:
        return "is taken by the console"
    if not SLUG.fullmatch(slug):
        return "may hold only a-z, 0-9 and single hyphens between them"
    return None
