"""The commands about the script that pages embed."""

import click

from widget import releasing
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import RefusingGroup, parts


@click.group(cls=RefusingGroup, short_help="Release the script that pages embed.")
def embed() -> None:
    """Release the script that pages embed, and tell what may be pinned."""


@embed.command()
@click.argument("version")
def release(version: str) -> None:
    """Keep static/embed.js as VERSION for ever: its bytes, its integrity, and docs/versions.md.

    VERSION is the one that the script says of itself. What is released is never changed again.
    """
    try:
        value = releasing.release(version)
    except releasing.CannotRelease as refused:
        raise click.ClickException(str(refused)) from refused
    public_url = parts().settings.public_url
    click.echo(f"{public_url}/embed-{version}.js")
    click.echo(value)
    click.echo(releasing.snippet(public_url, version, value))


@embed.command()
@click.argument("version", required=False)
@as_json
def integrity(version: str | None, as_json: bool) -> None:
    """Print the integrity of VERSION, or of every version released."""
    known = releasing.releases()
    if version is not None and version not in known:
        raise click.ClickException(f"{version} was not released; 'flask embed integrity' lists what was")
    asked = known if version is None else {version: known[version]}
    if as_json:
        telling.print_json(asked)
    elif not asked:
        click.echo(releasing.NO_RELEASE)
    else:
        click.echo(telling.table((), list(asked.items())))
