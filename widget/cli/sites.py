"""The command that tells on which sites a widget is live."""

import click
from flask.cli import with_appcontext

from widget import spotting
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import parts
from widget.domain.site import REMEMBERED, readable
from widget.spotting import Spotted

HEADS = ("SITE", "STANDING", "LAST SEEN (UTC)", "FIRST SEEN (UTC)")


def register(petition: click.Group) -> None:
    """Add this command to those about petitions."""
    petition.add_command(sites)


@click.command("sites", short_help="List the sites that showed the widget.")
@click.argument("slug")
@as_json
@with_appcontext
def sites(slug: str, as_json: bool) -> None:
    """List the sites that showed the widget of the petition SLUG lately, by the widget's own requests.

    Moments are cut to the hour, and nothing of a visitor is kept. "null" are pages without an address: files
    on a disk, frames in a sandbox.
    """
    made = parts()
    petition = made.ledger.petition(slug)
    found = spotting.spotted(petition, ledger=made.ledger, now=made.clock())
    missing = spotting.missing(petition, found)
    if as_json:
        telling.print_json({"sites": [_facts(one) for one in found], "allowed_and_not_seen": missing})
        return
    if found:
        click.echo(telling.table(HEADS, [_row(one) for one in found]))
    else:
        click.echo(f"No site has shown it within {REMEMBERED.days} days, as far as is known here.")
    for site in missing:
        click.echo(f"allowed, and not seen: {site}")


def _row(one: Spotted) -> tuple[str, ...]:
    standing = "live" if one.live else "quiet"
    return (
        readable(one.seen.site),
        standing if one.allowed else f"{standing}, not allowed",
        f"{one.seen.last_seen_at:%Y-%m-%d %H}h",
        f"{one.seen.first_seen_at:%Y-%m-%d %H}h",
    )


def _facts(one: Spotted) -> dict[str, object]:
    return {
        "site": one.seen.site,
        "live": one.live,
        "allowed": one.allowed,
        "last_seen_at": one.seen.last_seen_at.isoformat(),
        "first_seen_at": one.seen.first_seen_at.isoformat(),
    }
