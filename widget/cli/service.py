"""The commands about the service as a whole."""

import click
from flask.cli import with_appcontext

from widget import serving
from widget.cli.organisers import first_link_address
from widget.cli.petitions import SAMPLE, load_sample
from widget.cli.refusing import RefusingCommand, RefusingGroup, parts


@click.group(cls=RefusingGroup)
def ledger() -> None:
    """Look after the database that holds the signatures."""


@ledger.command()
def migrate() -> None:
    """Create the ledger, or bring it up to date; several processes may do so at once."""
    serving.migrate(parts().settings)
    click.echo("The ledger is up to date.")


@click.command(cls=RefusingCommand, short_help="Serve everything, letters too, until Ctrl-C or SIGTERM.")
@click.pass_context
@with_appcontext
def serve(ctx: click.Context) -> None:
    """Serve: ledger up to date, sample loaded into an empty one, addresses printed, then gunicorn.

    A worker that sends the letters and forgets what is due runs beside it, unless MAIL_WORKER says apart.
    """
    settings = parts().settings
    try:
        serving.take_port(settings.host, settings.port)
    except serving.PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
    serving.migrate(settings)
    try:
        serving.refuse_too_many_connections(settings, parts().ledger.room())
        serving.refuse_unbounded(parts().ledger.is_unbounded())
    except (serving.TooFewConnections, serving.Unbounded) as unfit:
        raise click.ClickException(str(unfit)) from unfit
    ctx.invoke(load_sample)
    greeting = serving.greeting(settings, SAMPLE.stem, first=first_link_address(parts()))
    serving.defer_ctrl_c()
    if settings.mail_worker == "beside":
        serving.start_worker()
    serving.serve(greeting)
