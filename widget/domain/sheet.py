"""Signatures as lines of a table that goes out and comes in again without loss (promise 16).

A spreadsheet runs a cell that begins with certain characters as a formula. Such a cell gets an apostrophe in
front, which spreadsheets take for "this is text". So does one that begins with apostrophes before such a
character: taking one away again gives back what it was, whatever it was.
"""

import re
from collections.abc import Mapping
from datetime import datetime

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
_RUN = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_GUARD = re.compile(f"'*[{_RUN}]")
_GUARDED = re.compile(f"'+[{_RUN}]")


def safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    return f"'{cell}" if _GUARD.match(cell) else cell


def meant(cell: str) -> str:
    """Return what a cell was before `safe`, exactly."""
    return cell[1:] if _GUARDED.match(cell) else cell


def line_of(signature: Signature) -> tuple[str, ...]:
    """Return a signature as the cells of `COLUMNS`, safe to open."""
    cells = cells_of(signature)
    return tuple(safe(cells[name]) for name in COLUMNS)


def cells_of(signature: Signature) -> Mapping[str, str]:
    """Return the cells of a signature by column: moments in ISO 8601, all to the microsecond."""
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
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
