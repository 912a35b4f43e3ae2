"""The story of the worker that brings files in: a thousand rows, then it looks whether there is a letter.

Each step is one transaction that also writes how far the file was read. So it does not matter who does the
next one, nor what became of whoever did the last: killed between two steps or within one, nothing is lost or
twice.
"""

import logging
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from datetime import datetime

from widget import importing, sheets
from widget.domain.intake import LineRefused, Reading, read, reason
from widget.domain.intake_refusals import FileUnreadable, ImportElsewhere, MappingUnfit
from widget.domain.mapping import in_their_words
from widget.domain.petition import Petition
from widget.domain.refusals import LedgerUnavailable, PetitionClosed
from widget.domain.upload import Batch, Position, Stage, Upload
from widget.sheets import Wrong
from widget.store.counter import Counter
from widget.store.ledger import Ledger

PIECE = 256 * 1024  # bytes of text in one row of the ledger
AT_ONCE = 1_000  # rows in one step
LINES_AT_ONCE = 20_000  # of the file, with empty ones, of which some spreadsheets save a million
BYTES_AT_ONCE = 4 * 1024 * 1024
APART = 1.0  # seconds between two looks for a file, and at most between two steps beside many letters

log = logging.getLogger(__name__)


def blocks(upload_id: int, byte: int, ledger: Ledger) -> Iterator[bytes]:
    """Yield what is kept of a file from a byte on."""
    number, within = divmod(byte, PIECE)
    while (piece := ledger.piece(upload_id, number)) is not None:
        yield piece[within:]
        number, within = number + 1, 0


def step(*, ledger: Ledger, counter: Counter, clock: Callable[[], datetime]) -> bool:
    """Do the next step of the file that has waited longest; tell whether there was one.

    A file that makes a step fail is stopped, so that it does not fail for ever. Raises LedgerUnavailable,
    with nothing of the step done.
    """
    upload = ledger.upload_underway()
    if upload is None:
        return False
    try:
        petition = ledger.petition_by_id(upload.petition_id)
        _take(upload, petition, ledger, counter, clock)
    except ImportElsewhere:
        _leave(upload, ledger, clock())
        return False  # whoever was quicker goes on with it
    except (FileUnreadable, MappingUnfit) as unfit:
        ledger.move_upload(upload, Stage.REFUSED, clock(), why=unfit.detail)
    except PetitionClosed:
        ledger.move_upload(upload, Stage.STOPPED, clock(), why="the signers of this petition were anonymised")
    except LedgerUnavailable:
        raise
    except Exception:
        log.exception("a step of an import failed")
        # This one alone: another worker may have another file in hand by now.
        ledger.move_upload(upload, Stage.STOPPED, clock(), why="something failed here")
        return False
    return True


class Bringing:
    """Steps for a worker that asks again and again, and has letters to send besides.

    After a step that found nothing it does not look again for a moment.
    """

    def __init__(self, *, ledger: Ledger, counter: Counter, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._counter = counter
        self._clock = clock
        self._next = 0.0
        self._took = 0.0
        self._idle = False

    def __call__(self, room: float) -> bool:
        """Do a step if there is a file, and `room` seconds for it or none was done for a while; tell whether.

        Never raises: a file that cannot be read must not keep letters from going out.
        """
        now = time.monotonic()
        if now < self._next and (self._idle or room < self._took):
            return False
        try:
            did = step(ledger=self._ledger, counter=self._counter, clock=self._clock)
        except LedgerUnavailable:
            did = False
        except Exception:
            log.exception("no file could be looked for")
            did = False
        self._idle = not did
        self._next = time.monotonic() + APART
        self._took = time.monotonic() - now if did else self._took
        return did


def _take(
    upload: Upload, petition: Petition, ledger: Ledger, counter: Counter, clock: Callable[[], datetime]
) -> None:
    where = importing.chosen(petition, upload.columns, upload.head)
    # What has no date was signed, for all we know, when the file was sent in, whoever reads it when.
    how = importing.reading(petition, where, upload.state, upload.file_name, upload.sent_at)
    batch = _batch(upload, how, ledger)
    if upload.stage is Stage.TRYING:
        people = {one.new.canonical_email for one in batch.fit}
        ledger.try_batch(upload, batch, people - ledger.who_signed(petition.id, people), clock())
        if batch.ended:
            ledger.forget_people(upload.id)
        return
    added = ledger.take_batch_of(upload, batch, clock())
    if added:
        counter.publish(petition.id, ledger.tally(petition.id))
    if batch.ended:
        ledger.forget_people(upload.id)  # a worker that was killed after the trial left them
        facts = {"petition": petition.id, "import": upload.import_id, "rows": batch.at.row}
        log.info("an import is done", extra={"facts": facts})


def _batch(upload: Upload, how: Reading, ledger: Ledger) -> Batch:
    fit, wrong, reasons = [], [], Tally[str]()
    at, ended = upload.at, True
    kept = blocks(upload.id, upload.at.byte, ledger)
    for at, cells in sheets.rows(kept, upload.delimiter, upload.at):
        try:
            if cells:
                fit.append(read(cells, how))
        except LineRefused as refused:
            why = in_their_words(str(refused), how.places, upload.head)
            wrong.append(sheets.error_line(Wrong(at.row, at.line, why, tuple(cells))))
            reasons[reason(str(refused))] += 1
        if _is_full(upload.at, at):
            ended = False
            break
    if ended:
        at = Position(at.row, at.line, max(upload.size, at.byte))
    return Batch(at.row - upload.at.row, fit, wrong, reasons, at, ended)


def _is_full(begin: Position, at: Position) -> bool:
    return (
        at.row - begin.row >= AT_ONCE
        or at.line - begin.line >= LINES_AT_ONCE
        or at.byte - begin.byte >= BYTES_AT_ONCE
    )


def _leave(upload: Upload, ledger: Ledger, now: datetime) -> None:
    """Leave a file to whoever was quicker; where nobody here was, it went on from the terminal."""
    still = ledger.upload_underway()
    if still is not None and (still.id, still.at, still.stage) == (upload.id, upload.at, upload.stage):
        ledger.move_upload(upload, Stage.STOPPED, now, why="this import was carried on from the terminal")
