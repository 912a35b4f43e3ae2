"""The command that prints what goes on a partner's page."""

from typing import Literal

import click
from flask.cli import with_appcontext

from widget import releasing
from widget.cli.petitions import checked_lang
from widget.cli.refusing import parts
from widget.domain.question import asked
from widget.domain.snippet import HEIGHTS, Options, Release, Shape, policy
from widget.domain.snippet import snippet as written

OWN_HEIGHT = (
    "Note: {} pixels are for the standard form, and this one has questions of its own. "
    "'Snippet' in the console measures it; --height takes the figure."
)


def register(petition: click.Group) -> None:
    """Add this command to those about petitions."""
    petition.add_command(snippet)


@click.command("snippet", short_help="Print the snippet for a page.")
@click.argument("slug")
@click.option(
    "--form",
    "shape",
    type=click.Choice([str(one) for one in Shape]),
    default="a",
    show_default=True,
    help="Which of the six forms of docs/embedding.md.",
)
@click.option("--theme", type=click.Choice(["inherit", "light", "dark", "auto"]), default="inherit")
@click.option("--layout", type=click.Choice(["card", "bar", "button"]), default="card")
@click.option("--height", type=click.IntRange(40, 4_000), help="Pixels to hold.")
@click.option("--heading-level", type=click.IntRange(2, 6), default=2)
@click.option("--loading", type=click.Choice(["lazy", "eager", "click"]), default="lazy")
@click.option("--lang", default="", callback=lambda c, p, v: checked_lang(c, p, v) if v else v)
@click.option("--source", default="", help="A word of yours, kept with each signature.")
@click.option("--no-share", is_flag=True, help="No row to pass it on.")
@click.option("--test", is_flag=True, help="A dry run.")
@click.option("--policy", "with_policy", is_flag=True, help="Print what the page's policy has to allow, too.")
@with_appcontext
def snippet(
    slug: str,
    *,
    shape: str,
    theme: Literal["inherit", "light", "dark", "auto"],
    layout: Literal["card", "bar", "button"],
    loading: Literal["lazy", "eager", "click"],
    height: int | None,
    heading_level: int,
    lang: str,
    source: str,
    no_share: bool,
    test: bool,
    with_policy: bool,
) -> None:
    """Print the snippet of the petition SLUG, to be pasted into a page."""
    made = parts()
    found, base = made.ledger.petition(slug), made.settings.public_url
    known = list(releasing.releases().items())
    options = Options(theme, layout, height, heading_level, loading, lang, source, no_share, test)
    try:
        line = written(
            Shape(shape),
            options,
            base=base,
            slug=found.slug,
            title=found.wording(lang).title,
            release=Release(*known[-1]) if known else None,
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if asked(found.questions) and height is None and layout == "card":
        click.echo(OWN_HEIGHT.format(HEIGHTS[layout]), err=True)
    click.echo(line)
    if with_policy:
        click.echo(policy(Shape(shape), "/".join(base.split("/")[:3])))
