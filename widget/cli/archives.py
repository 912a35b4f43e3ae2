"""The commands that keep a copy of the ledger and go back to it."""

import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from widget import archiving
from widget.archiving import Unrestorable
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import RefusingCommand, parts

STANDARD = Path("-")


@click.command(cls=RefusingCommand)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--force", is_flag=True, help="Write over FILE if there is one.")
@as_json
@with_appcontext
def backup(file: Path, force: bool, as_json: bool) -> None:
    """Copy the whole ledger into FILE ("-" is standard output), while the service runs.

    The file holds names and addresses, and only you may read it. It is there when it is whole. The
    SECRET_KEY is not in it.
    """
    made = parts()
    to = nullcontext(sys.stdout.buffer) if file == STANDARD else archiving.new_file(file, replace=force)
    try:
        with to as out:
            written = archiving.write(made.settings.database_url, out, made.clock())
    except FileExistsError as there:
        raise click.ClickException(f"{file} exists; --force writes over it") from there
    except Unrestorable as reason:
        raise click.ClickException(str(reason)) from reason
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}; nothing is there") from error
    if as_json and file != STANDARD:
        telling.print_json(asdict(written))
    else:
        click.echo(
            f"Wrote {written.petitions:,} petitions and {written.signatures:,} signatures "
            f"(schema {written.revision}).",
            err=file == STANDARD,
        )


@click.command(cls=RefusingCommand)
@click.argument("file", type=click.File("rb"))
@click.option("--replace", is_flag=True, help="Put the backup in the place of the petitions there are.")
@as_json
@with_appcontext
def restore(file: BinaryIO, replace: bool, as_json: bool) -> None:
    """Make the ledger what it was when FILE was written ("-" reads standard input).

    All or nothing: a backup that is damaged, cut off or of a newer version changes nothing. Numbers are
    right with the next read. Stop the service first, so that nobody signs what is about to be replaced.
    """
    made = parts()
    try:
        restored = archiving.restore(
            file,
            database_url=made.settings.database_url,
            ledger=made.ledger,
            counter=made.counter,
            now=made.clock(),
            replace=replace,
        )
    except Unrestorable as reason:
        raise click.ClickException(f"nothing was changed: {reason}") from reason
    slugs = {one.id: one.slug for one in made.ledger.petitions()}
    drifts = {slugs[petition_id]: drift for petition_id, drift in restored.drifts.items()}
    if as_json:
        telling.print_json({**asdict(restored), "drifts": drifts})
    else:
        click.echo(f"Restored {restored.petitions:,} petitions and {restored.signatures:,} signatures.")
    for slug, drift in drifts.items():
        click.echo(
            f"The number of {slug} was {drift:+,} off in the backup: flask petition recount {slug}", err=True
        )


def register(ledger: click.Group) -> None:
    """Add both to the commands about the ledger."""
    for command in (backup, restore):
        ledger.add_command(command)
