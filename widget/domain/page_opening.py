"""What stands above the text of a petition page: title, date, addressees, who started it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from widget.domain.page_date import read_date
from widget.domain.page_lines import Line
from widget.domain.page_pieces import WHY, Part, Piece, read_pieces
from widget.domain.refusals import PageUnreadable

MAX_TITLE = 300
MAX_NAME = 200
MAX_ADDRESSEES = 20


@dataclass(slots=True)
class Opening:
    """The facts above the text, filled in as they are found."""

    title: str
    started_by: str = ""
    started_on: date | None = None
    addressees: list[str] = field(default_factory=list)


def read_title(lines: Sequence[Line]) -> tuple[Line, Sequence[Line]]:
    """Return the title's line, written once or repeated, and the lines below it."""
    filled = [(index, line) for index, line in enumerate(lines) if line.text]
    first = filled[0][1]
    repeats = 1
    while repeats < len(filled) and _same(filled[repeats][1].text, first.text):
        repeats += 1
    if not _may_be_title(first, repeated=repeats > 1):
        raise PageUnreadable(
            "the title is missing: write it above this line (if this line is the title, write it twice)",
            line=first.number,
        )
    if len(first.text) > MAX_TITLE:
        raise PageUnreadable(
            f"the title is longer than {MAX_TITLE} characters: shorten it", line=first.number
        )
    return first, lines[filled[repeats - 1][0] + 1 :]


def part_opening(pieces: Sequence[Piece], *, last_line: int) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Part the opening from the text, which begins below "Started by" and "Why this petition matters"."""
    if all(piece.part in (Part.TEXT, Part.BLANK) for piece in pieces):
        raise PageUnreadable(
            "this is not a petition page saved as plain text: it has neither a line 'Started by NAME' nor a "
            "line 'Signatures: 49'"
        )
    started = next((i for i, piece in enumerate(pieces) if piece.part is Part.STARTED_BY), None)
    why = next(
        (i for i, piece in enumerate(pieces) if piece.part is Part.FURNITURE and piece.value == WHY), None
    )
    if started is None:
        raise PageUnreadable(
            "who started the petition is missing: write a line 'Started by NAME' above the text",
            line=pieces[why].number if why is not None else last_line,
        )
    end = max(started, why if why is not None else 0) + 1
    end = _past_the_name_again(pieces, end, pieces[started].value)
    return pieces[:end], pieces[end:]


def read_opening(pieces: Sequence[Piece], title: str) -> Opening:
    """Take the facts from the pieces above the text; a line that is none of them is refused."""
    opening = Opening(title)
    naming = False  # the lines directly below "Petition to" are addressees
    for piece in pieces:
        if piece.part is Part.TEXT:
            _place(piece, opening, naming=naming)
        elif piece.part is Part.PETITION_TO:
            naming = True
            opening.addressees += [_name(piece)] if piece.value else []
        elif piece.part is Part.STARTED_BY:
            opening.started_by = _one_name(piece, opening)
        naming = naming and piece.part in (Part.PETITION_TO, Part.TEXT, Part.BLANK)
    return opening


def _place(piece: Piece, opening: Opening, *, naming: bool) -> None:
    """Take a line without a label for what it is: the title again, the date, or an addressee."""
    if _same(piece.value, opening.title):
        return
    day = _date(piece)
    if day is not None:
        if opening.started_on not in (None, day):
            raise PageUnreadable(
                f"the page has a second date here, after {opening.started_on}: delete one", line=piece.number
            )
        opening.started_on = day
    elif naming and len(opening.addressees) < MAX_ADDRESSEES:
        opening.addressees.append(_name(piece))
    elif naming:
        raise PageUnreadable(
            f"more than {MAX_ADDRESSEES} lines follow 'Petition to': keep those who decide", line=piece.number
        )
    else:
        raise PageUnreadable(
            f"'{piece.value[:60]}' is nothing that stands above the text of a petition page: delete it, "
            "or move it below 'Started by' if it is part of the text",
            line=piece.number,
        )


def _may_be_title(line: Line, *, repeated: bool) -> bool:
    piece = read_pieces([line])[0]
    # "Petition to save the lake" can be a title as well as a label; written twice, it is the title.
    if piece.part in (Part.PETITION_TO, Part.STARTED_BY):
        return repeated
    return piece.part is Part.TEXT and _date(piece) is None


def _past_the_name_again(pieces: Sequence[Piece], end: int, name: str) -> int:
    """Move the end past "Started by" with the same name, which may stand under the heading once more."""
    for index in range(end, len(pieces)):
        if (pieces[index].part, pieces[index].value) == (Part.STARTED_BY, name):
            end = index + 1
        elif pieces[index].part is not Part.BLANK:
            break
    return end


def _one_name(piece: Piece, opening: Opening) -> str:
    name = _name(piece)
    if opening.started_by not in ("", name):
        raise PageUnreadable(
            f"the page says twice who started it, first {opening.started_by}: delete one", line=piece.number
        )
    return name


def _name(piece: Piece) -> str:
    if not piece.value:
        raise PageUnreadable(
            "no name follows 'Started by': write it behind, in the same line", line=piece.number
        )
    if len(piece.value) > MAX_NAME:
        raise PageUnreadable(
            f"the name here is longer than {MAX_NAME} characters: shorten it", line=piece.number
        )
    return piece.value


def _date(piece: Piece) -> date | None:
    try:
        return read_date(piece.value)
    except ValueError as problem:
        raise PageUnreadable(f"{problem}: write it like 2020-10-04", line=piece.number) from None


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
