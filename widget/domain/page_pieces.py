"""The lines of a petition page told apart: labels with their values, furniture, text.

Browsers write what stands side by side on a page without a gap ("Signatures: 49Next Goal: 50") and
what stands below a label on a line of its own; both are read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from widget.domain.page_lines import Line
from widget.domain.refusals import PageUnreadable

MAX_FIGURE = 1_000_000_000

# Lower case. They stand on the page as buttons and headings and say nothing about this petition.
WHY = "why this petition matters"
FURNITURE = frozenset({"support now", WHY})


class Part(Enum):
    """What a line of the page is."""

    BLANK = auto()
    TEXT = auto()
    FURNITURE = auto()
    SIGNATURES = auto()
    NEXT_GOAL = auto()
    PETITION_TO = auto()
    STARTED_BY = auto()
    DECISION_MAKERS = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """One or two lines that belong together. `value` is what follows a label, else the text itself."""

    part: Part
    value: str
    lines: tuple[Line, ...]

    @property
    def number(self) -> int:
        """The 1-based line it begins on."""
        return self.lines[0].number


_FIGURE = r"[0-9][0-9 .,'\u2019]*"
_SIDE_BY_SIDE = re.compile(rf"((?:signatures ?:? ?)?{_FIGURE}?) ?(next goal ?:? ?[0-9].*)", re.IGNORECASE)
_LABELS = tuple(
    (part, re.compile(pattern, re.IGNORECASE))
    for part, pattern in (
        (Part.SIGNATURES, rf"signatures(?: ?:(.*)| ?({_FIGURE}))?"),
        (Part.NEXT_GOAL, rf"next goal(?: ?:(.*)| ?({_FIGURE}))?"),
        (Part.DECISION_MAKERS, rf"decision makers ?:? ?\(?(?:total)? ?:? ?({_FIGURE})?\)?"),
        (Part.PETITION_TO, r"petition to(?: ?:(.*)| (.*))?"),
        (Part.STARTED_BY, r"started by(?: ?:(.*)| (.*))?"),
    )
)
_COUNTED = frozenset({Part.SIGNATURES, Part.NEXT_GOAL, Part.DECISION_MAKERS})
# Whole numbers as pages group them: 12345, 12,345, 12.345, 12 345, 12'345.
_WHOLE = re.compile(r"[0-9]{1,10}|[0-9]{1,3}([ .,'\u2019])[0-9]{3}(?:\1[0-9]{3}){0,2}")


def read_pieces(lines: Sequence[Line]) -> tuple[Piece, ...]:
    """Tell the lines apart, in order."""
    pieces: list[Piece] = []
    label = -1  # where the last piece stands that is not blank
    for piece in (_piece(part) for line in lines for part in _apart(line)):
        if label >= 0 and _completes(piece, pieces[label]):
            known = pieces[label]
            pieces[label] = Piece(known.part, piece.value, (*known.lines, *piece.lines))
            continue
        pieces.append(piece)
        if piece.part is not Part.BLANK:
            label = len(pieces) - 1
    return tuple(pieces)


def figure(piece: Piece) -> int:
    """Return the whole number behind a label; raises PageUnreadable when there is none."""
    label = piece.part.name.replace("_", " ").capitalize()
    if not piece.value:
        raise PageUnreadable(
            f"no number follows '{label}': write it behind it, as in '{label}: 49'", line=piece.number
        )
    if not _WHOLE.fullmatch(piece.value):
        raise PageUnreadable(
            f"'{label}:' is followed by '{piece.value[:40]}', which is not a whole number: "
            "write it in the figures 0 to 9, as in 1234 or 1,234",
            line=piece.number,
        )
    number = int(re.sub("[^0-9]", "", piece.value))
    if number > MAX_FIGURE:
        raise PageUnreadable(f"'{label}:' is above {MAX_FIGURE:,}: correct the number", line=piece.number)
    return number


def _apart(line: Line) -> Iterator[Line]:
    """Part two figures that stood side by side."""
    found = _SIDE_BY_SIDE.fullmatch(line.text)
    texts = found.groups() if found else (line.text,)
    return (Line(line.number, text) for text in texts)


def _piece(line: Line) -> Piece:
    if not line.text:
        return Piece(Part.BLANK, "", (line,))
    if line.text.lower() in FURNITURE:
        return Piece(Part.FURNITURE, line.text.lower(), (line,))
    for part, pattern in _LABELS:
        if found := pattern.fullmatch(line.text):
            value = next((group for group in found.groups() if group), "")
            return Piece(part, value.strip(), (line,))
    return Piece(Part.TEXT, line.text, (line,))


def _completes(piece: Piece, label: Piece) -> bool:
    """Tell whether a line is what the label above it lacks: a figure, or directly below it a name."""
    if label.value or piece.part is not Part.TEXT:
        return False
    if label.part in _COUNTED:
        return re.fullmatch(_FIGURE, piece.value) is not None
    return label.part is Part.STARTED_BY and piece.number == label.number + 1
