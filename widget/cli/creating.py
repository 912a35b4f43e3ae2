"""The command that begins a petition from a file."""

from typing import BinaryIO

import click
from flask.cli import with_appcontext

from widget import organising
from widget.cli import telling
from widget.cli.petitions import as_json, checked_lang
from widget.cli.refusing import parts
from widget.domain import editing
from widget.domain.page_lines import MAX_BYTES
from widget.domain.petition import Confirmation, PetitionDraft, Status
from widget.domain.tally import progress_of
from widget.domain.wording_page import read_wording


def register(petition: click.Group) -> None:
    """Add this command to those about petitions."""
    petition.add_command(create)
    petition.add_command(rename)


@click.command("create", short_help="Begin a petition with a text of yours.")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--started-by",
    required=True,
    is_eager=True,  # looked at before FILE is opened, as the next one
    help="Who starts it, as everybody reads it.",
)
@click.option(
    "--lang",
    default="en",
    show_default=True,
    is_eager=True,
    callback=checked_lang,
    help="Language of the text.",
)
@click.option("--slug", default="", help="Its address; made from the title if not given.")
@click.option("--organisation", help="Address of the organisation it belongs to; the first if not given.")
@click.option("--draft", "as_draft", is_flag=True, help="Keep it to the members until it is opened.")
@as_json
@with_appcontext
def create(
    file: BinaryIO,
    *,
    started_by: str,
    lang: str,
    slug: str,
    organisation: str | None,
    as_draft: bool,
    as_json: bool,
) -> None:
    """Begin a petition with the text in FILE, written as set-wording takes it ("-" reads standard input)."""
    made = parts()
    wording = read_wording(file.read(MAX_BYTES + 1), lang=lang)
    try:
        petition = organising.create(
            PetitionDraft(
                slug=slug,
                wording=wording,
                started_by=editing.starter(started_by),
                started_on=made.clock().date(),
                status=Status.DRAFT if as_draft else Status.OPEN,
                confirmation=Confirmation.NONE if made.settings.smtp_url is None else Confirmation.EMAIL,
            ),
            ledger=made.ledger,
            now=made.clock(),
            organisation_id=made.ledger.organisation(organisation).id if organisation else None,
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--slug or --started-by") from error
    progress = progress_of(petition, made.ledger.tally(petition.id))
    if as_json:
        telling.print_json(telling.facts(petition, progress))
    else:
        click.echo(telling.table((), telling.rows(petition, progress, [])))


@click.command("rename", short_help="Give a petition another address.")
@click.argument("slug")
@click.argument("new")
@with_appcontext
def rename(slug: str, new: str) -> None:
    """Give the petition SLUG the address NEW. The old one goes on leading to it."""
    made = parts()
    try:
        petition = organising.rename(slug, new, ledger=made.ledger)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NEW") from error
    click.echo(f"{made.settings.public_url}/p/{petition.slug}")
    former = [one for one in made.ledger.slugs(petition.id) if one != petition.slug]
    if former:
        click.echo(f"  also found under {', '.join(former)}")
