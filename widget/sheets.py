"""A table that some other program wrote: what it is written in, where its lines are, what its head says."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from widget.domain.intake_refusals import FileUnreadable
from widget.domain.sheet import safe, written
from widget.domain.upload import Position

COLUMNS_AT_MOST = 200
LONGEST_LINE = 1024 * 1024  # bytes, across lines where its cells do; the longest honest one is a hundredth
_BY_MARK = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = (",", ";", "\t")
# How files begin that are no tables in letters, and what they are.
_OTHERS = (
    (b"PK\x03\x04", "a workbook (xlsx, ods) or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "packed with gzip"),
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that was not taken: its number among the data, its line in the file, why, and its cells."""

    row: int
    line: int
    why: str
    cells: tuple[str, ...]


def encoding(start: bytes) -> str:
    """Return what a file is written in, by its first bytes. Raises FileUnreadable for what is no table."""
    if not start:
        raise FileUnreadable("the file is empty")
    for mark, what in _OTHERS:
        if start.startswith(mark):
            raise FileUnreadable(f"this is {what}: open it and save it as CSV")
    found = next((name for mark, name in _BY_MARK if start.startswith(mark)), "utf-8")
    if found != "utf-16" and b"\0" in start:
        raise FileUnreadable("this is no text in UTF-8, nor in UTF-16 with its mark: save it as CSV (UTF-8)")
    return found


def delimiter(first: Sequence[str]) -> str:
    """Return what parts the cells, by the first line as cells that a comma parts."""
    plain = ",".join(first)
    return max(_DELIMITERS, key=plain.count)


def headings(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the headings of a table. Raises FileUnreadable where its first line is none."""
    head = tuple(name.strip() for name in cells)
    if len(head) > COLUMNS_AT_MOST:
        raise FileUnreadable(
            f"it has {len(head):,} columns; leave those that are needed, {COLUMNS_AT_MOST} at most"
        )
    if any("@" in name and "." in name.rpartition("@")[2] for name in head):
        raise FileUnreadable("the first line holds a mail address: put a line of headings above it")
    return head


def rows(blocks: Iterable[bytes], delimiter: str, begin: Position) -> Iterator[tuple[Position, list[str]]]:
    """Yield each line with how much was read by its end; one that holds nothing without cells, and is no row.

    `blocks` are the file in UTF-8 from `begin` on. Empty lines are told, too: of millions of them whoever
    reads must be able to leave some for later. Raises FileUnreadable.
    """
    text = _Text(blocks, begin)
    found = csv.reader(text, delimiter=delimiter, strict=True)
    row, ended = begin.row, 0
    try:
        for cells in found:
            ended = found.line_num
            text.end_line()
            holds = any(cell.strip() for cell in cells)
            row += holds
            yield Position(row, begin.line + ended, begin.byte + text.bytes), cells if holds else []
    except csv.Error as error:
        raise FileUnreadable(said(error), line=begin.line + ended + 1) from error


def said(error: csv.Error) -> str:
    """Return what the csv module says, as somebody understands it who has the file before them."""
    words = str(error)
    if "field limit" in words:
        return "a cell is longer than 131,072 characters, or a quotation mark is never closed"
    if "unexpected end" in words:
        return "a quotation mark is never closed"
    return words


def error_line(one: Wrong) -> str:
    """Return a line of the table of errors, safe to open."""
    return table_line((str(one.line), one.why, *one.cells))


def error_head(head: Sequence[str]) -> str:
    """Return the headings of the table of errors."""
    return table_line(("line", "why", *head))


def table_line(cells: Sequence[str]) -> str:
    """Return a line of a table that opens safely."""
    return written([[safe(cell) for cell in cells]]).decode()


class _Text:
    """The lines of a file, with how many bytes of it were handed out."""

    def __init__(self, blocks: Iterable[bytes], begin: Position) -> None:
        self._lines = self._split(blocks)
        self._begin = begin
        self._count = 0
        self._ended = 0
        self.bytes = 0

    def __iter__(self) -> "_Text":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.bytes += len(line)
        if self.bytes - self._ended > LONGEST_LINE:
            raise self._too_long()
        self._count += 1
        return line.decode()

    def end_line(self) -> None:
        """Note that a line of the table ends here; with quoted cells it may be many of the file."""
        self._ended = self.bytes

    def _too_long(self) -> FileUnreadable:
        return FileUnreadable("this line is longer than a megabyte", line=self._begin.line + self._count + 1)

    def _split(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        rest = b""
        for block in blocks:
            # The last one stays: it may go on in the next block, or its "\r" have a "\n" there.
            *whole, rest = (rest + block).splitlines(keepends=True) or [b""]
            yield from whole
            if len(rest) > LONGEST_LINE:
                raise self._too_long()
        yield from rest.splitlines(keepends=True)
