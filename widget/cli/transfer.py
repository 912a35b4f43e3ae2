"""The commands that take signatures out."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from widget import archiving, exporting
from widget.cli.refusing import parts
from widget.domain.sheet import EXPORTED
from widget.domain.signature import State


def register(signatures: click.Group) -> None:
    """Add these commands to those about signatures."""
    signatures.add_command(export)


@click.command()
@click.argument("slug")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, readable for you alone; else it goes to standard output.",
)
@click.option("--replace", is_flag=True, help="Write over a file that is there.")
@click.option("--bom", "mark", is_flag=True, help="Begin with a byte order mark, for older spreadsheets.")
@click.option(
    "--state",
    "states",
    type=click.Choice(sorted(state.value for state in EXPORTED)),
    multiple=True,
    help="Only those in this state; may be given again.",
)
@with_appcontext
def export(slug: str, output: Path | None, replace: bool, mark: bool, states: tuple[str, ...]) -> None:
    """Write the signatures of the petition SLUG as a table (CSV) that opens safely in a spreadsheet.

    Without --state it has every signature but the erased. 'flask signatures import' takes it in again.
    """
    ledger = parts().ledger
    petition, chosen = ledger.petition(slug), [State(state) for state in states]
    lines = exporting.export(petition, states=chosen, mark=mark, ledger=ledger)
    if output is None:
        for _, some in lines:
            sys.stdout.buffer.write(some)
        sys.stdout.buffer.flush()
        return
    total = exporting.count(petition, states=chosen, ledger=ledger)
    written = 0
    bar = click.progressbar(length=total, label="Writing", file=sys.stderr)
    try:
        with archiving.new_file(output, replace=replace) as file, bar:
            for number, some in lines:
                file.write(some)
                written += number
                bar.update(number)
    except FileExistsError:
        raise click.ClickException(f"{output} is there already; --replace writes over it") from None
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
    noun = "signature" if written == 1 else "signatures"
    click.echo(f"Wrote {written:,} {noun} to {output}", err=True)
