"""The commands that change a petition which is here."""

from typing import BinaryIO

import click
from flask.cli import with_appcontext

from widget import organising
from widget.cli import telling
from widget.cli.petitions import as_json, checked_lang
from widget.cli.refusing import parts
from widget.domain.page_lines import MAX_BYTES
from widget.domain.wording_page import written


def register(petition: click.Group) -> None:
    """Add these commands to those about petitions."""
    for command in (set_wording, show_wording):
        petition.add_command(command)


@click.command("set-wording")
@click.argument("slug")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--lang",
    required=True,
    is_eager=True,  # looked at before FILE is opened
    callback=checked_lang,
    help="Language of the text, as a BCP 47 tag.",
)
@as_json
@with_appcontext
def set_wording(slug: str, file: BinaryIO, lang: str, as_json: bool) -> None:
    """Give the petition SLUG its text in a language, from FILE ("-" reads standard input).

    FILE begins with "# TITLE" and a line "To: NAME" for each who is addressed; the text follows in Markdown,
    and below a line "---" the appendix. The wording it had in that language can still be read.
    """
    made = parts()
    worded = organising.set_wording(
        slug, file.read(MAX_BYTES + 1), lang=lang, ledger=made.ledger, now=made.clock()
    )
    facts = telling.worded_facts(worded)
    if as_json:
        telling.print_json(facts)
        return
    verb = {"new": "Added", "changed": "Changed", "same": "As it was"}[worded.outcome]
    click.echo(f"{verb}: {worded.wording.title} ({worded.wording.lang})")
    click.echo(f"  languages {', '.join(one.lang for one in worded.petition.wordings)}")
    click.echo(f"  text version {worded.wording.text_version}")
    click.echo(f"  {facts['url']}")


@click.command("wording")
@click.argument("slug")
@click.option("--lang", callback=checked_lang, help="Language of the text; the petition's own if not given.")
@with_appcontext
def show_wording(slug: str, lang: str | None) -> None:
    """Print the text of the petition SLUG as a file that set-wording takes."""
    found = parts().ledger.petition(slug)
    known = {one.lang: one for one in found.wordings}
    if lang is not None and lang not in known:
        raise click.ClickException(f"'{slug}' has no text in '{lang}', only in {', '.join(known)}")
    click.echo(written(known[lang] if lang else found.wordings[0]), nl=False)
