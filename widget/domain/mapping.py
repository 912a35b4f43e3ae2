"""Which column of a file is what of a signature: ready for what others write, or by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from widget.domain.questionnaire import NAME
from widget.domain.refusals import MappingUnfit
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


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a line each part of a signature stands, counted from 0; `width` is how long a line is."""

    at: Mapping[str, int]
    width: int


def ready(name: str, head: Sequence[str], own: Collection[str] = ()) -> Places:
    """Find the columns of a ready mapping; those that a file does not have are left out.

    `own` are the names of the questions that the petition asks, or asked once. Raises MappingUnfit without a
    column for the address, and where an export has answers to a question that the petition never asked.
    """
    known = _positions(head)
    if name == "export":
        _refuse_strange_questions(head, own)
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


def _refuse_strange_questions(head: Sequence[str], own: Collection[str]) -> None:
    """Leave nobody's answers out without a word."""
    strange = [name for name in map(_same, head) if NAME.fullmatch(name) and name not in own]
    if strange:
        raise MappingUnfit(
            f"the file has answers to questions that this petition never asked: {', '.join(strange)}. Add "
            "questions of these names first, or take these columns out of the file"
        )


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
