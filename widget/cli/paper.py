"""The commands about signatures on paper."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO

import click
from flask.cli import with_appcontext

from widget import archiving, collecting
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import parts
from widget.domain.paper import PaperEntry, PaperFigure, paper_sum
from widget.domain.paper_names import PaperName, read_names
from widget.domain.petition import Petition
from widget.domain.refusals import PaperRefused
from widget.domain.tally import progress_of

DAY = click.DateTime(["%Y-%m-%d"])
by = click.option("--by", "recorded_by", required=True, help="Who records it, for the books alone.")


def register(petition: click.Group) -> None:
    """Add these commands to those about petitions."""
    for command in (add_paper, list_paper, list_names, take_back_paper):
        petition.add_command(command)


@click.command("add-paper", short_help="Add signatures on paper.")
@click.argument("slug")
@click.option("--count", type=int, required=True, help="How many signatures.")
@click.option("--place", required=True, help="Where they were collected; the audit shows it.")
@click.option("--collected-on", type=DAY, required=True, help="When; the last day, if there were several.")
@click.option("--scan", "reference", required=True, help="Number of the scan or folder; the audit shows it.")
@click.option("--note", default="", help="For the books alone.")
@click.option(
    "--names",
    type=click.File(encoding="utf-8-sig"),
    help="Who they are, one a line, after a semicolon where from; '-' reads standard input. Never public.",
)
@by
@as_json
@with_appcontext
def add_paper(
    slug: str, recorded_by: str, collected_on: datetime, names: IO[str] | None, as_json: bool, **given: str
) -> None:
    """Add signatures on paper to the number of the petition SLUG.

    A scan counts once: the same again is refused and changes nothing.
    """
    people = read_names(_text_of(names)) if names else ()
    figure = PaperFigure(**given, collected_on=collected_on.date())  # type: ignore[arg-type]
    made = parts()
    entry = collecting.add_paper(
        slug,
        figure,
        recorded_by=recorded_by,
        ledger=made.ledger,
        counter=made.counter,
        now=made.clock(),
        names=people,
    )
    _print(slug, entry, f"Added {entry.figure.count:,} signatures on paper", as_json=as_json)


@click.command("paper", short_help="List the books about paper.")
@click.argument("slug")
@as_json
@with_appcontext
def list_paper(slug: str, as_json: bool) -> None:
    """List the books about paper of the petition SLUG, the earliest line first."""
    _, entries = collecting.paper_of(slug, ledger=parts().ledger)
    if as_json:
        telling.print_json([_facts(entry) for entry in entries])
        return
    if not entries:
        click.echo(f"No signature on paper yet. 'flask petition add-paper {slug}' adds some.")
        return
    head = ("NUMBER", "COUNT", "COLLECTED", "PLACE", "SCAN", "RECORDED", "BY", "NOTE")
    click.echo(telling.table(head, [_cells(entry) for entry in entries]))
    click.echo(f"{paper_sum(entries):,} in all")


@click.command("paper-names", short_help="Write who signed on paper as a table.")
@click.argument("slug")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, readable for you alone; else it goes to standard output.",
)
@click.option("--replace", is_flag=True, help="Write over a file that is there.")
@as_json
@with_appcontext
def list_names(slug: str, output: Path | None, replace: bool, as_json: bool) -> None:
    """Write everybody known by name from paper as a table (CSV): for the petition SLUG's organisers alone."""
    made = parts()
    petition = made.ledger.petition(slug)
    pieces: Iterable[bytes] = collecting.name_table(petition, ledger=made.ledger)
    if as_json:
        pieces = _as_list(_person(*one) for one in collecting.people(petition, ledger=made.ledger))
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        with archiving.new_file(output, replace=replace) as file:
            file.writelines(pieces)
    except FileExistsError:
        raise click.ClickException(f"{output} is there already; --replace writes over it") from None
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
    click.echo(f"Wrote the names on paper to {output}", err=True)


def _as_list(people: Iterable[dict[str, object]]) -> Iterator[bytes]:
    """Write a list, one person a line: there may be more of them than memory should hold."""
    between = "[\n"
    for one in people:
        yield f"{between}  {json.dumps(one, ensure_ascii=False)}".encode()
        between = ",\n"
    yield b"[]\n" if between == "[\n" else b"\n]\n"


def _person(figure: PaperFigure, person: PaperName) -> dict[str, object]:
    return {
        "scan": figure.reference,
        "place": figure.place,
        "collected_on": figure.collected_on.isoformat(),
        "name": person.name,
        "from_place": person.from_place,
    }


@click.command("take-back-paper", short_help="Take a figure on paper back.")
@click.argument("slug")
@click.argument("number", type=int)
@click.option("--because", required=True, help="Why, for the books alone.")
@by
@as_json
@with_appcontext
def take_back_paper(slug: str, number: int, because: str, recorded_by: str, as_json: bool) -> None:
    """Take a figure of signatures on paper back, by the NUMBER that 'paper' shows.

    Both lines stay in the books. The same scan may be added again, with the right figure.
    """
    made = parts()
    entry = collecting.take_back(
        slug,
        number,
        because=because,
        recorded_by=recorded_by,
        ledger=made.ledger,
        counter=made.counter,
        now=made.clock(),
    )
    _print(slug, entry, f"Took {-entry.figure.count:,} signatures on paper back", as_json=as_json)


def _print(slug: str, entry: PaperEntry, done: str, *, as_json: bool) -> None:
    ledger = parts().ledger
    petition: Petition = ledger.petition(slug)
    progress = progress_of(petition, ledger.tally(petition.id))
    if as_json:
        telling.print_json(_facts(entry) | {"petition": {"count": progress.count, "goal": progress.goal}})
    else:
        click.echo(f"{done}, as number {entry.id}.")
        click.echo(f"  {slug} stands at {progress.count:,}, next goal {progress.goal:,}")


def _text_of(names: IO[str]) -> str:
    try:
        return names.read()
    except UnicodeDecodeError as error:
        raise PaperRefused({"names": "cannot be read: save the file as UTF-8"}) from error


def _cells(entry: PaperEntry) -> tuple[str, ...]:
    figure = entry.figure
    undone = "taken back" if not entry.stands else ""
    about = f"takes back {entry.takes_back}" if entry.takes_back is not None else undone
    return (
        *(str(entry.id), f"{figure.count:,}", _day(figure.collected_on), figure.place, figure.reference),
        *(f"{entry.recorded_at:%Y-%m-%d %H:%M}", entry.recorded_by),
        ": ".join(part for part in (about, figure.note) if part),
    )


def _facts(entry: PaperEntry) -> dict[str, object]:
    figure = entry.figure
    return {
        "number": entry.id,
        "count": figure.count,
        "place": figure.place,
        "collected_on": _day(figure.collected_on),
        "reference": figure.reference,
        "note": figure.note,
        "recorded_by": entry.recorded_by,
        "recorded_at": entry.recorded_at.isoformat(),
        "takes_back": entry.takes_back,
        "names": entry.names,
        "taken_back": entry.takes_back is None and not entry.stands,
    }


def _day(day: date) -> str:
    return day.isoformat()
