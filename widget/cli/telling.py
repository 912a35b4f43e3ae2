"""What the commands print: words in aligned columns, or JSON."""

import json
from collections.abc import Sequence
from datetime import date

import click

from widget.cli.refusing import parts
from widget.domain.petition import CarriedOver, Petition
from widget.domain.picture import Rendition
from widget.domain.tally import Progress
from widget.organising import Imported, Worded


def print_json(value: object) -> None:
    """Print any of the facts below as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_imported(imported: Imported, *, dry_run: bool) -> None:
    """Print what became of a page, or would."""
    verb = {
        (False, "new"): "Imported",
        (False, "same"): "Already imported, nothing changed",
        (True, "new"): "Would import (nothing was stored)",
        (True, "same"): "Already imported, nothing would change",
    }[dry_run, imported.outcome]
    click.echo(f"{verb}: {imported.title}")
    click.echo(
        f"  {imported.count:,} signatures, {imported.carried_over:,} of them carried over from the page"
    )
    click.echo(f"  next goal {imported.goal:,}")
    click.echo(f"  {_address(imported.slug)}")
    for note in imported.notes:
        click.echo(f"  note: {note}")


def imported_facts(imported: Imported, *, dry_run: bool) -> dict[str, object]:
    """Return what became of a page, or would, for JSON."""
    return {
        "outcome": imported.outcome,
        "stored": imported.outcome == "new" and not dry_run,
        "slug": imported.slug,
        "title": imported.title,
        "count": imported.count,
        "goal": imported.goal,
        "carried_over": imported.carried_over,
        "url": _address(imported.slug),
        "notes": list(imported.notes),
    }


def worded_facts(worded: Worded) -> dict[str, object]:
    """Return what became of a wording, for JSON."""
    return {
        "outcome": worded.outcome,
        "slug": worded.petition.slug,
        "lang": worded.wording.lang,
        "title": worded.wording.title,
        "text_version": worded.wording.text_version,
        "languages": [one.lang for one in worded.petition.wordings],
        "url": f"{_address(worded.petition.slug)}?lang={worded.wording.lang}",
    }


def facts(of: Petition, progress: Progress) -> dict[str, object]:
    """Return a petition for JSON, with the same names as in the public API where it has them."""
    wording = of.wordings[0]
    return {
        "slug": of.slug,
        "title": wording.title,
        "addressed_to": list(wording.addressed_to),
        "started_by": of.started_by,
        "started_on": _day(of.started_on),
        "status": status(of),
        "confirmation": of.confirmation.value,
        "decision_makers": of.decision_makers,
        "closes_at": of.closes_at.isoformat() if of.closes_at else None,
        "allowed_sites": list(of.allowed_origins),
        "thanks_url": of.thanks_url,
        "thanks": dict(of.thanks_text),
        "privacy_contact": of.privacy_contact,
        "public_signers": of.public_signers,
        "picture": picture_facts(of),
        "languages": [one.lang for one in of.wordings],
        "text_version": wording.text_version,
        "url": _address(of.slug),
        "progress": {
            "count": progress.count,
            "goal": progress.goal,
            "ratio": progress.ratio,
            "goal_kind": progress.goal_kind.value,
            "of_which": {
                "here": progress.here,
                "carried_over": progress.carried_over,
                "paper": progress.paper,
            },
        },
    }


def rows(of: Petition, progress: Progress, carried: Sequence[CarriedOver]) -> list[tuple[str, str]]:
    """Return a petition as rows of a name and a value."""
    wording = of.wordings[0]
    return [
        ("title", wording.title),
        ("addressed to", ", ".join(wording.addressed_to)),
        ("started by", of.started_by),
        ("started on", _day(of.started_on) or "not known"),
        ("status", status(of)),
        ("address", _address(of.slug)),
        ("count", f"{progress.count:,}"),
        ("next goal", f"{progress.goal:,} ({progress.goal_kind.value})"),
        ("given here", f"{progress.here:,}"),
        ("on paper", f"{progress.paper:,}"),
        *(
            (
                "carried over",
                f"{one.count:,} from {one.source}, counted on {_day(one.counted_on) or 'a day not known'}",
            )
            for one in carried
        ),
        ("decision makers", "not known" if of.decision_makers is None else f"{of.decision_makers:,}"),
        *([("closes at", f"{of.closes_at:%Y-%m-%d %H:%M:%S} UTC")] if of.closes_at else []),
        *([("sites", ", ".join(of.allowed_origins))] if of.allowed_origins else []),
        *([("thanks page", of.thanks_url)] if of.thanks_url else []),
        *((f"thanks ({lang})", " / ".join(words.splitlines())) for lang, words in of.thanks_text),
        *([("privacy contact", of.privacy_contact)] if of.privacy_contact else []),
        *([("list of signers", "public")] if of.public_signers else []),
        *([("picture", of.picture.described()[0] or "decorates")] if of.picture else []),
        ("languages", ", ".join(one.lang for one in of.wordings)),
        ("text version", wording.text_version),
    ]


def picture_facts(of: Petition) -> dict[str, object] | None:
    """Return a petition's picture for JSON, None without."""
    known = of.picture
    if known is None:
        return None
    return {
        "descriptions": dict(known.descriptions),
        "credit": known.credit,
        "sizes": [
            {"url": _picture_url(one), "for": one.purpose, "width": one.width, "height": one.height}
            for one in known.renditions
        ],
    }


def picture_rows(of: Petition) -> list[tuple[str, str]]:
    """Return a petition's picture as rows of a name and a value."""
    known = of.picture
    if known is None:
        return []
    return [
        *((f"shows ({lang})", words) for lang, words in known.descriptions),
        *([] if known.descriptions else [("shows", "nothing that the text does not say: it decorates")]),
        *([("credit", known.credit)] if known.credit else []),
        *((f"{one.width} x {one.height}", _picture_url(one)) for one in known.renditions),
    ]


def figure(carried: CarriedOver) -> dict[str, object]:
    """Return a figure from elsewhere for JSON."""
    return {"count": carried.count, "source": carried.source, "counted_on": _day(carried.counted_on)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align columns: figures to the right, words to the left."""
    lines = [head, *rows] if head else rows
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    figures = [
        bool(head) and all(row[i].replace(",", "").isdigit() for row in rows) for i in range(len(widths))
    ]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, figures, strict=True)
        ).rstrip()
        for line in lines
    )


def status(of: Petition) -> str:
    """Return what a petition is right now: a passed closing date closes it."""
    return of.status_at(parts().clock()).value


def _address(slug: str) -> str:
    return f"{parts().settings.public_url}/p/{slug}"


def _picture_url(rendition: Rendition) -> str:
    return f"{parts().settings.public_url}/pictures/{rendition.name}"
