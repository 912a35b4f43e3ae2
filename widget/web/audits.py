"""The public audit, as JSON, as a table for a spreadsheet, and as a page."""

import csv
import io
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, request

from widget import auditing, i18n
from widget.auditing import Audited, PublicAudit
from widget.domain.audit import AuditDay
from widget.domain.paper import PaperEntry, paper_sum
from widget.domain.sheet import safe
from widget.web.edge import PUBLIC_HEADERS, parts
from widget.web.printing import moved, printed
from widget.web.rendered import Body, answer
from widget.web.schemas import AuditAnswer

audits = Blueprint("audits", __name__)

# Added up over all days: not for every reader anew.
KEPT = "public, max-age=60, stale-while-revalidate=300, stale-if-error=3600"
COLUMNS = (
    *("day", "added", "confirmed", "withdrawn", "invalidated", "corrected", "change", "total"),
    # Whoever reads by position finds what is new at the end.
    *("source", "counted_on", "reference", "imported"),
)

_AUDIT = AuditAnswer()


@audits.get("/api/v1/petitions/<slug>/audit")
def as_json(slug: str) -> Response:
    """Give the audit to a program."""
    found = _audit(slug)
    content = {
        "petition": found.petition.slug,
        "count": found.count,
        "carried_over": [
            {"count": figure.count, "source": figure.source, "counted_on": figure.counted_on}
            for figure in found.carried_over
        ],
        "paper": found.paper,
        "on_paper": [_paper_facts(entry) for entry in found.on_paper],
        "days": [_facts(one) for one in found.days],
    }
    plain = json.dumps(_AUDIT.dump(content), ensure_ascii=False, separators=(",", ":")).encode()
    return _answer(plain, "application/json", PUBLIC_HEADERS)


@audits.get("/api/v1/petitions/<slug>/audit.csv")
def as_table(slug: str) -> Response:
    """Give the audit to a spreadsheet: what was there before, then a line a day."""
    found = _audit(slug)
    sheet = io.StringIO()
    lines = csv.DictWriter(sheet, COLUMNS, restval="", lineterminator="\r\n")
    lines.writeheader()
    total = 0
    for line in _lines(found):
        total += line["change"]
        cells = line | {"total": total}
        lines.writerow({name: safe(cell) if isinstance(cell, str) else cell for name, cell in cells.items()})
    name = {"Content-Disposition": f'attachment; filename="{slug}-audit.csv"'}
    return _answer(sheet.getvalue().encode(), "text/csv; charset=utf-8", {**PUBLIC_HEADERS, **name})


@audits.get("/p/<slug>/audit")
def page(slug: str) -> Response:
    """Show how the number came about."""
    found = _audit(slug)
    if led := moved(slug, found.petition):
        return led
    lang = i18n.choose(request.args.get("lang"), found.petition.wordings[0].lang)
    wording = found.petition.wording(lang)
    body = printed("audit.html", lang, audit=found, petition=found.petition, wording=wording)
    return answer(body, KEPT)


def _audit(slug: str) -> PublicAudit:
    made = parts()
    return auditing.audit(slug, catalogue=made.catalogue, ledger=made.ledger)


def _lines(found: PublicAudit) -> Iterator[dict[str, Any]]:
    """Give the lines of the table: by how much each changes the number, so that all together are it."""
    for figure in found.carried_over:
        source = {"source": f"carried over: {figure.source}", "counted_on": figure.counted_on or ""}
        yield {"day": figure.counted_on or "", "change": figure.count, **source}
    for one in found.days:
        for entry in one.day.on_paper:
            yield {"day": one.day.day, **_paper_line(entry)}
        if one.day.happened_here:
            yield {**_day_facts(one.day), "change": one.day.change_here, "source": "here"}


def _paper_line(entry: PaperEntry) -> dict[str, Any]:
    figure = entry.figure
    what = "on paper" if entry.takes_back is None else "on paper, taken back"
    return {
        "change": figure.count,
        "source": f"{what}: {figure.place}",
        "counted_on": figure.collected_on,
        "reference": figure.reference,
    }


def _paper_facts(entry: PaperEntry) -> dict[str, Any]:
    """Return an entry about paper for the public: who recorded it, and notes, are the books' alone."""
    return {
        "number": entry.id,
        "count": entry.figure.count,
        "place": entry.figure.place,
        "collected_on": entry.figure.collected_on,
        "reference": entry.figure.reference,
        "recorded_at": entry.recorded_at,
        "takes_back": entry.takes_back,
    }


def _facts(one: Audited) -> dict[str, Any]:
    return _day_facts(one.day) | {"paper": paper_sum(one.day.on_paper), "total": one.total}


def _day_facts(day: AuditDay) -> dict[str, Any]:
    """Return a day for the public. Repeats are among what came in: else a day would tell who had signed."""
    return {
        "day": day.day,
        "added": day.added + day.repeated,
        "confirmed": day.confirmed,
        "imported": day.imported,
        "withdrawn": day.withdrawn,
        "invalidated": day.invalidated,
        "corrected": day.corrected,
    }


def _answer(plain: bytes, mimetype: str, headers: dict[str, str]) -> Response:
    return answer(Body(plain, f'W/"{sha256(plain).hexdigest()[:20]}"', mimetype), KEPT, headers)
