"""Anahit sends a file in; a worker tries it and takes it in."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.petitions import MILL, NOW, draft, signature
from tests.stories.dying import die_while
from tests.stories.test_bringing_in import balanced
from widget import bringing, exporting, importing, uploading
from widget.domain.intake_refusals import (
    FileUnreadable,
    ImportElsewhere,
    MappingUnfit,
    UploadNotFound,
    UploadsWait,
)
from widget.domain.petition import Petition
from widget.domain.refusals import PetitionClosed
from widget.domain.retention import Retention
from widget.domain.signature import State
from widget.domain.upload import Position, Stage, Upload
from widget.retaining import retain
from widget.store.counter import Counter
from widget.store.ledger import Ledger

LATER = NOW + timedelta(days=2)
PLAIN = "E-Mail,Vorname\nsam@example.org,Sam\npetra@example.org,Petra\n"
COLUMNS = {"email": 0, "given_name": 1}


@pytest.fixture
def mill(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


@pytest.fixture
def counter(ledger: Ledger) -> Iterator[Counter]:
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: NOW)
    yield counter
    counter.close()


def clock() -> object:
    return LATER


def send(ledger: Ledger, petition: Petition, content: str | bytes, name: str = "list.csv") -> Upload:
    plain = content.encode() if isinstance(content, str) else content
    number = uploading.receive(
        petition, io.BytesIO(plain), name, sent_by="anahit@example.org", ledger=ledger, now=LATER
    )
    return uploading.find(petition, number, ledger=ledger)


def work(ledger: Ledger, counter: Counter) -> int:
    """Let a worker do all that there is; return how many steps it took."""
    steps = 0
    while bringing.step(ledger=ledger, counter=counter, clock=lambda: LATER):
        steps += 1
        assert steps < 1_000
    return steps


def tried(
    ledger: Ledger,
    counter: Counter,
    petition: Petition,
    content: str | bytes,
    *,
    columns: dict[str, int] | None = None,
    state: State | None = State.CONFIRMED,
) -> Upload:
    upload = send(ledger, petition, content)
    chosen = COLUMNS if columns is None else columns
    uploading.try_out(petition, upload, chosen, state, ledger=ledger, now=LATER)
    work(ledger, counter)
    return uploading.find(petition, upload.id, ledger=ledger)


def started(ledger: Ledger, counter: Counter, petition: Petition, content: str | bytes) -> Upload:
    upload = tried(ledger, counter, petition, content)
    uploading.start(upload, recorded_by="anahit@example.org", ledger=ledger, now=LATER)
    return uploading.find(petition, upload.id, ledger=ledger)


def many(count: int) -> str:
    return "E-Mail,Vorname\n" + "".join(f"sam.{number}@example.org,Sam\n" for number in range(count))


def left(ledger: Ledger) -> list[int]:
    """Return how many rows each table about files on their way in has."""
    from sqlalchemy import func, select

    from widget.store.upload_tables import upload_errors, upload_people, upload_pieces, uploads

    tables = (uploads, upload_pieces, upload_errors, upload_people)
    return [
        ledger._database.ask(
            lambda one, table=table: one.scalar(select(func.count()).select_from(table))  # type: ignore[misc]
        )
        for table in tables
    ]


def test_a_file_is_tried_and_nothing_is_stored(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    ledger.record(signature(mill.id, given_name="Samuel"), letter=None)
    content = PLAIN + "PETRA@example.org,Again\nnobody,=1+1\nani@example.org,Ani\n"
    upload = tried(ledger, counter, mill, content)
    assert (upload.stage, upload.added, upload.merged, upload.refused) == (Stage.TRIED, 2, 2, 1)
    assert upload.reasons == {"email is no mail address": 1}
    assert upload.done == 1.0
    assert ledger.tally(mill.id).here == 1
    assert ledger.imports(mill.id) == []
    assert left(ledger) == [1, 1, 1, 0]


def test_taken_in_it_leaves_where_it_is_from_and_what_was_not_taken(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    ledger.record(signature(mill.id, given_name="Samuel"), letter=None)
    content = PLAIN + "PETRA@example.org,Again\nnobody,=1+1\nani@example.org,Ani\n"
    upload = tried(ledger, counter, mill, content)
    uploading.start(upload, recorded_by="anahit@example.org", ledger=ledger, now=LATER)
    work(ledger, counter)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.added, upload.merged, upload.refused) == (Stage.DONE, 2, 2, 1)
    assert balanced(ledger, mill) == 3
    [one] = ledger.imports(mill.id)
    assert (one.file_name, one.recorded_by, one.recorded_at) == ("list.csv", "anahit@example.org", LATER)
    assert (one.last_row, one.added, one.merged, one.refused, one.finished_at) == (5, 2, 2, 1, LATER)
    assert one.mapping == {"email": "E-Mail", "given_name": "Vorname", "state": "all confirmed"}
    kept = ledger.signature(mill.id, "sam@example.org")
    assert kept is not None
    assert kept.given_name == "Samuel"
    assert left(ledger) == [1, 0, 1, 0]
    wrong = "".join(uploading.errors(upload, ledger=ledger))
    assert wrong == "line,why,E-Mail,Vorname\r\n5,E-Mail is no mail address,nobody,'=1+1\r\n"
    assert not ledger.letter_is_due(LATER + timedelta(days=30))

    uploading.discard(upload, ledger=ledger)
    assert left(ledger) == [0, 0, 0, 0]
    assert len(ledger.imports(mill.id)) == 1


def test_an_export_comes_back_without_loss(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    for number in range(3):
        new = signature(
            *(mill.id, f"sam.{number}@example.org"),
            given_name="=Անահիտ;+1",
            comment='Two lines,\nand "quotes"',
            state=State.HELD if number else State.CONFIRMED,
        )
        ledger.record(new, letter=None)
    other = ledger.add_petition(draft(slug="another"), NOW)
    table = b"".join(some for _, some in exporting.export(mill, mark=True, ledger=ledger))
    upload = send(ledger, other, table)
    assert importing.mapping.recognised(upload.head) == "export"
    columns = importing.mapping.suggested(upload.head)
    uploading.try_out(other, upload, columns, None, ledger=ledger, now=LATER)
    work(ledger, counter)
    upload = uploading.find(other, upload.id, ledger=ledger)
    uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
    work(ledger, counter)
    again = b"".join(some for _, some in exporting.export(other, mark=True, ledger=ledger))
    strip = [line.partition(b",")[2] for line in table.split(b"\r\n")]
    assert [line.partition(b",")[2] for line in again.split(b"\r\n")] == strip


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_it_is_read_alike_however_it_is_cut(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch, size: int, end: str
) -> None:
    """Pieces of any length, steps of any length: lines, letters and quoted lines go across them."""
    monkeypatch.setattr(bringing, "PIECE", size)
    monkeypatch.setattr(uploading, "PIECE", size)
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    lines = [
        "E-Mail;Vorname;Worte",
        *(f'sam.{n}@example.org;Զօրան;"one\ntwo;;{n}"' for n in range(5)),
        "",
        "nobody;;",
    ]
    content = end.join(lines).encode("utf-16")
    upload = send(ledger, mill, content)
    columns = {"email": 0, "given_name": 1, "comment": 2}
    uploading.try_out(mill, upload, columns, State.CONFIRMED, ledger=ledger, now=LATER)
    assert work(ledger, counter) == 4 if size else 0
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.added, upload.refused, upload.at.row) == (Stage.TRIED, 5, 1, 6)
    assert "".join(uploading.errors(upload, ledger=ledger)).splitlines()[1].startswith("13,E-Mail is no")
    uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
    work(ledger, counter)
    found = ledger.signature(mill.id, "sam.3@example.org")
    assert found is not None
    assert (found.given_name, found.comment) == ("Զօրան", "one\ntwo;;3")
    assert balanced(ledger, mill) == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (b"E-Mail,Vorname\n", "no line below the headings"),
        (b"sam@example.org,Sam\npetra@example.org,Petra\n", "line of headings above it"),
        (b"PK\x03\x04" + b"\0" * 100, "a workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "an old workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (bytes(range(256)) * 20, "no text"),
        (PLAIN.encode("utf-16-le"), "UTF-16 with its mark"),
        ("E-Mail,Vorname\nsam@example.org,Zoë\n".encode("latin-1"), "not written in UTF-8"),
        (",".join(f"c{n}" for n in range(1_000)).encode() + b"\n1\n", "1,000 columns"),
        (b"E-Mail,Vorname\n" + b"x" * 10_000_000 + b"\n", "longer than"),
        (b'E-Mail,"Vorname\nsam@example.org,Sam\n', "quotation mark"),
        (b"E-Mail,Vorname\n" + b"s@example.org,S\n" * 2_000_000, "larger than 30 MB"),
    ],
    ids=range(16),
)
def test_what_is_no_table_is_told_and_not_kept(
    ledger: Ledger, mill: Petition, content: bytes, words: str
) -> None:
    with pytest.raises(FileUnreadable, match=words):
        send(ledger, mill, content)
    assert left(ledger) == [0, 0, 0, 0]


def test_a_mark_that_is_never_closed_is_found_while_trying(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    upload = tried(ledger, counter, mill, many(1_500) + '"open@example.org,Sam\n' + many(10))
    assert (upload.stage, upload.why) == (Stage.REFUSED, "line 1502: a quotation mark is never closed")
    assert ledger.tally(mill.id).here == 0
    uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
    assert work(ledger, counter) == 0


def test_a_cell_of_ten_megabytes_stops_nothing_else(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    upload = tried(ledger, counter, mill, PLAIN + "x" * 10_000_000 + ",Sam\n")
    assert upload.stage is Stage.REFUSED
    assert "longer than a megabyte" in upload.why
    assert tried(ledger, counter, mill, PLAIN).stage is Stage.TRIED


def test_columns_that_are_called_alike_are_told_apart_by_their_place(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    content = "Name,Name,E-Mail,\nSam,of the Cast,sam@example.org,x\n"
    columns = {"given_name": 0, "family_name": 1, "email": 2}
    upload = tried(ledger, counter, mill, content, columns=columns)
    uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
    work(ledger, counter)
    found = ledger.signature(mill.id, "sam@example.org")
    assert found is not None
    assert (found.given_name, found.family_name) == ("Sam", "of the Cast")


def test_what_fits_nobody_is_told_before_anything_is_read(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    upload = send(ledger, mill, PLAIN)
    given = {"ledger": ledger, "now": LATER}
    with pytest.raises(MappingUnfit, match="mail address"):
        uploading.try_out(mill, upload, {"given_name": 1}, State.CONFIRMED, **given)  # type: ignore[arg-type]
    with pytest.raises(MappingUnfit, match="no such column"):
        uploading.try_out(mill, upload, {"email": 7}, State.CONFIRMED, **given)  # type: ignore[arg-type]
    with pytest.raises(MappingUnfit, match="confirmed"):
        uploading.try_out(mill, upload, COLUMNS, None, **given)  # type: ignore[arg-type]
    assert work(ledger, counter) == 0


def test_the_first_rows_are_shown_as_they_would_come_in(ledger: Ledger, mill: Petition) -> None:
    upload = send(ledger, mill, PLAIN + "nobody,X\n")
    rows = uploading.first_rows(upload, ledger=ledger)
    shown = uploading.preview(mill, upload, rows, COLUMNS, State.PENDING)
    assert [one.line for one in shown] == [2, 3, 4]
    assert [one.one.new.given_name if one.one else one.why for one in shown] == [
        *("Sam", "Petra", "email is no mail address")
    ]
    assert rows[0] == (2, ["sam@example.org", "Sam"])


def test_tried_again_with_other_columns_it_begins_anew(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    upload = tried(ledger, counter, mill, PLAIN + "sam@example.org,Sam\n", columns={"email": 1})
    assert (upload.added, upload.refused) == (0, 3)
    uploading.try_out(mill, upload, COLUMNS, State.CONFIRMED, ledger=ledger, now=LATER)
    work(ledger, counter)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.added, upload.merged, upload.refused, upload.reasons) == (2, 1, 0, {})
    assert list(uploading.errors(upload, ledger=ledger)) == ["line,why,E-Mail,Vorname\r\n"]


def test_stopped_it_goes_on_where_it_was(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    upload = started(ledger, counter, mill, many(5))
    again = uploading.find(mill, upload.id, ledger=ledger)
    uploading.start(again, recorded_by="Anahit", ledger=ledger, now=LATER)  # pressed twice
    assert len(ledger.imports(mill.id)) == 1
    assert bringing.step(ledger=ledger, counter=counter, clock=lambda: LATER)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    uploading.stop(upload, ledger=ledger, now=LATER)
    assert work(ledger, counter) == 0
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.at.row, upload.added) == (Stage.STOPPED, 2, 2)
    uploading.resume(upload, ledger=ledger, now=LATER)
    work(ledger, counter)
    assert balanced(ledger, mill) == 5
    [one] = ledger.imports(mill.id)
    assert (one.last_row, one.added, one.merged, one.finished_at) == (5, 5, 0, LATER)


def test_of_two_workers_one_writes(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other has read the same rows, and writes nothing of them."""
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    upload = started(ledger, counter, mill, many(5))
    petition = ledger.petition_by_id(mill.id)
    assert bringing.step(ledger=ledger, counter=counter, clock=lambda: LATER)
    with pytest.raises(ImportElsewhere):
        bringing._take(upload, petition, ledger, counter, lambda: LATER)
    work(ledger, counter)
    assert balanced(ledger, mill) == 5
    assert ledger.imports(mill.id)[0].merged == 0


def test_carried_on_from_the_terminal_it_is_left_to_it(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    upload = started(ledger, counter, mill, many(5))
    bringing.step(ledger=ledger, counter=counter, clock=lambda: LATER)
    file = importing.opened(io.BytesIO(many(5).encode()))
    where = importing.places(file, ready=None, columns={"email": "E-Mail"})
    how = importing.reading(mill, where, State.CONFIRMED, "list.csv", LATER)
    [into] = ledger.imports(mill.id)
    list(importing.carry_on(into, file, how, ledger=ledger, counter=counter, clock=lambda: LATER))
    work(ledger, counter)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.why) == (Stage.STOPPED, "this import was carried on from the terminal")
    assert balanced(ledger, mill) == 5


@pytest.mark.parametrize("before", range(12))
def test_killed_at_any_statement_it_goes_on_without_loss_or_double(
    ledger: Ledger, counter: Counter, mill: Petition, database_url: str, before: int
) -> None:
    upload = started(ledger, counter, mill, PLAIN + "sam@example.org,Sam\nnobody,X\n")
    petition = ledger.petition_by_id(mill.id)
    where = importing.chosen(mill, upload.columns, upload.head)
    how = importing.reading(petition, where, upload.state, "list.csv", LATER)
    batch = bringing._batch(upload, how, ledger)
    die_while(database_url, before, "take_batch_of", upload, batch, LATER)
    work(ledger, counter)
    assert balanced(ledger, mill) == 2
    [one] = ledger.imports(mill.id)
    assert (one.last_row, one.added, one.merged, one.refused, one.finished_at) == (4, 2, 1, 1, LATER)
    assert len("".join(uploading.errors(upload, ledger=ledger)).splitlines()) == 2


def test_two_files_at_once_with_the_same_people(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    one, other = (tried(ledger, counter, mill, many(7)) for _ in range(2))
    for upload in (one, other):
        assert upload.added == 7
        uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
    work(ledger, counter)
    assert balanced(ledger, mill) == 7
    assert sum(each.added for each in ledger.imports(mill.id)) == 7
    assert sum(each.merged for each in ledger.imports(mill.id)) == 7
    seen = uploading.before(mill, uploading.find(mill, other.id, ledger=ledger), ledger=ledger)
    assert [each.id for each in seen] == [ledger.imports(mill.id)[0].id]


def test_no_more_than_a_few_files_wait(ledger: Ledger, mill: Petition) -> None:
    for _ in range(3):
        send(ledger, mill, PLAIN)
    with pytest.raises(UploadsWait):
        send(ledger, mill, PLAIN)
    [last, *_] = uploading.waiting(mill, ledger=ledger)
    uploading.discard(last, ledger=ledger)
    send(ledger, mill, PLAIN)


def test_of_very_many_lines_that_are_wrong_some_are_kept(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget.domain.upload.LINES_KEPT", 1_200)
    content = "E-Mail,Vorname\n" + "nobody,Sam\n" * 3_000
    upload = tried(ledger, counter, mill, content)
    assert (upload.refused, upload.kept, upload.stage) == (3_000, 1_200, Stage.TRIED)
    assert upload.reasons == {"email is no mail address": 3_000}
    assert "".join(uploading.errors(upload, ledger=ledger)).count("nobody") == 1_200
    monkeypatch.setattr("widget.domain.upload.BYTES_KEPT", 5_000)
    upload = tried(ledger, counter, mill, content)
    assert 0 < upload.kept < 200
    assert upload.kept_bytes <= 5_000


def test_a_petition_whose_signers_are_gone_takes_no_file(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    upload = started(ledger, counter, mill, many(5))
    bringing.step(ledger=ledger, counter=counter, clock=lambda: LATER)
    ledger.anonymise(mill.id, LATER)
    work(ledger, counter)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert upload.stage is Stage.STOPPED
    assert "anonymised" in upload.why
    with pytest.raises(PetitionClosed):
        send(ledger, ledger.petition(mill.slug), PLAIN)
    assert ledger.tally(mill.id).here == 2


def test_a_step_that_fails_stops_its_own_file_and_not_the_one_another_worker_has_next(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tried(ledger, counter, mill, content) for content in (PLAIN, PLAIN.replace("sam", "ani"))]
    for file in files:
        uploading.start(file, recorded_by="anahit@example.org", ledger=ledger, now=LATER)
    bad, good = (uploading.find(mill, file.id, ledger=ledger) for file in files)

    def another_worker_was_quicker(*_: object) -> None:
        ledger.move_upload(bad, Stage.STOPPED, LATER, why="something failed here")
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(bringing, "read", another_worker_was_quicker)
        assert not bringing.Bringing(ledger=ledger, counter=counter, clock=lambda: LATER)(10)
    assert uploading.find(mill, bad.id, ledger=ledger).stage is Stage.STOPPED
    assert uploading.find(mill, good.id, ledger=ledger).stage is Stage.GOING


def test_whom_a_trial_met_is_forgotten_with_the_import_where_a_worker_died_before(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(Ledger, "forget_people", lambda *_: None)
        upload = started(ledger, counter, mill, PLAIN)
    assert left(ledger)[3] == 2
    work(ledger, counter)
    assert uploading.find(mill, upload.id, ledger=ledger).stage is Stage.DONE
    assert left(ledger)[3] == 0


def test_whom_a_trial_met_is_told_by_nobody_without_the_key(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it show who stands in two files."""
    from sqlalchemy import select

    from widget.store.upload_tables import upload_people

    monkeypatch.setattr(Ledger, "forget_people", lambda *_: None)
    tried(ledger, counter, mill, PLAIN)
    with monkeypatch.context() as keyed:
        keyed.setattr(ledger, "_key", b"the key of this service")
        upload = tried(ledger, counter, mill, PLAIN)
        assert upload.added == 2
    met = ledger._database.ask(lambda one: one.scalars(select(upload_people.c.person)).all())
    assert len(set(met)) == 4
    ours = {*ledger._noted(upload, ["sam@example.org", "petra@example.org"])}
    assert ours.isdisjoint(met)  # reckoned without the key


def test_another_petitions_file_is_not_found(ledger: Ledger, mill: Petition) -> None:
    upload = send(ledger, mill, PLAIN)
    other = ledger.add_petition(draft(slug="another"), NOW)
    with pytest.raises(UploadNotFound):
        uploading.find(other, upload.id, ledger=ledger)
    assert uploading.waiting(other, ledger=ledger) == []


def test_a_file_that_makes_a_step_fail_is_stopped_and_holds_nothing_up(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = started(ledger, counter, mill, PLAIN)
    worker = bringing.Bringing(ledger=ledger, counter=counter, clock=lambda: LATER)
    with monkeypatch.context() as broken:
        broken.setattr(bringing, "read", lambda *_: 1 / 0)
        assert not worker(10)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.why) == (Stage.STOPPED, "something failed here")
    uploading.resume(upload, ledger=ledger, now=LATER)
    work(ledger, counter)
    assert balanced(ledger, mill) == 2


def test_the_lines_of_a_file_are_counted_with_its_headings(tmp_path: Path) -> None:
    from widget import sheets

    blocks = [b"a,b\r", b"\n\r\n1,", b'"2\n2"\r\n3,4']
    found = list(sheets.rows(blocks, ",", Position()))
    assert found == [
        (Position(1, 1, 5), ["a", "b"]),
        (Position(1, 2, 7), []),
        (Position(2, 4, 16), ["1", "2\n2"]),
        (Position(3, 5, 19), ["3", "4"]),
    ]


RULES = Retention(upload_days=7, unconfirmed_days=21, network_key_days=30, anonymise_months=6, held_days=90)
DAY = timedelta(days=1)


def forgotten(ledger: Ledger, now: datetime) -> int:
    """Run for show, then in earnest: both say the same."""
    shown = retain(ledger=ledger, rules=RULES, now=now, dry_run=True).uploads
    assert retain(ledger=ledger, rules=RULES, now=now).uploads == shown
    return shown


def test_a_file_that_nobody_touches_is_forgotten_with_all_that_was_known_of_it(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    upload = tried(ledger, counter, mill, PLAIN + "nobody,Sam\n")
    assert left(ledger) == [1, 1, 1, 0]  # whom the trial met is forgotten with its end
    assert forgotten(ledger, LATER + 7 * DAY) == 0
    assert left(ledger) == [1, 1, 1, 0]  # whom the trial met is forgotten with its end
    assert forgotten(ledger, LATER + 7 * DAY + timedelta(seconds=1)) == 1
    assert left(ledger) == [0, 0, 0, 0]
    with pytest.raises(UploadNotFound):
        uploading.find(mill, upload.id, ledger=ledger)


def test_a_file_that_never_came_whole_is_forgotten_the_same_day(ledger: Ledger, mill: Petition) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            some = super().read(size)
            if not some:
                raise OSError("the connection was cut")
            return some

    with pytest.raises(OSError, match="cut"):
        uploading.receive(
            mill,
            Cut(many(50_000).encode()),
            "list.csv",
            sent_by="anahit@example.org",
            ledger=ledger,
            now=LATER,
        )
    assert forgotten(ledger, LATER + DAY) <= 1  # it may be gone already
    assert left(ledger) == [0, 0, 0, 0]
