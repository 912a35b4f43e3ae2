"""Files that are made to hold the service up, to slip past a limit, or to land on somebody else's."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest

from tests.petitions import NOW, draft
from tests.stories.test_uploading import (
    COLUMNS,
    LATER,
    PLAIN,
    counter,
    left,
    mill,
    send,
    work,
)
from widget import bringing, importing, sheets, uploading
from widget.domain.intake_refusals import ImportElsewhere, UploadsWait
from widget.domain.petition import Petition
from widget.domain.signature import State
from widget.domain.upload import Stage
from widget.store.counter import Counter
from widget.store.ledger import Ledger

__all__ = ["counter", "mill"]  # fixtures


class Lines:
    """How many lines of a file were read since it was last asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._read = 0
        following = sheets._Text.__next__

        def counted(text: sheets._Text) -> str:
            self._read += 1
            return following(text)

        monkeypatch.setattr(sheets._Text, "__next__", counted)

    def since(self) -> int:
        read, self._read = self._read, 0
        return read


@pytest.mark.parametrize("empty", ["\n", ",,,\n", '"",""\r\n', " ,\t\n"])
def test_lines_that_hold_nothing_are_read_a_few_at_a_time(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch, empty: str
) -> None:
    """Some spreadsheets save every row they could have had; Mallory saves thirty million."""
    monkeypatch.setattr(bringing, "LINES_AT_ONCE", 3_000)
    upload = send(ledger, mill, PLAIN + empty * 10_000 + "ani@example.org,Ani\n" + empty * 10_000)
    lines = Lines(monkeypatch)
    assert [line for line, _ in uploading.first_rows(upload, ledger=ledger)] == [2, 3]
    assert lines.since() <= uploading.LOOKED_AT
    uploading.try_out(mill, upload, COLUMNS, State.CONFIRMED, ledger=ledger, now=LATER)
    steps = 0
    while bringing.step(ledger=ledger, counter=counter, clock=lambda: LATER):
        steps += 1
        assert lines.since() <= 3_000
    assert steps == 7
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.at.row, upload.at.line) == (Stage.TRIED, 3, 20_004)
    assert (upload.added, upload.refused, upload.done) == (3, 0, 1.0)
    uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
    assert work(ledger, counter) == 7
    assert ledger.tally(mill.id).here == 3
    assert ledger.imports(mill.id)[0].last_row == 3


def test_an_empty_beginning_is_not_read_to_its_end_for_a_page(
    ledger: Ledger, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send(ledger, mill, "E-Mail,Vorname\n" + "\n" * 5_000 + "sam@example.org,Sam\n")
    lines = Lines(monkeypatch)
    assert uploading.first_rows(upload, ledger=ledger) == []
    assert lines.since() <= uploading.LOOKED_AT
    wide = send(ledger, mill, PLAIN + (" " * 100_000 + "\n") * 100)
    assert len(uploading.first_rows(wide, ledger=ledger)) == 2
    assert lines.since() * 100_000 < 2 * sheets.LONGEST_LINE + 300_000


def test_cells_that_go_across_very_many_lines_are_one_line(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = '"' + "\n" * 100_000 + '",'
    upload = send(ledger, mill, PLAIN + "petra@example.org,P\n" + cell * 40 + "\n")
    uploading.try_out(mill, upload, COLUMNS, State.CONFIRMED, ledger=ledger, now=LATER)
    lines = Lines(monkeypatch)
    assert work(ledger, counter) == 1
    assert lines.since() <= sheets.LONGEST_LINE + 5
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert upload.stage is Stage.REFUSED
    assert "longer than a megabyte" in upload.why


def test_what_a_worker_read_of_a_deleted_file_lands_on_no_other(ledger: Ledger, mill: Petition) -> None:
    """SQLite may give the next file, of another petition, the number of the deleted one."""
    upload = send(ledger, mill, PLAIN + "nobody of the mill,Sam\n")
    uploading.try_out(mill, upload, COLUMNS, State.CONFIRMED, ledger=ledger, now=LATER)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    how = importing.reading(mill, importing.chosen(mill, COLUMNS, upload.head), State.CONFIRMED, "", LATER)
    batch = bringing._batch(upload, how, ledger)
    uploading.discard(upload, ledger=ledger)
    other = ledger.add_petition(draft(slug="another"), NOW)
    theirs = send(ledger, other, PLAIN)
    uploading.try_out(other, theirs, COLUMNS, State.CONFIRMED, ledger=ledger, now=LATER)
    with pytest.raises(ImportElsewhere):
        ledger.try_batch(upload, batch, {"sam@example.org"}, LATER)
    uploading.stop(upload, ledger=ledger, now=LATER)
    assert not ledger.move_upload(upload, Stage.STOPPED, LATER)
    theirs = uploading.find(other, theirs.id, ledger=ledger)
    assert (theirs.stage, theirs.at, theirs.refused) == (Stage.TRYING, theirs.begins_at, 0)
    assert left(ledger) == [1, 1, 0, 0]


def test_of_twelve_files_sent_at_once_three_wait(mill: Petition, ledger: Ledger, database_url: str) -> None:
    def one(_: int) -> bool:
        with closing(Ledger.connect(database_url)) as own:
            try:
                send(own, mill, PLAIN)
            except UploadsWait:
                return False
            return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(one, range(12))) == uploading.OPEN_AT_MOST
    assert left(ledger)[:2] == [3, 3]
    send(ledger, ledger.add_petition(draft(slug="another"), NOW), PLAIN)


def test_what_still_arrives_holds_a_place_for_a_while(ledger: Ledger, mill: Petition) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if some := super().read(size):
                return some
            raise OSError("the connection was cut")

    content = (PLAIN + "x,y\n" * 500_000).encode()
    given = {"sent_by": "anahit@example.org", "ledger": ledger}
    for _ in range(3):
        with pytest.raises(OSError, match="cut"):
            uploading.receive(mill, Cut(content), "list.csv", now=LATER, **given)  # type: ignore[arg-type]
    with pytest.raises(UploadsWait):
        send(ledger, mill, PLAIN)
    after = LATER + uploading.ARRIVES_WITHIN + timedelta(seconds=1)
    uploading.receive(mill, io.BytesIO(PLAIN.encode()), "list.csv", now=after, **given)  # type: ignore[arg-type]
