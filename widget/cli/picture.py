"""The command for a petition's picture."""

from typing import BinaryIO

import click
from flask.cli import with_appcontext

from widget import picturing
from widget.cli import telling
from widget.cli.petitions import as_json, checked_lang
from widget.cli.refusing import parts
from widget.domain import picture as rules
from widget.domain.petition import Petition


def register(petition: click.Group) -> None:
    """Add the command to those about petitions."""
    petition.add_command(picture)


def _in_langs(
    ctx: click.Context, param: click.Parameter, values: tuple[tuple[str, str], ...]
) -> dict[str, str]:
    for lang, _ in values:
        checked_lang(ctx, param, lang)
    return dict(values)


@click.command(short_help="Give a picture, change or remove it.")
@click.argument("slug")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--alt", help="What it shows, for those who cannot see it, in the petition's own language.")
@click.option(
    "--alt-in",
    nargs=2,
    multiple=True,
    metavar="LANG TEXT",
    callback=_in_langs,
    help="The same in another language of the petition; repeat it.",
)
@click.option("--decorative", is_flag=True, help="It only decorates: who cannot see it misses nothing.")
@click.option("--credit", help="Whose picture it is, shown below it; '' for nobody.")
@click.option("--remove", is_flag=True, help="Take the picture away.")
@as_json
@with_appcontext
def picture(slug: str, file: BinaryIO | None, *, remove: bool, as_json: bool, **words: object) -> None:
    """Give the petition SLUG the picture in FILE ("-" reads standard input), or its picture other words.

    FILE is a JPEG, PNG or WebP. It is made anew in the sizes that a page needs: where and with what it was
    taken goes no further.
    """
    if remove and (file or any(words.values())):
        raise click.UsageError("--remove goes alone.")
    made = parts()
    before = made.ledger.petition(slug)
    if remove:
        after = picturing.remove(before, ledger=made.ledger)
    else:
        data = None if file is None else file.read(rules.MAX_BYTES + 1)
        if data is None and before.picture is None:
            raise click.UsageError("Name a FILE: the petition has no picture yet.")
        # Another picture shows something else, and is somebody else's: it begins without words.
        known = before.picture if data is None else None
        descriptions, credit = _said(before, known, **words)  # type: ignore[arg-type]
        try:
            after = picturing.show(before, data, descriptions=descriptions, credit=credit, ledger=made.ledger)
        except rules.PictureUnfit as unfit:
            raise click.ClickException(str(unfit)) from unfit
    facts = telling.picture_facts(after)
    if as_json:
        telling.print_json(facts)
    elif facts is None:
        click.echo("No picture." if before.picture is None else "Taken away.")
    else:
        click.echo(telling.table((), telling.picture_rows(after)))


def _said(
    petition: Petition,
    known: rules.Picture | None,
    *,
    alt: str | None,
    alt_in: dict[str, str],
    decorative: bool,
    credit: str | None,
) -> tuple[dict[str, str], str]:
    """Return the words of a picture: those given, and what is not named as it was."""
    own = petition.wordings[0].lang
    if strange := alt_in.keys() - {wording.lang for wording in petition.wordings}:
        raise click.BadParameter(f"'{petition.slug}' has no text in '{min(strange)}'", param_hint="--alt-in")
    words = {} if known is None or decorative else dict(known.descriptions)
    words |= alt_in if alt is None else {own: alt, **alt_in}
    decorates = decorative or (known is not None and not known.descriptions and not words)
    try:
        return (
            rules.descriptions(words, own=own, decorates=decorates),
            rules.credit((known.credit if known else "") if credit is None else credit),
        )
    except ValueError as error:
        said = str(error)
        raise click.UsageError(f"{said[:1].upper()}{said[1:]}: --alt, --decorative, --credit.") from error
