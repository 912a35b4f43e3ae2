"""A line of a file becomes a signature, under the same rules as what is typed into the form."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from widget.domain.address import canonical
from widget.domain.countries import COUNTRIES
from widget.domain.form import BUILT_IN
from widget.domain.mapping import Places
from widget.domain.petition import Petition
from widget.domain.question import ANSWER_LENGTH, Answer, Answers
from widget.domain.sheet import EXPORTED, meant
from widget.domain.signature import Consent, NewSignature, State, weight
from widget.domain.typed import UNREADABLE_LINE, UNREADABLE_TEXT, UNSEEN

_YES = frozenset({"yes", "y", "true", "t", "1", "on", "x", "confirmed"})
_NO = frozenset({"no", "n", "false", "f", "0", "off", "", "unconfirmed"})
# Lengths of what no form asks for, in characters; the others are the form's own.
_LIMITS = {"consent_wording": 2_000, "lang": 35, "source": 100, "page_url": 2_000, "held_because": 20}
_QUOTED = re.compile(r" '.*'")
TEXT = frozenset({"comment", "consent_wording"})  # may have several lines


@dataclass(frozen=True, slots=True)
class Import:
    """One file that was brought in: where it is from, who brought it, how far it is.

    `last_row` is the last line of data that was dealt with, `merged` are those who had signed before.
    """

    id: int
    petition_id: int
    file_name: str
    fingerprint: str
    mapping: Mapping[str, str]
    recorded_by: str
    recorded_at: datetime
    last_row: int = 0
    added: int = 0
    merged: int = 0
    refused: int = 0
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Struck:
    """How many signatures of an import reviews have struck, the last of them when; and how many are left."""

    count: int
    batches: tuple[str, ...]
    at: datetime
    left: int = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """A signature from elsewhere; its first life was there."""

    new: NewSignature
    confirmed_at: datetime | None
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to read a line. `state` overrules the file; None takes what the file says.

    `in_ascii` checks an address as the form does, and raises ValueError; `countries` has codes by name in
    lower case. `now` is for what has no date. `own` are the petition's own questions, with their types.
    """

    petition: Petition
    places: Places
    state: State | None
    in_ascii: Callable[[str], str]
    countries: Mapping[str, str]
    file_name: str
    now: datetime
    own: Mapping[str, str] = field(default_factory=dict)


class LineRefused(Exception):
    """A line is no signature that can be taken; the words say why."""


def reason(words: str) -> str:
    """Return why a line was refused without what stood in it, so that like is counted with like."""
    return _QUOTED.sub("", words).removesuffix(":")


def read(line: Sequence[str], how: Reading) -> Incoming:
    """Return the signature of a line. Raises LineRefused with the first thing that is wrong."""
    if len(line) != how.places.width:
        raise LineRefused(f"has {len(line)} cells, the first line has {how.places.width}")
    cells = {target: _text(target, line[position], how) for target, position in how.places.at.items()}
    email, plain = _address(cells["email"], how)
    signed_at = _moment("signed_at", cells, how) or how.now
    state = _state(cells, how)
    confirmed_at = _moment("confirmed_at", cells, how) or (signed_at if weight(state) else None)
    new = NewSignature(
        petition_id=how.petition.id,
        text_version=_wording(cells.get("text_version", ""), how),
        state=state,
        email=email,
        canonical_email=canonical(plain),
        signed_at=signed_at,
        lang=cells.get("lang", "").replace("_", "-") or how.petition.wordings[0].lang,
        given_name=cells.get("given_name", ""),
        family_name=cells.get("family_name", ""),
        country=_country(cells.get("country", ""), how),
        postal_code=cells.get("postal_code", ""),
        comment=cells.get("comment", ""),
        show_name=_yes("show_name", cells),
        consent=_consent(cells, how),
        source=cells.get("source", ""),
        page_url=_page_url(cells.get("page_url", "")),
        held_because=cells.get("held_because") or None,
        answers=_answers(cells, how),
    )
    return Incoming(new, confirmed_at, _moment("moved_at", cells, how) or signed_at)


def _answers(cells: Mapping[str, str], how: Reading) -> Answers | None:
    """Return the answers as they once were: options and lengths may have been others then."""
    found: dict[str, Answer] = {}
    for name, kind in how.own.items():
        if kind == "checkbox" and name in cells:
            if _yes(name, cells):
                found[name] = True
        elif said := cells.get(name):
            found[name] = said
    return found or None


def _text(target: str, cell: str, how: Reading) -> str:
    typed = meant(cell).replace("\r\n", "\n").strip()
    if typed.isascii() and typed.isprintable():  # most cells, and there are millions
        text = typed
    elif (UNREADABLE_TEXT if target in TEXT or target in how.own else UNREADABLE_LINE).search(typed):
        raise LineRefused(f"{target} holds what cannot be read")
    else:
        text = unicodedata.normalize("NFC", typed)
    limit = _LIMITS.get(target) or (BUILT_IN[target].maxlength if target in BUILT_IN else None)
    if target in how.own:
        limit = ANSWER_LENGTH
    if limit is not None and len(text) > limit:
        raise LineRefused(f"{target} is longer than {limit} characters")
    return text


def _address(typed: str, how: Reading) -> tuple[str, str]:
    if not typed:
        raise LineRefused("email is missing")
    try:
        if UNSEEN.search(typed):
            raise ValueError
        return typed, how.in_ascii(typed)
    except ValueError as error:
        raise LineRefused("email is no mail address") from error


def _state(cells: Mapping[str, str], how: Reading) -> State:
    if how.state is not None:
        return how.state
    if said := cells.get("state", "").lower():
        if said not in EXPORTED:
            raise LineRefused(f"state '{said}' is not known")
        return State(said)
    if "confirmed" not in cells:
        raise LineRefused("nothing says whether it is confirmed")
    return State.CONFIRMED if _yes("confirmed", cells) else State.PENDING


def _yes(target: str, cells: Mapping[str, str]) -> bool:
    said = cells.get(target, "").lower()
    if said not in _YES | _NO:
        raise LineRefused(f"{target} is neither yes nor no: '{said[:20]}'")
    return said in _YES


def _moment(target: str, cells: Mapping[str, str], how: Reading) -> datetime | None:
    said = cells.get(target, "")
    if not said:
        return None
    try:
        at = datetime.fromisoformat(said)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise LineRefused(
            f"{target} is no moment like 2026-05-31 or 2026-05-31 14:05: '{said[:40]}'"
        ) from error
    if at > how.now:
        raise LineRefused(f"{target} is in the future")
    return at


def _country(said: str, how: Reading) -> str:
    code = said.upper() if len(said) <= 2 else how.countries.get(said.lower(), "")
    if said and code not in COUNTRIES:
        raise LineRefused(f"country '{said[:40]}' is not known; two letters are best")
    return code


def _wording(said: str, how: Reading) -> str:
    if said and said not in how.petition.text_versions:
        raise LineRefused("text_version is none of this petition's wordings")
    return said or how.petition.wordings[0].text_version


def _consent(cells: Mapping[str, str], how: Reading) -> Consent | None:
    """Return a consent that the file can date; any other is none: nobody could show it later."""
    at = _moment("consent_at", cells, how)
    if at is None and _yes("consent", cells):
        at = _moment("signed_at", cells, how)
    return Consent(at, cells.get("consent_wording") or f"As imported from {how.file_name}") if at else None


def _page_url(said: str) -> str:
    if said and not said.startswith(("https://", "http://")):
        raise LineRefused("page_url is no address of a page")
    return said
