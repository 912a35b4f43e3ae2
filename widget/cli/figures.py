"""The command that prints figures."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from widget import charting
from widget import figures as story
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import parts
from widget.domain.figure_table import FigureTable
from widget.domain.figures import Period, rate
from widget.figures import Seen


def register(petition: click.Group) -> None:
    """Add the command to those about petitions."""
    petition.add_command(figures)


@click.command(short_help="Count by day, site, country and language.")
@click.argument("slug")
@click.option(
    "--period",
    type=click.Choice([period.value for period in Period]),
    default=Period.MONTH.value,
    show_default=True,
    help="How far back.",
)
@as_json
@with_appcontext
def figures(slug: str, period: str, as_json: bool) -> None:
    """Count the signatures of the petition SLUG by day, hour, site, source, country and language.

    Days and hours are UTC; without --json the hours in which nobody signed are left out. A large petition
    takes some seconds; what was counted is kept for the console.
    """
    made = parts()
    within = timedelta(days=made.settings.confirm_within)
    petition = made.ledger.petition(slug)
    seen = story.look(petition, Period(period), ledger=made.ledger, now=made.clock(), confirm_within=within)
    tables = charting.tables(seen, discreet=False)
    if as_json:
        telling.print_json(_facts(seen, tables))
        return
    click.echo(f"{slug} stands at {seen.progress.count:,}, next goal {seen.progress.goal:,}")
    for panel in charting.panels(seen, discreet=False):
        click.echo(f"\n{panel.title}: {panel.message}")
        if panel.table.heads[1:] != ("Number then",):
            _print(panel.table)
    if seen.figures is not None:
        for panel_of in (charting.confirmation, charting.states):
            told = panel_of(seen.figures, seen.period, discreet=False)
            click.echo(f"\n{told.title}{': ' + told.message if told.message else ''}")
            click.echo(_printed(told.table))


def _print(table: FigureTable) -> None:
    if table.name == "hours":  # a week has 168, most of them empty
        table = table.without_empty_lines()
        click.echo("Hours without a signature are left out.")
    if table.lines:
        click.echo(_printed(table))


def _printed(table: FigureTable) -> str:
    cells = [[f"{one:,}" if isinstance(one, int) else one for one in line] for line in table.lines]
    return telling.table([head.upper() for head in table.heads], cells)


def _facts(seen: Seen, tables: dict[str, FigureTable]) -> dict[str, object]:
    """Return the tables for JSON, by name, each line an object with the names of its columns."""
    found = rate(seen.figures, seen.period) if seen.figures else None
    return {
        "slug": seen.petition.slug,
        "period": seen.period.value,
        "as_of": seen.now.isoformat(),
        "count": seen.progress.count,
        "goal": seen.progress.goal,
        "confirmation_rate": found.share if found else None,
        "tables": {
            name: [
                {_key(head): cell for head, cell in zip(table.heads, line, strict=True)}
                for line in table.lines
            ]
            for name, table in tables.items()
        },
    }


def _key(head: str) -> str:
    return head.removesuffix(" (UTC)").lower().replace(" ", "_")
