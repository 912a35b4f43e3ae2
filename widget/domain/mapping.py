"""Which column of a file is what of a signature: ready for what others write, or by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from widget.domain.intake_refusals import MappingUnfit
from widget.domain.questionnaire import NAME
from widget.domain.sheet import COLUMNS

# What a column may be: as in an export, and `confirmed` and `consent`, yes or no, of files that have no
# better. A consent counts only with the day of signing beside it.
TARGETS = (*(name for name in COLUMNS if name != "id"), "confirmed", "consent")

# Their columns, by what they are of a signature. A consent without a date is none and is left out.
READY: dict[str, Mapping[str, str]] = {
    "export": {name: name for name in COLUMNS if name != "id"},
    "action-network": {
        "email": "email",
        "given_name": "first_name",
        "family_name": "last_name",
        "postal_code": "zip_code",
    },
    "pytition": {
        "email": "email",
        "given_name": "first_name",
        "family_name": "last_name",
        "confirmed": "confirmed",
    },
    "speakout": {
        "email": "Email Address",
        "given_name": "First Name",
        "family_name": "Last Name",
        "postal_code": "Post Code",
        "country": "Country",
        "comment": "Custom Message",
        "signed_at": "Date Signed",
        "confirmed": "Confirmed",
        "consent": "Email Opt-in",
        "lang": "Language",
    },
}


# What else columns are called, folded; for a file whose writer nobody knows.
_OTHERWISE = {
    "email": ("e-mail", "mail", "email address", "e-mail address", "mail address", "email_address"),
    "given_name": ("first name", "firstname", "first", "given name", "vorname", "prénom"),
    "family_name": ("last name", "lastname", "last", "surname", "family name", "nachname"),
    "postal_code": ("zip", "zip code", "zipcode", "postcode", "postal code", "post code", "plz"),
    "country": ("country code", "land", "pays"),
    "comment": ("comments", "message"),
    "signed_at": ("date signed", "signed at", "signed on", "created at", "created_at", "date"),
    "lang": ("language", "locale"),
}
_RECOGNISED_BY = 4  # columns that a file shares with a ready mapping, the address among them


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a line each part of a signature stands, counted from 0; `width` is how long a line is."""

    at: Mapping[str, int]
    width: int


def in_their_words(why: str, where: Places, head: Sequence[str]) -> str:
    """Say why a line was refused with the heading that its column has in this file, where it is about one."""
    target, space, rest = why.partition(" ")
    heading = head[where.at[target]].strip() if target in where.at else ""
    return f"{heading or target}{space}{rest}"


def ready(name: str, head: Sequence[str], own: Collection[str] = (), empty: Collection[str] = ()) -> Places:
    """Find the columns of a ready mapping; those that a file does not have are left out.

    `own` are the names of the questions that the petition asks, or asked once,
    `empty` those of other questions that nobody answered: they are left out. Raises MappingUnfit without a
    column for the address, and where an export has answers to a question that the petition never asked.
    """
    known = _positions(head)
    if name == "export":
        _refuse_strange_questions(head, {*own, *empty})
    wanted = {**READY[name], **({one: one for one in own} if name == "export" else {})}.items()
    return _complete(
        {target: known[_same(column)] for target, column in wanted if _same(column) in known}, head
    )


def by_hand(columns: Mapping[str, str], head: Sequence[str], own: Collection[str] = ()) -> Places:
    """Find the columns that somebody named; `own` as above. Raises MappingUnfit for one that is not there."""
    known = _positions(head)
    targets = (*TARGETS, *own)
    for target, column in columns.items():
        if target not in targets:
            raise MappingUnfit(f"'{target}' is no part of a signature; there are {', '.join(targets)}")
        if _same(column) not in known:
            raise MappingUnfit(f"the file has no column '{column}'; it has {', '.join(head)}")
    return _complete({target: known[_same(column)] for target, column in columns.items()}, head)


def strange(head: Sequence[str], own: Collection[str]) -> dict[str, int]:
    """Return where answers stand to questions that this petition never asked, by name."""
    names = enumerate(map(_same, head))
    return {name: at for at, name in names if NAME.fullmatch(name) and name not in own}


def _refuse_strange_questions(head: Sequence[str], own: Collection[str]) -> None:
    """Leave nobody's answers out without a word."""
    if names := strange(head, own):
        raise MappingUnfit(
            f"the file has answers to questions that this petition never asked: {', '.join(names)}. Add "
            "questions of these names first, or take these columns out of the file"
        )


def recognised(head: Sequence[str]) -> str | None:
    """Return the ready mapping that a file looks like most, None where it looks like none."""
    known = {_same(name) for name in head}

    def shared(name: str) -> tuple[float, int]:
        columns = READY[name]
        found = sum(_same(column) in known for column in columns.values())
        return (found / len(columns), found) if _same(columns["email"]) in known else (0.0, 0)

    best = max(READY, key=shared)
    return best if shared(best)[1] >= _RECOGNISED_BY else None


def suggested(head: Sequence[str], own: Collection[str] = ()) -> dict[str, int]:
    """Return which column is probably what, counted from 0: nothing is taken twice. `own` as above."""
    known: dict[str, int] = {}
    for position, name in enumerate(head):
        known.setdefault(_same(name), position)
    ready_made = recognised(head)
    names = {target: (target, *_OTHERWISE.get(target, ())) for target in TARGETS}
    if ready_made is not None:
        names |= {target: (_same(column),) for target, column in READY[ready_made].items()}
    names |= {name: (name,) for name in own}
    found: dict[str, int] = {}
    for target, called in names.items():
        here = [known[name] for name in called if name in known]
        if here and here[0] not in found.values():
            found[target] = here[0]
    return found


def by_position(columns: Mapping[str, int], head: Sequence[str], own: Collection[str] = ()) -> Places:
    """Find the columns that somebody chose by where they stand; `own` as above. Raises MappingUnfit."""
    for target, position in columns.items():
        if target not in (*TARGETS, *own) or not 0 <= position < len(head):
            raise MappingUnfit(f"'{target}' is no part of a signature, or there is no such column")
    return _complete(dict(columns), head)


def _complete(at: dict[str, int], head: Sequence[str]) -> Places:
    if "email" not in at:
        raise MappingUnfit(f"no column is the mail address; the file has {', '.join(head)}")
    return Places(at, len(head))


def _positions(head: Sequence[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for position, name in enumerate(head):
        if _same(name) in known:
            raise MappingUnfit(f"two columns are called '{name}'")
        known[_same(name)] = position
    return known


def _same(column: str) -> str:
    return " ".join(column.casefold().split())
