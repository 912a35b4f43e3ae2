"""A file that somebody sent in and that is not brought in yet: where it stands, and how far it was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from widget.domain.intake import Incoming
from widget.domain.signature import State

LINES_KEPT = 10_000  # lines that were not taken, for one file; with so many the columns are wrong
BYTES_KEPT = 4 * 1024 * 1024  # of them
REASONS_KEPT = 50


class Stage(StrEnum):
    """What is to become of an upload next."""

    ARRIVING = "arriving"  # pieces of it are here; left so, it is swept away
    ARRIVED = "arrived"  # somebody has to say which column is what
    TRYING = "trying"  # the worker reads all of it and stores no signature
    TRIED = "tried"  # somebody has to say whether it comes in
    GOING = "going"  # the worker takes it in
    STOPPED = "stopped"  # somebody stopped it, or something that `why` names did
    DONE = "done"  # it came in; what was not taken can still be fetched
    REFUSED = "refused"  # it cannot be read to its end; `why` says so


UNDERWAY = frozenset({Stage.TRYING, Stage.GOING})
OPEN = frozenset(Stage) - {Stage.ARRIVING, Stage.DONE}


@dataclass(frozen=True, slots=True)
class Position:
    """How much was read: rows of data, and lines and bytes with those of the headings."""

    row: int = 0
    line: int = 0
    byte: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was sent in. `size` in bytes is that of its text in UTF-8, as it is kept here.

    `columns` says which column, counted from 0, is what; `state` what all of them are, None for what the file
    says. `added`, `merged` and `refused` are of the trial until it comes in, then of the import.
    """

    id: int
    petition_id: int
    stage: Stage
    file_name: str
    sent_by: str
    sent_at: datetime
    touched_at: datetime
    fingerprint: str
    size: int
    delimiter: str
    head: tuple[str, ...]
    columns: Mapping[str, int]
    state: State | None
    attempt: int
    begins_at: Position
    at: Position
    added: int
    merged: int
    refused: int
    kept: int
    kept_bytes: int
    reasons: Mapping[str, int]
    why: str
    import_id: int | None

    @property
    def key(self) -> str:
        """Return its number with a stamp: numbers are given again once a file is deleted, keys are not."""
        known = f"{self.petition_id} {self.sent_at.isoformat()} {self.fingerprint}"
        return f"{self.id}-{sha256(known.encode()).hexdigest()[:10]}"

    @property
    def done(self) -> float:
        """Return which part of its data was read, from 0 to 1."""
        read, data = self.at.byte - self.begins_at.byte, self.size - self.begins_at.byte
        return min(read / data, 1.0) if data > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of an upload in one go: what fits, and what does not as lines of the table of errors.

    `reasons` says how often what was wrong; `at` is where the next one begins, `ended` that there is none.
    `erased` are its rows of people who were erased since the file was sent: of them no line is kept.
    """

    rows: int
    fit: Sequence[Incoming]
    wrong: Sequence[str]
    reasons: Mapping[str, int]
    at: Position
    ended: bool
    erased: int = 0

    @property
    def refused(self) -> int:
        """Return how many rows are not taken."""
        return len(self.wrong) + self.erased


def kept_of(batch: Batch, upload: Upload) -> tuple[int, str]:
    """Return how many of the lines that were not taken there is room for, and these in one text."""
    lines, room = [], BYTES_KEPT - upload.kept_bytes
    for line in batch.wrong[: LINES_KEPT - upload.kept]:
        room -= len(line.encode())
        if room < 0:
            break
        lines.append(line)
    return len(lines), "".join(lines)


def added_up(known: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Add up reasons; of too many different ones those that come last are one."""
    total = dict(known)
    for reason, count in more.items():
        key = reason if reason in total or len(total) < REASONS_KEPT else "something else"
        total[key] = total.get(key, 0) + count
    return total
