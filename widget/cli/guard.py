"""The commands about the guard: whom to hold, and whom not to doubt."""

import click

from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import RefusingGroup, parts
from widget.domain.guard import Listing
from widget.domain.lists import Kind, understood

_NOTE = click.option("--note", default="", help="Why, for whoever looks next; at most 200 characters.")
Pattern = tuple[Kind, str]


def _understood(_ctx: click.Context, _param: click.Parameter, value: str) -> Pattern:
    try:
        return understood(value)
    except ValueError as error:
        raise click.BadParameter(f"'{value}' {error}") from error


_WHAT = click.argument("what", callback=_understood)


@click.group(cls=RefusingGroup)
def guard() -> None:
    """Tell the guard whom to hold and whom not to doubt."""


@guard.command()
@_WHAT
@_NOTE
def block(what: Pattern, note: str) -> None:
    """Hold what comes from WHAT: a mail address, a domain ("*.example.org") or a network (192.0.2.0/24)."""
    _put(Listing.BLOCK, what, note, "Held from now on")


@guard.command()
@_WHAT
@_NOTE
def allow(what: Pattern, note: str) -> None:
    """Do not doubt WHAT for its pace: an address, a domain or a network, such as that of a school."""
    _put(Listing.ALLOW, what, note, "Not doubted from now on")


@guard.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List what is blocked and what is allowed."""
    found = parts().ledger.listings()
    if as_json:
        telling.print_json(
            [
                {"listing": e.listing.value, "kind": e.kind.value, "pattern": e.pattern, "note": e.note}
                for e in found
            ]
        )
    elif not found:
        click.echo("Nothing is listed.")
    else:
        rows = [(e.listing.value, e.kind.value, e.pattern, e.note) for e in found]
        click.echo(telling.table(("LIST", "KIND", "PATTERN", "NOTE"), rows))


@guard.command()
@_WHAT
def remove(what: Pattern) -> None:
    """Take WHAT off its list."""
    kind, pattern = what
    if not parts().ledger.drop_listing(kind, pattern):
        raise click.ClickException(f"the {kind.value} {pattern} is on no list")
    click.echo(f"No longer listed: the {kind.value} {pattern}.")


def _put(listing: Listing, what: Pattern, note: str, said: str) -> None:
    if len(note) > 200:
        raise click.BadParameter("is longer than 200 characters", param_hint="--note")
    kind, pattern = what
    made = parts()
    made.ledger.put_listing(listing, kind, pattern, note, made.clock())
    click.echo(f"{said}: the {kind.value} {pattern}. Web processes see it within five seconds.")
