"""The public audit, as JSON, as a table for a spreadsheet, and as a page."""

import csv
import io
import json
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, request

from widget import auditing, i18n
from widget.auditing import Audited, PublicAudit
from widget.web.edge import PUBLIC_HEADERS, parts
from widget.web.printing import printed
from widget.web.rendered import Body, answer
from widget.web.schemas import AuditAnswer

audits = Blueprint("audits", __name__)

# Added up over all days: not for every reader anew.
KEPT = "public, max-age=60, stale-while-revalidate=300, stale-if-error=3600"
COLUMNS = ("day", "added", "confirmed", "withdrawn", "invalidated", "corrected", "total", "source")
# A cell that begins so would be run as a formula by a spreadsheet (promise 16).
FORMULA = ("=", "+", "-", "@", "\t", "\r")

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
    before = 0
    for figure in found.carried_over:
        before += figure.count
        source = {"source": _safe(f"carried over: {figure.source}"), "total": before}
        lines.writerow({"day": figure.counted_on or "", **source})
    if found.paper:
        lines.writerow({"source": "on paper", "total": before + found.paper})
    lines.writerows(_facts(one) | {"source": "here"} for one in found.days)
    name = {"Content-Disposition": f'attachment; filename="{slug}-audit.csv"'}
    return _answer(sheet.getvalue().encode(), "text/csv; charset=utf-8", {**PUBLIC_HEADERS, **name})


@audits.get("/p/<slug>/audit")
def page(slug: str) -> Response:
    """Show how the number came about."""
    found = _audit(slug)
    lang = i18n.choose(request.args.get("lang"), found.petition.wordings[0].lang)
    wording = found.petition.wording(lang)
    body = printed("audit.html", lang, audit=found, petition=found.petition, wording=wording)
    return answer(body, KEPT)


def _audit(slug: str) -> PublicAudit:
    made = parts()
    return auditing.audit(slug, catalogue=made.catalogue, ledger=made.ledger)


def _facts(one: Audited) -> dict[str, Any]:
    """Return a day for the public. Repeats are among what came in: else a day would tell who had signed."""
    day = one.day
    return {
        "day": day.day,
        "added": day.added + day.repeated,
        "confirmed": day.confirmed,
        "withdrawn": day.withdrawn,
        "invalidated": day.invalidated,
        "corrected": day.corrected,
        "total": one.total,
    }


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _answer(plain: bytes, mimetype: str, headers: dict[str, str]) -> Response:
    return answer(Body(plain, f'W/"{sha256(plain).hexdigest()[:20]}"', mimetype), KEPT, headers)
