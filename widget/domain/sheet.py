"""Signatures as lines of a table that goes out and comes in again without loss (promise 16).

A spreadsheet runs a cell that begins with certain characters as a formula. Such a cell gets an apostrophe in
front, which spreadsheets take for "this is text". Where a cell begins is the reader's to say, though: one
whose list separator is the semicolon or the tab cuts our cells there, and at line ends, whatever the quotes
say. So what follows these inside a cell gets its apostrophe too. Taking them away again gives back what it
was, whatever it was: apostrophes that were there already never change whether one is added.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace

from widget.domain.question import Question
from widget.domain.signature import Signature, State

# In this order; docs/organising.md says what each one is.
COLUMNS = (
    *("id", "state", "email", "given_name", "family_name", "country", "postal_code", "comment", "show_name"),
    *("consent_at", "consent_wording", "lang", "source", "page_url", "text_version"),
    *("signed_at", "confirmed_at", "moved_at", "held_because"),
)
# Who was erased is in no export: nothing of them is left but that there was somebody.
EXPORTED = frozenset(State) - {State.ERASED}
YES, NO = "yes", "no"

# What a spreadsheet may run, the wide forms that some keyboards write among it.
_RUN = "=+\\-@\uff1d\uff0b\uff0d\uff20"
# What may stand between the beginning of a cell and that: separators, blanks, quotes, our own apostrophes.
_GAP = ";\\s\"'"
# Whole gaps alone, each looked at once, however long; and whether something to run comes after.
_EDGES = re.compile(f"(?<![{_GAP}])([{_GAP}]++)(?=([{_RUN}]?))")
_BEGINS = re.compile("[;\t\r\n]")
_GUARDED = re.compile("([;\t\r\n])'")
# Most cells, and there are millions: nothing at their beginning, and no other beginning inside.
_PLAIN = re.compile(f"(?:[^{_RUN}{_GAP}][^;\t\r\n]*+)?")
_START = ";"  # the beginning of a cell is like that after a separator


def safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs, whichever of `,` `;` and tab it takes for the separator."""
    return _at_edges(cell, lambda gap: _BEGINS.sub(r"\g<0>'", gap))


def meant(cell: str) -> str:
    """Return what a cell was before `safe`, exactly."""
    return _at_edges(cell, lambda gap: _GUARDED.sub(r"\1", gap))


def _at_edges(cell: str, change: Callable[[str], str]) -> str:
    """Change each gap up to what a cell must not begin with: a formula after it, a tab or line end in it."""

    def changed(edge: re.Match[str]) -> str:
        gap, run = edge.groups()
        blanks = "\t\r" if edge.start() else "\t\r\n"  # an empty line inside a text is no cell
        upto = len(gap) if run else max(map(gap.rfind, blanks))
        return change(gap[:upto]) + gap[upto:] if upto > 0 else gap

    if _PLAIN.fullmatch(cell):
        return cell
    return _EDGES.sub(changed, _START + cell)[len(_START) :]


def columns_of(questions: Iterable[Question]) -> tuple[str, ...]:
    """Return `COLUMNS` with one more for each question that a petition asks, or asked once."""
    return (*COLUMNS, *(one.name for one in questions))


def line_of(signature: Signature, columns: Sequence[str] = COLUMNS) -> tuple[str, ...]:
    """Return a signature as the cells of these columns, safe to open."""
    cells = cells_of(signature)
    return tuple(safe(cells.get(name, "")) for name in columns)


def written(lines: Iterable[Sequence[str]]) -> bytes:
    """Return lines of cells, which are safe already, as a table: UTF-8, with the ends of RFC 4180."""
    pieces: list[str] = []
    csv.writer(SimpleNamespace(write=pieces.append), lineterminator="\r\n").writerows(lines)
    return "".join(pieces).encode()


def cells_of(signature: Signature) -> Mapping[str, str]:
    """Return the cells of a signature by column: moments in ISO 8601, all to the microsecond.

    Of the organiser's own questions there are those that were answered.
    """
    one, consent = signature, signature.consent
    return {
        "id": str(one.id),
        "state": one.state.value,
        "email": one.email,
        "given_name": one.given_name,
        "family_name": one.family_name,
        "country": one.country,
        "postal_code": one.postal_code,
        "comment": one.comment,
        "show_name": YES if one.show_name else NO,
        "consent_at": _moment(consent.given_at) if consent else "",
        "consent_wording": consent.wording if consent else "",
        "lang": one.lang,
        "source": one.source,
        "page_url": one.page_url,
        "text_version": one.text_version,
        "signed_at": _moment(one.signed_at),
        "confirmed_at": _moment(one.confirmed_at),
        "moved_at": _moment(one.moved_at),
        "held_because": one.held_because or "",
        **{name: YES if said is True else str(said) for name, said in (one.answers or {}).items()},
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
