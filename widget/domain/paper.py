"""Signatures on paper: counted by hand, and part of the number with where, when and on which scan."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from widget.domain.refusals import PaperRefused

AT_MOST = 1_000_000  # signatures in one figure; more is a slip of the keyboard, or several scans
EARLIEST = date(1900, 1, 1)  # before that nobody signed anything that is still open: the year is mistyped
FURTHEST_EAST = timedelta(hours=14)  # where it is tomorrow already (UTC+14)
PLACE_LENGTH = 200
REFERENCE_LENGTH = 100
NOTE_LENGTH = 500
RECORDER_LENGTH = 100
CANONICAL_REFERENCE_LENGTH = 300  # some signs become several when their compatible form is taken
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PaperFigure:
    """Signatures on paper that were counted together.

    `collected_on` is the day of collection, the last one if there were several. `reference` is the number of
    the scan or folder in which everybody who has the right to can count again. `note` is for the books alone.
    """

    count: int
    place: str
    collected_on: date
    reference: str
    note: str = ""

    @property
    def canonical_reference(self) -> str:
        """Return the reference in the form in which two spellings of one scan are equal.

        Case, width and what stands between two parts make no difference: "A-17" and "a 17" are one scan,
        but "A17" is another, and "A1-7" a third. A reference without letter or digit stands for itself.
        """
        plain = unicodedata.normalize("NFKC", self.reference).casefold()
        return (_BETWEEN.sub(" ", plain).strip() or plain)[:CANONICAL_REFERENCE_LENGTH]


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """A line in the books about paper, which is never changed nor deleted.

    `takes_back` is None for a figure that was added. Else the line is a counter-entry: it takes back the
    entry of that number, `figure.count` is below 0, and `figure.note` says why. `stands` tells whether a
    figure was added and not taken back, `names` how many of its people are known by name.
    """

    id: int
    figure: PaperFigure
    recorded_at: datetime
    recorded_by: str
    takes_back: int | None = None
    stands: bool = True
    names: int = 0


def counter_entry(of: PaperFigure, because: str) -> PaperFigure:
    """Return the figure that takes another back."""
    return replace(of, count=-of.count, note=because)


def paper_sum(entries: Iterable[PaperEntry]) -> int:
    """Return what all entries together add to the number."""
    return sum(entry.figure.count for entry in entries)


def checked(figure: PaperFigure, recorded_by: str, now: datetime) -> tuple[PaperFigure, str]:
    """Return a figure and who recorded it, each text in one line. Raises PaperRefused with every problem."""
    tidy = replace(
        figure,
        place=_line(figure.place),
        reference=_line(figure.reference),
        note=_line(figure.note),
    )
    problems = {
        "count": _count_problem(tidy.count),
        "collected_on": _day_problem(tidy.collected_on, now),
        "place": words_problem(tidy.place, PLACE_LENGTH),
        "reference": words_problem(tidy.reference, REFERENCE_LENGTH),
        "note": words_problem(tidy.note, NOTE_LENGTH, required=False),
        "recorded_by": words_problem(_line(recorded_by), RECORDER_LENGTH),
    }
    refuse_if(problems)
    return tidy, _line(recorded_by)


def checked_reason(because: str, recorded_by: str) -> tuple[str, str]:
    """Return why and by whom an entry is taken back. Raises PaperRefused with every problem."""
    problems = {
        "because": words_problem(_line(because), NOTE_LENGTH),
        "recorded_by": words_problem(_line(recorded_by), RECORDER_LENGTH),
    }
    refuse_if(problems)
    return _line(because), _line(recorded_by)


def refuse_if(problems: dict[str, str | None]) -> None:
    """Raise PaperRefused if there is any problem; None stands for none."""
    found = {name: problem for name, problem in problems.items() if problem}
    if found:
        raise PaperRefused(found)


def words_problem(line: str, limit: int, *, required: bool = True) -> str | None:
    """Say what is wrong with a line of text, or None."""
    if required and not line:
        return "is missing"
    if len(line) > limit:
        return f"is longer than {limit} characters"
    if not line.isprintable():
        return "has characters that cannot be shown"
    return None


def _count_problem(count: int) -> str | None:
    if count < 1:
        return "is not above 0: to take a figure back, add its counter-entry"
    if count > AT_MOST:
        return f"is above {AT_MOST:,}: add each scan as a figure of its own"
    return None


def _day_problem(day: date, now: datetime) -> str | None:
    if day > (now + FURTHEST_EAST).date():
        return f"{day} is in the future"
    if day < EARLIEST:
        return f"{day} is before {EARLIEST.year}"
    return None


def _line(words: str) -> str:
    return " ".join(words.split())
