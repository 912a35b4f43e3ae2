"""The letter on a petition page, and what is appended to it, as Markdown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from widget.domain.page_lines import Line
from widget.domain.page_markdown import heading, paragraph
from widget.domain.page_pieces import Part, Piece
from widget.domain.refusals import PageUnreadable

MAX_TEXT = 50_000
# Below "Decision Makers" stand names and offices; a longer line is part of a text that would be lost.
MAX_OFFICE = 200
MAX_OFFICES_NAMED = 5

_CLOSINGS = frozenset(
    {
        *(
            "regards",
            "kind regards",
            "best regards",
            "warm regards",
            "with kind regards",
            "with best regards",
        ),
        *("sincerely", "yours sincerely", "sincerely yours", "yours faithfully", "yours truly"),
        *("respectfully", "respectfully yours", "yours respectfully", "with respect", "with great respect"),
        *("in hope", "with hope", "in solidarity", "in peace"),
    }
)
_APPENDED = re.compile(r"(?:below you (?:can|will) find|appendix\b|annex\b|appended\b)", re.IGNORECASE)
_NUMBER = r" (?:[0-9]{1,4}[a-z]?|[ivxlc]{1,8})"
_HEADING = re.compile(
    rf"(?:(?:article|section|chapter|protocol){_NUMBER}|(?:appendix|annex)(?:{_NUMBER})?)"
    r"(?:[.:]?|(?: ?[:\u2013\u2014] ?| - )\S.{0,99})",
    re.IGNORECASE,
)

_Paragraph = list[Line]


@dataclass(frozen=True, slots=True)
class Letter:
    """The text and its appendix, both Markdown that shows the page's words literally."""

    text: str
    appendix: str
    first_line: Line


def read_letter(pieces: Sequence[Piece], *, last_line: int, notes: list[str]) -> Letter:
    """Read all that stands below a page's opening; what is left out goes into `notes`."""
    end = next((i for i, piece in enumerate(pieces) if piece.part is Part.DECISION_MAKERS), len(pieces))
    paragraphs = _paragraphs(pieces[:end])
    _note_left_out(pieces[end:], notes)
    if not paragraphs:
        raise PageUnreadable("the text is missing: write it below 'Started by NAME'", line=last_line)
    _refuse_long(paragraphs)
    start = _start_of_appendix(paragraphs)
    if start < len(paragraphs):
        notes.append(f"appendix: everything from line {paragraphs[start][0].number} on")
    return Letter(
        text="\n\n".join(paragraph([line.text for line in lines]) for lines in paragraphs[:start]),
        appendix="\n\n".join(block for lines in paragraphs[start:] for block in _blocks(lines)),
        first_line=paragraphs[0][0],
    )


def _paragraphs(pieces: Sequence[Piece]) -> list[_Paragraph]:
    """Group the lines that follow each other; furniture between two parts them like a blank line."""
    paragraphs: list[_Paragraph] = [[]]
    for piece in pieces:
        # Only a page's opening says who started it and to whom; further down it is the text speaking.
        if piece.part in (Part.TEXT, Part.STARTED_BY, Part.PETITION_TO):
            paragraphs[-1] += piece.lines
        elif paragraphs[-1]:
            paragraphs.append([])
    return [lines for lines in paragraphs if lines]


def _note_left_out(pieces: Sequence[Piece], notes: list[str]) -> None:
    lines = [line for lines in _paragraphs(pieces) for line in lines]
    for line in lines:
        if len(line.text) > MAX_OFFICE:
            raise PageUnreadable(
                "text follows 'Decision Makers', where a page ends: move it above, or delete it",
                line=line.number,
            )
    notes.extend(f"left out: line {line.number}, '{line.text}'" for line in lines[:MAX_OFFICES_NAMED])
    if len(lines) > MAX_OFFICES_NAMED:
        notes.append(f"left out: {len(lines) - MAX_OFFICES_NAMED} more lines below 'Decision Makers'")


def _refuse_long(paragraphs: Sequence[_Paragraph]) -> None:
    length = 0
    for line in (line for lines in paragraphs for line in lines):
        length += len(line.text)
        if length > MAX_TEXT:
            raise PageUnreadable(
                f"the text is longer than {MAX_TEXT:,} characters from here on: shorten it", line=line.number
            )


def _start_of_appendix(paragraphs: Sequence[_Paragraph]) -> int:
    """Find the first paragraph behind the closing and its signature, else one that says what it is."""
    for index, lines in enumerate(paragraphs):
        closing = next((i for i, line in enumerate(lines) if _closes(line)), None)
        if closing is not None:
            signed = closing < len(lines) - 1
            return index + 1 if signed or _appends(paragraphs[index + 1 : index + 2]) else index + 2
    announced = (i for i in range(1, len(paragraphs)) if _appends(paragraphs[i : i + 1]))
    return next(announced, len(paragraphs))


def _closes(line: Line) -> bool:
    return line.text.lower().rstrip(" ,.!") in _CLOSINGS


def _appends(paragraphs: Sequence[_Paragraph]) -> bool:
    return any(_APPENDED.match(lines[0].text) for lines in paragraphs)


def _blocks(lines: _Paragraph) -> list[str]:
    """Part the headings from the lines they stand above."""
    blocks: list[str] = []
    flowing: list[str] = []
    for text in (line.text for line in lines):
        if _HEADING.fullmatch(text):
            blocks += [*_flowed(flowing), heading(text)]
            flowing = []
        else:
            flowing.append(text)
    return blocks + _flowed(flowing)


def _flowed(lines: Sequence[str]) -> list[str]:
    return [paragraph(lines)] if lines else []
