"""The commands: what Omar and Anahit type. They print, and end with 0, with 1 for a no, with 2 for a slip.

`register` adds the groups to the app. A Refusal becomes words in one place, `Refusing`.
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from widget import organising, serving
from widget.domain.page_lines import MAX_BYTES
from widget.domain.petition import CarriedOver, Petition, slug_problem
from widget.domain.petition_page import lang_problem
from widget.domain.refusals import LedgerUnavailable, PetitionNotFound, Refusal
from widget.domain.tally import Progress, progress_of
from widget.organising import Imported
from widget.parts import Parts

SAMPLE = Path(__file__).parent / "samples" / "stop-bloodshed-in-artsakh.txt"

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")


class Refusing(AppGroup):
    """A group whose refusals end in one line on standard error and status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(_words(refusal)) from refusal


def register(app: Flask) -> None:
    """Add every group of commands to the app."""
    app.cli.add_command(petition)
    app.cli.add_command(ledger)
    app.cli.add_command(serve)


def _words(refusal: Refusal) -> str:
    if isinstance(refusal, PetitionNotFound):
        return "no petition has this slug; 'flask petition list' shows them all"
    if isinstance(refusal, LedgerUnavailable):
        return (
            "the ledger cannot be read or written now; nothing was stored. Check DATABASE_URL, and migrate it"
        )
    return refusal.detail or refusal.code.replace("_", " ")


def _parts() -> Parts:
    parts: Parts = current_app.extensions["support_now"]
    return parts


def _checked_slug(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and (problem := slug_problem(value)):
        raise click.BadParameter(f"'{value}' {problem}")
    return value


def _checked_lang(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if problem := lang_problem(value):
        raise click.BadParameter(f"'{value}' {problem}")
    return value


@click.group(cls=Refusing)
def petition() -> None:
    """Bring petitions in, look at them, count them again."""


@petition.command("import-page")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--slug", callback=_checked_slug, help="Address of the petition; made from its title if not given."
)
@click.option(
    "--lang",
    default="en",
    show_default=True,
    callback=_checked_lang,
    help="Language of the text, as a BCP 47 tag.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and store nothing.")
@as_json
def import_page(file: BinaryIO, slug: str | None, lang: str, dry_run: bool, as_json: bool) -> None:
    """Create a petition from FILE, a petition page saved as plain text ("-" reads standard input).

    Importing the same page again changes nothing. A different page for a petition that is already here
    is refused.
    """
    data = file.read(MAX_BYTES + 1)  # one byte more than may be is enough to see that it is too much
    parts = _parts()
    if dry_run:
        imported = organising.preview_page(data, ledger=parts.ledger, slug=slug, lang=lang)
    else:
        imported = organising.import_page(data, ledger=parts.ledger, now=parts.clock(), slug=slug, lang=lang)
    if as_json:
        _print_json(_imported_facts(imported, dry_run=dry_run))
    else:
        _print_imported(imported, dry_run=dry_run)


@petition.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List every petition with its number."""
    found = [(one, _progress(one)) for one in _parts().ledger.petitions()]
    if as_json:
        _print_json([_facts(one, progress) for one, progress in found])
    elif not found:
        click.echo("No petition yet. 'flask petition import-page FILE' brings one in.")
    else:
        rows = [
            (one.slug, _status(one), f"{progress.count:,}", f"{progress.goal:,}", one.wordings[0].title)
            for one, progress in found
        ]
        click.echo(_table(("SLUG", "STATUS", "COUNT", "GOAL", "TITLE"), rows))


@petition.command()
@click.argument("slug")
@as_json
def show(slug: str, as_json: bool) -> None:
    """Show the petition SLUG: its facts, its number and where that comes from."""
    found = _parts().ledger.petition(slug)
    progress = _progress(found)
    carried = _parts().ledger.carried_over(found.id)
    if as_json:
        _print_json(_facts(found, progress) | {"carried_over": [_figure(one) for one in carried]})
    else:
        click.echo(_table((), _rows(found, progress, carried)))


@petition.command()
@click.argument("slug")
@as_json
def recount(slug: str, as_json: bool) -> None:
    """Count the signatures of the petition SLUG again and correct its number."""
    parts = _parts()
    recounted = organising.recount(slug, ledger=parts.ledger, counter=parts.counter)
    before, after, drift = recounted.before.count, recounted.after.count, recounted.drift
    if as_json:
        _print_json({"slug": slug, "before": before, "after": after, "drift": drift})
    elif drift:
        click.echo(f"{slug}: corrected from {before:,} to {after:,}.")
    else:
        click.echo(f"{slug}: {after:,}, as it was.")


@petition.command("load-sample")
def load_sample() -> None:
    """Load the sample petition if the ledger has none at all."""
    parts = _parts()
    loaded = organising.load_sample(SAMPLE.read_bytes(), ledger=parts.ledger, now=parts.clock())
    if loaded is None:
        click.echo("The ledger has petitions: the sample was not loaded.")
    elif loaded.outcome == "same":
        click.echo(f"The sample '{loaded.slug}' was just loaded by another process: nothing changed.")
    else:
        click.echo(f"Loaded the sample '{loaded.slug}': {loaded.count} signatures, next goal {loaded.goal}.")


@click.group(cls=Refusing)
def ledger() -> None:
    """Look after the database that holds the signatures."""


@ledger.command()
def migrate() -> None:
    """Create the ledger, or bring it up to date; several processes may do so at once."""
    serving.migrate(_parts().settings)
    click.echo("The ledger is up to date.")


@click.command()
@click.pass_context
@with_appcontext
def serve(ctx: click.Context) -> None:
    """Serve: ledger up to date, sample loaded into an empty one, addresses printed, then gunicorn."""
    settings = _parts().settings
    try:
        serving.refuse_taken_port(settings.host, settings.port)
    except serving.PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
    serving.migrate(settings)
    ctx.invoke(load_sample)
    click.echo(serving.greeting(settings, SAMPLE.stem))
    serving.serve()


def _progress(of: Petition) -> Progress:
    return progress_of(of, _parts().ledger.tally(of.id))


def _status(of: Petition) -> str:
    return of.status_at(_parts().clock()).value


def _address(slug: str) -> str:
    return f"{_parts().settings.public_url}/p/{slug}"


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_imported(imported: Imported, *, dry_run: bool) -> None:
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


def _imported_facts(imported: Imported, *, dry_run: bool) -> dict[str, object]:
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


def _facts(of: Petition, progress: Progress) -> dict[str, object]:
    wording = of.wordings[0]
    return {
        "slug": of.slug,
        "title": wording.title,
        "addressed_to": list(wording.addressed_to),
        "started_by": of.started_by,
        "started_on": _day(of.started_on),
        "status": _status(of),
        "confirmation": of.confirmation.value,
        "decision_makers": of.decision_makers,
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


def _rows(of: Petition, progress: Progress, carried: Sequence[CarriedOver]) -> list[tuple[str, str]]:
    wording = of.wordings[0]
    return [
        ("title", wording.title),
        ("addressed to", ", ".join(wording.addressed_to)),
        ("started by", of.started_by),
        ("started on", _day(of.started_on) or "not known"),
        ("status", _status(of)),
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
        ("languages", ", ".join(one.lang for one in of.wordings)),
        ("text version", wording.text_version),
    ]


def _figure(carried: CarriedOver) -> dict[str, object]:
    return {"count": carried.count, "source": carried.source, "counted_on": _day(carried.counted_on)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
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
