"""The commands that bring signatures in."""

import csv
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from widget import importing
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import parts
from widget.domain.intake import Import, Incoming, Reading
from widget.domain.mapping import READY, Places, in_their_words
from widget.domain.sheet import safe
from widget.domain.signature import State
from widget.importing import File, Step
from widget.sheets import Wrong

PREVIEW = 5  # signatures that a dry run shows


def register(signatures: click.Group) -> None:
    """Add these commands to those about signatures."""
    for command in (take_in, list_imports):
        signatures.add_command(command)


@click.command("import")
@click.argument("slug")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", "ready", type=click.Choice(list(READY)), help="Whose columns the file has.")
@click.option(
    "--column", "columns", multiple=True, metavar="PART=COLUMN", help="One by hand; again for more."
)
@click.option(
    "--as",
    "state",
    type=click.Choice([State.CONFIRMED.value, State.PENDING.value]),
    help="What they all are, whatever the file says.",
)
@click.option(
    "--by", "recorded_by", default="terminal", show_default=True, help="Who does it, for the books."
)
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where lines not taken go.")
@click.option("--dry-run", is_flag=True, help="Look at everything and store nothing.")
@click.option("--resume", type=int, metavar="NUMBER", help="Go on with an import that was stopped.")
@as_json
@with_appcontext
def take_in(
    slug: str, path: Path, errors: Path | None, resume: int | None, as_json: bool, **given: Any
) -> None:
    """Bring signatures of the petition SLUG in from a table (CSV or TSV).

    Who has signed already stays as they are. Nobody is written to.
    """
    made = parts()
    petition = made.ledger.petition(slug)
    columns = dict(_pair(one) for one in given["columns"])
    with path.open("rb") as stream, ExitStack() as open_files:
        file = importing.opened(stream)
        where = importing.places(file, ready=given["ready"], columns=columns, petition=petition)
        if given["ready"] == "export" and (empty := importing.left_out(file, petition)):
            click.echo(f"Left out, since no line has an answer: {', '.join(empty)}", err=True)
        state = State(given["state"]) if given["state"] else None
        how = importing.reading(petition, where, state, path.name[:200], made.clock())
        wrong = _Sheet(errors or path.with_name(f"{path.name}.errors.csv"), file, where, open_files)
        if given["dry_run"]:
            _rehearse(file, how, path, wrong, as_json=as_json)
            return
        if resume is None:
            into = importing.begin(
                file,
                how,
                mapped=importing.mapped(where, file),
                recorded_by=given["recorded_by"],
                ledger=made.ledger,
                now=made.clock(),
            )
        else:
            into = importing.find(petition, resume, ledger=made.ledger)
        _carry_on(into, file, how, path, wrong, as_json=as_json)


@click.command("imports")
@click.argument("slug")
@as_json
@with_appcontext
def list_imports(slug: str, as_json: bool) -> None:
    """List what was brought in to the petition SLUG: from where, by whom, and what became of it."""
    found = importing.imports(slug, ledger=parts().ledger)
    if as_json:
        telling.print_json([_facts(one) for one in found])
        return
    if not found:
        click.echo(f"Nothing was brought in yet. 'flask signatures import {slug} FILE' does.")
        return
    head = ("NUMBER", "FILE", "RECORDED", "BY", "NEW", "SIGNED BEFORE", "NOT TAKEN", "FINISHED")
    click.echo(telling.table(head, [tuple(map(str, _facts(one).values())) for one in found]))


class _Sheet:
    """Where lines that were not taken go; made with the first of them, and safe to open."""

    def __init__(self, path: Path, file: File, where: Places, open_files: ExitStack) -> None:
        self.path, self._file, self._where, self._open = path, file, where, open_files
        self._lines: Any = None
        self.count = 0

    def write(self, wrong: tuple[Wrong, ...]) -> None:
        """Add lines with the reasons."""
        for one in wrong:
            self.count += 1
            why = in_their_words(one.why, self._where, self._file.head)
            self._writer().writerow([one.line, *map(safe, (why, *one.cells))])

    def facts(self) -> dict[str, object]:
        """Tell where they went, if there were any."""
        return {"errors": str(self.path) if self.count else None}

    def _writer(self) -> Any:
        if self._lines is None:
            self.path.touch(mode=0o600)
            file = self._open.enter_context(self.path.open("a", encoding="utf-8", newline=""))
            self._lines = csv.writer(file, lineterminator="\r\n")
            if not file.tell():
                self._lines.writerow(["line", "why", *(safe(name) for name in self._file.head)])
        return self._lines


def _rehearse(file: File, how: Reading, path: Path, wrong: _Sheet, *, as_json: bool) -> None:
    steps = importing.rehearse(file, how, ledger=parts().ledger)
    preview: list[Incoming] = []
    new, merged = 0, 0
    for step in _watched(steps, file, path, wrong):
        preview += step.some[: PREVIEW - len(preview)]
        new, merged = new + step.added, merged + step.merged
    if as_json:
        nothing = dict.fromkeys(("number", "file_name", "recorded_at", "recorded_by"))
        would = {"file_name": how.file_name, "added": new, "merged": merged, "refused": wrong.count}
        telling.print_json(nothing | would | {"finished_at": None} | wrong.facts() | {"dry_run": True})
        return
    if preview:
        head = ("STATE", "NAME", "ADDRESS", "COUNTRY", "SIGNED", "NEWS")
        click.echo(telling.table(head, [_cells(one) for one in preview]))
    _sum_up("Would add", new, merged, wrong)
    click.echo("Nothing was stored.")


def _carry_on(into: Import, file: File, how: Reading, path: Path, wrong: _Sheet, *, as_json: bool) -> None:
    made, new, merged = parts(), 0, 0
    steps = importing.carry_on(into, file, how, ledger=made.ledger, counter=made.counter, clock=made.clock)
    try:
        for step in _watched(steps, file, path, wrong):
            new, merged = new + step.added, merged + step.merged
    except BaseException:
        click.echo(f"Stopped: {new:,} added. To go on: the same with --resume {into.id}", err=True)
        raise
    if as_json:
        done = importing.find(how.petition, into.id, ledger=made.ledger)
        telling.print_json(_facts(done) | wrong.facts() | {"dry_run": False})
        return
    _sum_up(f"Import {into.id}: added", new, merged, wrong)


def _watched(steps: Iterator[Step], file: File, path: Path, wrong: _Sheet) -> Iterator[Step]:
    """Show how far it is in the file, and write down what is not taken."""
    seen = 0
    with click.progressbar(length=path.stat().st_size, label="Reading", file=sys.stderr) as bar:
        for step in steps:
            wrong.write(step.wrong)
            yield step
            bar.update(file.stream.tell() - seen)
            seen = file.stream.tell()


def _sum_up(verb: str, new: int, merged: int, wrong: _Sheet) -> None:
    click.echo(f"{verb} {new:,}; {merged:,} had signed before; {wrong.count:,} lines not taken.")
    if wrong.count:
        click.echo(f"Those lines, with the reasons, are in {wrong.path}", err=True)


def _pair(said: str) -> tuple[str, str]:
    part, found, column = said.partition("=")
    if not found:
        raise click.UsageError(f"--column is PART=COLUMN, as in --column 'email=E-mail': '{said}'")
    return part.strip(), column.strip()


def _cells(one: Incoming) -> tuple[str, ...]:
    new = one.new
    return (
        *(new.state.value, f"{new.given_name} {new.family_name}".strip(), new.email, new.country),
        *(f"{new.signed_at:%Y-%m-%d %H:%M}", "yes" if new.consent else "no"),
    )


def _facts(one: Import) -> dict[str, object]:
    return {
        "number": one.id,
        "file_name": one.file_name,
        "recorded_at": one.recorded_at.isoformat(timespec="minutes"),
        "recorded_by": one.recorded_by,
        "added": one.added,
        "merged": one.merged,
        "refused": one.refused,
        "finished_at": one.finished_at.isoformat(timespec="minutes") if one.finished_at else None,
    }
