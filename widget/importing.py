"""The story of bringing signatures in from elsewhere: looked at first, then taken in batch by batch.

A batch is one transaction: signatures, number, audit and how far the import is. Whatever stops it, the import
goes on after the last batch that is whole. Nobody who comes in this way is written to.
"""

import csv
import io
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import BinaryIO

from widget import i18n, sheets
from widget.addressing import in_ascii
from widget.domain import mapping
from widget.domain.criteria import Criteria
from widget.domain.intake import Import, Incoming, LineRefused, Reading, Struck, read
from widget.domain.intake_refusals import FileUnreadable, ImportNotFound, MappingUnfit
from widget.domain.mapping import Places
from widget.domain.petition import Petition
from widget.domain.refusals import PetitionClosed
from widget.domain.signature import State
from widget.sheets import Wrong
from widget.store.counter import Counter
from widget.store.ledger import Ledger

_STAND = frozenset({State.PENDING, State.CONFIRMED, State.HELD})
AT_ONCE = 1_000  # signatures in one transaction: signers of the petition wait for it a moment at most


@dataclass(frozen=True, slots=True)
class File:
    """A table as it was found: its first line, and how to read the others."""

    stream: BinaryIO
    encoding: str
    delimiter: str
    head: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Step:
    """What became of some lines. `some` are all signatures that were read, repeats among them."""

    rows: int
    added: int
    merged: int
    wrong: tuple[Wrong, ...]
    some: tuple[Incoming, ...]


def opened(stream: BinaryIO) -> File:
    """Find out how a file is written. Raises FileUnreadable. The stream stays the caller's."""
    digest = sha256()
    while some := stream.read(1 << 20):
        digest.update(some)
    stream.seek(0)
    encoding = sheets.encoding(stream.read(4096))
    _, first = next(_lines(stream, encoding, ","), (1, []))
    if not first:
        raise FileUnreadable("the file is empty")
    delimiter = sheets.delimiter(first)
    _, head = next(_lines(stream, encoding, delimiter))
    return File(stream, encoding, delimiter, sheets.headings(head), digest.hexdigest())


def places(
    file: File, *, ready: str | None, columns: Mapping[str, str], petition: Petition | None = None
) -> Places:
    """Find the columns by a ready mapping or by hand, those of the petition's own questions among them.

    Raises MappingUnfit.
    """
    own = [one.name for one in petition.questions] if petition else []
    if ready is not None:
        empty = left_out(file, petition) if petition and ready == "export" else ()
        return mapping.ready(ready, file.head, own, empty)
    if not columns:
        raise MappingUnfit(f"say which column is what; the file has {', '.join(file.head)}")
    return mapping.by_hand(columns, file.head, own)


def left_out(file: File, petition: Petition) -> list[str]:
    """Return the questions of an export that this petition never asked and nobody answered."""
    empty = mapping.strange(file.head, [one.name for one in petition.questions])
    lines = _lines(file.stream, file.encoding, file.delimiter)
    next(lines, None)
    while empty and (line := next(lines, None)) is not None:
        cells = line[1]
        empty = {name: at for name, at in empty.items() if at >= len(cells) or not cells[at].strip()}
    lines.close()
    return list(empty)


def chosen(petition: Petition, columns: Mapping[str, int], head: Sequence[str]) -> Places:
    """Find the columns that somebody chose by where they stand. Raises MappingUnfit."""
    return mapping.by_position(columns, head, [one.name for one in petition.questions])


def reading(petition: Petition, where: Places, state: State | None, file_name: str, now: datetime) -> Reading:
    """Say how lines are read. Raises MappingUnfit where nothing says if they are confirmed."""
    if petition.anonymised_at is not None:
        raise PetitionClosed(petition.slug)  # nobody could tell any more who has signed it
    if state is None and not {"state", "confirmed"} & where.at.keys():
        raise MappingUnfit("no column says whether a signature is confirmed: say it for all of them")
    own = {one.name: one.type for one in petition.questions if one.name in where.at}
    return Reading(petition, where, state, in_ascii, _countries(), file_name, now, own)


def rehearse(file: File, how: Reading, *, ledger: Ledger) -> Iterator[Step]:
    """Do all but store anything: yield what would become of the lines. Raises FileUnreadable."""
    seen: set[str] = set()
    for rows, fit, wrong in _batches(file, how, after=0):
        people = {one.new.canonical_email for one in fit}
        new = people - seen - ledger.who_signed(how.petition.id, people)
        seen |= people
        yield Step(rows, len(new), len(fit) - len(new), tuple(wrong), tuple(fit))


def begin(
    file: File, how: Reading, *, mapped: Mapping[str, str], recorded_by: str, ledger: Ledger, now: datetime
) -> Import:
    """Write down where signatures are about to come from."""
    return ledger.begin_import(
        how.petition.id,
        file_name=how.file_name,
        fingerprint=file.fingerprint,
        mapping=mapped,
        recorded_by=recorded_by,
        now=now,
    )


def imports(slug: str, *, ledger: Ledger) -> list[Import]:
    """Return every import of a petition, the earliest first. Raises PetitionNotFound."""
    return ledger.imports(ledger.petition(slug).id)


def find(petition: Petition, import_id: int, *, ledger: Ledger) -> Import:
    """Return an import of this petition. Raises ImportNotFound."""
    found = ledger.imported(petition.id, import_id)
    if found is None:
        raise ImportNotFound(f"this petition has no import {import_id}")
    return found


def struck(petition: Petition, *, ledger: Ledger) -> dict[int, Struck]:
    """Return what was struck of each import that reviews have touched, and how many of it still stand."""
    return {
        number: replace(
            one, left=ledger.count_matching(petition.id, Criteria(import_id=number, states=_STAND))
        )
        for number, one in ledger.struck_of_imports(petition.id).items()
    }


def carry_on(
    into: Import, file: File, how: Reading, *, ledger: Ledger, counter: Counter, clock: Callable[[], datetime]
) -> Iterator[Step]:
    """Take in batch after batch from where the import is; yield what became of each.

    Whoever stops listening stops the import. Raises FileUnreadable, which leaves what was taken; MappingUnfit
    for another file than it began with; ImportElsewhere when somebody else carries it on.
    """
    if file.fingerprint != into.fingerprint:
        raise MappingUnfit(f"this is not the file that import {into.id} began with")
    last = into.last_row
    for rows, fit, wrong in _batches(file, how, after=last):
        added = ledger.take_in(into.id, last, rows, fit, refused=len(wrong), now=clock())
        last += rows
        counter.publish(how.petition.id, ledger.tally(how.petition.id))
        yield Step(rows, added, len(fit) - added, tuple(wrong), tuple(fit))
    ledger.finish_import(into.id, clock())


def _batches(file: File, how: Reading, *, after: int) -> Iterator[tuple[int, list[Incoming], list[Wrong]]]:
    lines = enumerate(_lines(file.stream, file.encoding, file.delimiter))
    for _ in range(after + 1):  # the first line is the head
        next(lines, None)
    while some := list(islice(lines, AT_ONCE)):
        fit: list[Incoming] = []
        wrong: list[Wrong] = []
        for row, (line, cells) in some:
            try:
                fit.append(read(cells, how))
            except LineRefused as refused:
                wrong.append(Wrong(row, line, str(refused), tuple(cells)))
        yield len(some), fit, wrong


def _lines(stream: BinaryIO, encoding: str, delimiter: str) -> Generator[tuple[int, list[str]], None, None]:
    """Yield each line that holds anything with where it ends in the file. Raises FileUnreadable."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, errors="strict", newline="")
    found = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for cells in found:
            if any(cell.strip() for cell in cells):
                yield found.line_num, cells
    except UnicodeError as error:
        raise FileUnreadable("is not written in UTF-8 or UTF-16", line=found.line_num + 1) from error
    except csv.Error as error:
        raise FileUnreadable(sheets.said(error), line=found.line_num) from error
    finally:
        text.detach()  # the stream stays open


def mapped(where: Places, file: File) -> dict[str, str]:
    """Return which column was taken for what, for the books."""
    return {target: file.head[position] for target, position in where.at.items()}


def names(some: Iterable[Wrong]) -> list[str]:
    """Return the reasons in words, with the lines they are about."""
    return [f"line {one.line}: {one.why}" for one in some]


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    return {name.lower(): code for code, name in i18n.countries("en")}
