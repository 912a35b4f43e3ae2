"""The commands about petitions."""

from pathlib import Path
from typing import BinaryIO

import click

from config import Settings
from widget import organising
from widget.cli import telling
from widget.cli.refusing import RefusingGroup, parts
from widget.domain.page_lines import MAX_BYTES
from widget.domain.petition import Confirmation, Petition, slug_problem
from widget.domain.petition_page import lang_problem
from widget.domain.tally import Progress, progress_of

SAMPLE = Path(__file__).parents[1] / "samples" / "stop-bloodshed-in-artsakh.txt"

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")


def _checked_slug(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and (problem := slug_problem(value)):
        raise click.BadParameter(f"'{value}' {problem}")
    return value


def checked_lang(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Refuse what is no language tag."""
    if value is not None and (problem := lang_problem(value)):
        raise click.BadParameter(f"'{value}' {problem}")
    return value


@click.group(cls=RefusingGroup)
def petition() -> None:
    """Bring petitions in, look at them, count them again."""


@petition.command("import-page", short_help="Create a petition from a saved page.")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--slug", callback=_checked_slug, help="Address of the petition; made from its title if not given."
)
@click.option(
    "--lang",
    default="en",
    show_default=True,
    callback=checked_lang,
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
    made = parts()
    if dry_run:
        imported = organising.preview_page(data, ledger=made.ledger, slug=slug, lang=lang)
    else:
        imported = organising.import_page(
            data,
            ledger=made.ledger,
            now=made.clock(),
            slug=slug,
            lang=lang,
            confirmation=_confirmation(made.settings),
        )
    if as_json:
        telling.print_json(telling.imported_facts(imported, dry_run=dry_run))
    else:
        telling.print_imported(imported, dry_run=dry_run)


@petition.command("list", short_help="List every petition with its number.")
@as_json
def list_all(as_json: bool) -> None:
    """List every petition with its number."""
    found = [(one, _progress(one)) for one in parts().ledger.petitions()]
    if as_json:
        telling.print_json([telling.facts(one, progress) for one, progress in found])
    elif not found:
        click.echo("No petition yet. 'flask petition import-page FILE' brings one in.")
    else:
        rows = [
            (
                one.slug,
                telling.status(one),
                f"{progress.count:,}",
                f"{progress.goal:,}",
                one.wordings[0].title,
            )
            for one, progress in found
        ]
        click.echo(telling.table(("SLUG", "STATUS", "COUNT", "GOAL", "TITLE"), rows))


@petition.command(short_help="Show its facts, number and goal.")
@click.argument("slug")
@as_json
def show(slug: str, as_json: bool) -> None:
    """Show the petition SLUG: its facts, its number and where that comes from."""
    found = parts().ledger.petition(slug)
    progress = _progress(found)
    carried = parts().ledger.carried_over(found.id)
    if as_json:
        telling.print_json(
            telling.facts(found, progress) | {"carried_over": [telling.figure(one) for one in carried]}
        )
    else:
        click.echo(telling.table((), telling.rows(found, progress, carried)))


@petition.command(short_help="Count again and compare.")
@click.argument("slug")
@as_json
def recount(slug: str, as_json: bool) -> None:
    """Count the signatures of the petition SLUG again and correct its number."""
    made = parts()
    recounted = organising.recount(slug, ledger=made.ledger, counter=made.counter)
    before, after, drift = recounted.before.count, recounted.after.count, recounted.drift
    if as_json:
        telling.print_json({"slug": slug, "before": before, "after": after, "drift": drift})
    elif drift:
        click.echo(f"{slug}: corrected from {before:,} to {after:,}.")
    else:
        click.echo(f"{slug}: {after:,}, as it was.")


@petition.command("load-sample", short_help="Load the sample into an empty ledger.")
def load_sample() -> None:
    """Load the sample petition if the ledger has none at all."""
    made = parts()
    loaded = organising.load_sample(
        SAMPLE.read_bytes(),
        ledger=made.ledger,
        now=made.clock(),
        confirmation=_confirmation(made.settings),
    )
    if loaded is None:
        click.echo("The ledger has petitions: the sample was not loaded.")
    elif loaded.outcome == "same":
        click.echo(f"The sample '{loaded.slug}' was just loaded by another process: nothing changed.")
    else:
        click.echo(f"Loaded the sample '{loaded.slug}': {loaded.count} signatures, next goal {loaded.goal}.")


def _confirmation(settings: Settings) -> Confirmation:
    """Ask new petitions' signers to confirm as soon as a letter can reach them."""
    return Confirmation.NONE if settings.smtp_url is None else Confirmation.EMAIL


def _progress(of: Petition) -> Progress:
    return progress_of(of, parts().ledger.tally(of.id))
