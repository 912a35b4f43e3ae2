"""The story of a file that Anahit sends in: kept, told which column is what, tried, let in.

The worker reads it (`bringing`); here it is only told to.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import BinaryIO

from widget import bringing, importing, sheets
from widget.domain.intake import Import, Incoming, LineRefused, read
from widget.domain.intake_refusals import FileUnreadable, ImportElsewhere, UploadNotFound, UploadsWait
from widget.domain.petition import Petition
from widget.domain.refusals import PetitionClosed
from widget.domain.signature import State
from widget.domain.upload import OPEN, Position, Stage, Upload
from widget.store.ledger import Ledger

SIZE_AT_MOST = 30 * 1000 * 1000  # bytes: some 200 000 signatures with all that may be known of them
OPEN_AT_MOST = 3  # files of one petition that wait here
PIECE = bringing.PIECE
ARRIVES_WITHIN = timedelta(minutes=10)  # what does not was left by a process that died, and holds no place
SHOWN = 5  # rows of a file that a page shows
LOOKED_AT = 1_000  # lines in which it looks for them
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as it would come in: the signature, or why it is not taken."""

    line: int
    one: Incoming | None
    why: str = ""


def receive(
    petition: Petition, stream: BinaryIO, file_name: str, *, sent_by: str, ledger: Ledger, now: datetime
) -> int:
    """Keep a file, in UTF-8 whatever it came in; return its number.

    Raises FileUnreadable for what is no table with a row in it, and nothing is kept then; PetitionClosed
    where nobody could tell who has signed; UploadsWait.
    """
    if petition.anonymised_at is not None:
        raise PetitionClosed(petition.slug)
    digest = sha256()
    pieces = _pieces(stream, digest.update)
    first = next(pieces, b"")
    upload_id = ledger.begin_upload(
        petition.id,
        file_name=_name(file_name),
        sent_by=sent_by,
        now=now,
        at_most=OPEN_AT_MOST,
        arriving_since=now - ARRIVES_WITHIN,
    )
    if upload_id is None:
        raise UploadsWait(f"{OPEN_AT_MOST} files wait here")
    try:
        size = 0
        for number, piece in enumerate(_chained(first, pieces)):
            ledger.add_piece(upload_id, number, piece)
            size += len(piece)
        delimiter, head, at = _begun(bringing.blocks(upload_id, 0, ledger))
    except FileUnreadable:
        ledger.drop_upload(upload_id)
        raise
    ledger.end_upload(
        upload_id, fingerprint=digest.hexdigest(), size=size, delimiter=delimiter, head=head, at=at
    )
    return upload_id


def find(petition: Petition, upload_id: int, *, ledger: Ledger) -> Upload:
    """Return a file of this petition. Raises UploadNotFound."""
    return ledger.upload(petition.id, upload_id)


def find_by_key(petition: Petition, key: str, *, ledger: Ledger) -> Upload:
    """Return the file of this petition that has this key, and no later one. Raises UploadNotFound."""
    found = (one for one in ledger.uploads(petition.id) if one.key == key)
    upload = next(found, None)
    if upload is None:
        raise UploadNotFound(key)
    return upload


def waiting(petition: Petition, *, ledger: Ledger) -> list[Upload]:
    """Return the files of this petition that are not done with, the latest first."""
    return [one for one in ledger.uploads(petition.id) if one.stage in OPEN]


def of_import(petition: Petition, import_id: int, *, ledger: Ledger) -> Upload | None:
    """Return the file of an import, if it or what was wrong with it is still here."""
    found = (one for one in ledger.uploads(petition.id) if one.import_id == import_id)
    return next(found, None)


def before(petition: Petition, upload: Upload, *, ledger: Ledger) -> list[Import]:
    """Return the imports that the same file was brought in by."""
    return [
        one
        for one in ledger.imports(petition.id)
        if one.fingerprint == upload.fingerprint and one.id != upload.import_id
    ]


def first_rows(upload: Upload, *, ledger: Ledger) -> list[tuple[int, list[str]]]:
    """Return some rows as they stand near the beginning, with their lines. Raises FileUnreadable."""
    begin = upload.begins_at
    found = sheets.rows(bringing.blocks(upload.id, begin.byte, ledger), upload.delimiter, begin)
    rows: list[tuple[int, list[str]]] = []
    for at, cells in islice(found, LOOKED_AT):
        if cells:
            rows.append((at.line, cells))
        # Somebody waits for a page: an empty beginning is not read to its end, however many bytes it has.
        if len(rows) == SHOWN or at.byte - begin.byte > sheets.LONGEST_LINE:
            break
    return rows


def preview(
    petition: Petition,
    upload: Upload,
    rows: Sequence[tuple[int, list[str]]],
    columns: Mapping[str, int],
    state: State | None,
) -> list[Shown]:
    """Return the first rows as they would come in. Raises MappingUnfit, PetitionClosed."""
    where = importing.chosen(petition, columns, upload.head)
    how = importing.reading(petition, where, state, upload.file_name, upload.sent_at)
    shown = []
    for line, cells in rows:
        try:
            shown.append(Shown(line, read(cells, how)))
        except LineRefused as refused:
            shown.append(Shown(line, None, str(refused)))
    return shown


def try_out(
    petition: Petition,
    upload: Upload,
    columns: Mapping[str, int],
    state: State | None,
    *,
    ledger: Ledger,
    now: datetime,
) -> None:
    """Let the worker read all of it with these columns and store no signature.

    Raises MappingUnfit, PetitionClosed, and ImportElsewhere where it came in or was begun meanwhile.
    """
    where = importing.chosen(petition, columns, upload.head)
    importing.reading(petition, where, state, upload.file_name, upload.sent_at)
    can_be = upload.stage in {Stage.ARRIVED, Stage.TRYING, Stage.TRIED}
    if not can_be or not ledger.try_upload(upload, columns, state, now):
        raise ImportElsewhere("somebody else has this file in hand")


def start(upload: Upload, *, recorded_by: str, ledger: Ledger, now: datetime) -> None:
    """Let the worker take it in. Asked twice it begins once."""
    if upload.stage is not Stage.TRIED:
        return
    taken = {target: upload.head[at] or f"column {at + 1}" for target, at in upload.columns.items()}
    if upload.state is not None:
        taken["state"] = f"all {upload.state}"
    ledger.start_import(upload, taken, recorded_by=recorded_by, now=now)


def stop(upload: Upload, *, ledger: Ledger, now: datetime) -> None:
    """Let the worker leave it where it is; a trial goes back to the choice of columns."""
    if upload.stage is Stage.GOING:
        ledger.move_upload(upload, Stage.STOPPED, now)
    elif upload.stage is Stage.TRYING:
        ledger.move_upload(upload, Stage.ARRIVED, now)


def resume(upload: Upload, *, ledger: Ledger, now: datetime) -> None:
    """Let the worker go on where it was stopped."""
    if upload.stage is Stage.STOPPED:
        ledger.move_upload(upload, Stage.GOING, now)


def choose_again(upload: Upload, *, ledger: Ledger, now: datetime) -> None:
    """Go back to the choice of columns."""
    if upload.stage in {Stage.TRYING, Stage.TRIED}:
        ledger.move_upload(upload, Stage.ARRIVED, now)


def discard(upload: Upload, *, ledger: Ledger) -> None:
    """Delete a file, however far it is. What came in of it stays, with its import."""
    ledger.drop_upload(upload.id)


def errors(upload: Upload, *, ledger: Ledger) -> Iterator[str]:
    """Yield the table of what was not taken, safe to open; mended, it can be sent in itself."""
    yield sheets.error_head(upload.head)
    yield from ledger.upload_errors(upload.id)


def _pieces(stream: BinaryIO, note: Callable[[bytes], object]) -> Iterator[bytes]:
    """Yield a file in UTF-8 without a mark, in pieces of equal length. Raises FileUnreadable."""
    block = stream.read(_BLOCK)
    decoder = codecs.getincrementaldecoder(sheets.encoding(block))(errors="strict")
    read, rest = 0, b""
    while block:
        note(block)
        read += len(block)
        if read > SIZE_AT_MOST:
            raise FileUnreadable(f"it is larger than {SIZE_AT_MOST // 1_000_000} MB: part it in several")
        following = stream.read(_BLOCK)
        try:
            text = decoder.decode(block, final=not following)
        except UnicodeError as error:
            raise FileUnreadable("is not written in UTF-8 or UTF-16: save it as CSV (UTF-8)") from error
        if "\0" in text:
            raise FileUnreadable("this is no text: save it as CSV (UTF-8)")
        rest += text.encode()
        while len(rest) >= PIECE:
            yield rest[:PIECE]
            rest = rest[PIECE:]
        block = following
    if rest:
        yield rest


def _begun(blocks: Iterator[bytes]) -> tuple[str, tuple[str, ...], Position]:
    """Find out how a table is written, and where its data begin. Raises FileUnreadable."""
    known = list(islice(blocks, sheets.LONGEST_LINE // PIECE + 1))
    _, first = next(_filled(known, ","), (None, []))
    if not first:
        raise FileUnreadable("the file is empty")
    delimiter = sheets.delimiter(first)
    found = _filled(known, delimiter)
    at, cells = next(found)
    head = sheets.headings(cells)
    if next(found, None) is None:
        raise FileUnreadable("there is no line below the headings")
    return delimiter, head, Position(0, at.line, at.byte)


def _filled(blocks: Iterable[bytes], delimiter: str) -> Iterator[tuple[Position, list[str]]]:
    return (one for one in sheets.rows(blocks, delimiter, Position()) if one[1])


def _chained(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _name(file_name: str) -> str:
    """Return what a file is called, without folders, which some browsers send, and what is unseen."""
    plain = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in plain if c.isprintable())[:200].strip() or "table.csv"
