"""Sam has everything of theirs erased while Anahit's file with Sam in it waits (promise 11)."""

import pytest
from sqlalchemy import func, select

from tests.petitions import signature
from tests.stories.test_bringing_in import balanced
from tests.stories.test_uploading import COLUMNS, LATER, counter, mill, send, started, tried, work
from widget import bringing, importing, uploading
from widget.domain.petition import Petition
from widget.domain.signature import State
from widget.domain.upload import Stage
from widget.store.counter import Counter
from widget.store.ledger import Ledger
from widget.store.upload_tables import upload_erased

__all__ = ["counter", "mill"]  # fixtures

LIST = "E-Mail,Vorname,Signed\nS.a.m+x@example.org,Sam,2026-03-01\npetra@example.org,Petra,2026-03-01\n"
WRONG = "sam@example.org,Sam,yesterday\nnobody@example.org,Ani,yesterday\n"
DATED = {"email": 0, "given_name": 1, "signed_at": 2}


def sign(ledger: Ledger, mill: Petition, email: str = "s.a.m@example.org") -> int:
    number = ledger.record(signature(mill.id, email), letter=None).id
    assert number is not None
    return number


def noted(ledger: Ledger) -> int:
    asked = select(func.count()).select_from(upload_erased)
    return ledger._database.ask(lambda one: one.scalar(asked)) or 0


def test_whoever_is_erased_between_trial_and_import_does_not_come_in(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    number = sign(ledger, mill)
    upload = tried(ledger, counter, mill, LIST)
    ledger.erase(number, LATER)
    assert not ledger.erase(number, LATER)  # twice is once
    assert noted(ledger) == 1
    uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
    work(ledger, counter)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.added, upload.merged, upload.refused) == (Stage.DONE, 1, 0, 1)
    assert upload.reasons == {"erased here since the file was sent": 1}
    assert balanced(ledger, mill) == 1
    assert ledger.signature(mill.id, "s.a.m@example.org") is None
    assert ledger.imports(mill.id)[0].refused == 1
    assert noted(ledger) == 0  # nothing of it is left


def test_a_batch_that_was_read_before_passes_over_them_too(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    number = sign(ledger, mill)
    upload = started(ledger, counter, mill, LIST)
    where = importing.chosen(mill, COLUMNS, upload.head)
    how = importing.reading(mill, where, State.CONFIRMED, "", LATER)
    batch = bringing._batch(upload, how, ledger)
    ledger.erase(number, LATER)
    assert ledger.take_batch_of(upload, batch, LATER) == 1
    assert balanced(ledger, mill) == 1


def test_of_a_file_that_was_only_sent_the_trial_passes_over_them(
    ledger: Ledger, counter: Counter, mill: Petition
) -> None:
    number = sign(ledger, mill, "sam@example.org")
    upload = send(ledger, mill, LIST.replace("S.a.m+x", "SAM+x") + WRONG)
    ledger.erase(number, LATER)
    uploading.try_out(mill, upload, DATED, State.CONFIRMED, ledger=ledger, now=LATER)
    work(ledger, counter)
    upload = uploading.find(mill, upload.id, ledger=ledger)
    assert (upload.stage, upload.added, upload.merged, upload.refused) == (Stage.TRIED, 1, 0, 3)
    lines = "".join(uploading.errors(upload, ledger=ledger))
    assert "nobody@example.org" in lines
    assert "sam@" not in lines.lower()
    uploading.discard(upload, ledger=ledger)
    assert noted(ledger) == 0


@pytest.mark.parametrize("done", [False, True])
def test_the_lines_that_were_not_taken_lose_theirs(
    ledger: Ledger, counter: Counter, mill: Petition, done: bool
) -> None:
    number = sign(ledger, mill, "sam@example.org")
    upload = tried(
        ledger, counter, mill, LIST + WRONG + '"Sam <sam@example.org>","=1\n+1",no\n', columns=DATED
    )
    if done:
        uploading.start(upload, recorded_by="Anahit", ledger=ledger, now=LATER)
        work(ledger, counter)
    before = "".join(uploading.errors(upload, ledger=ledger))
    assert before.count("sam@example.org") == 2
    ledger.erase(number, LATER)
    head, nobody = "".join(uploading.errors(upload, ledger=ledger)).splitlines()
    assert [head, nobody] == [
        before.splitlines()[0],
        next(one for one in before.splitlines() if "nobody" in one),
    ]
    assert noted(ledger) == (0 if done else 1)


@pytest.mark.parametrize("typed", ["sam@bücher.example", "SAM+x@BÜCHER.example", "sam@xn--bcher-kva.example"])
def test_their_lines_are_known_in_whatever_letters_the_address_is_written(
    ledger: Ledger, counter: Counter, mill: Petition, typed: str
) -> None:
    number = sign(ledger, mill, "sam@xn--bcher-kva.example")  # as the form compares it
    lines = f"{LIST}{typed},Sam,yesterday\n"
    upload = tried(ledger, counter, mill, lines, columns=DATED)
    assert typed in "".join(uploading.errors(upload, ledger=ledger))
    ledger.erase(number, LATER)
    assert len("".join(uploading.errors(upload, ledger=ledger)).splitlines()) == 1
    again = uploading.find(mill, upload.id, ledger=ledger)
    uploading.choose_again(again, ledger=ledger, now=LATER)
    again = uploading.find(mill, upload.id, ledger=ledger)
    uploading.try_out(mill, again, DATED, State.CONFIRMED, ledger=ledger, now=LATER)
    work(ledger, counter)
    assert len("".join(uploading.errors(upload, ledger=ledger)).splitlines()) == 1


def test_who_is_erased_elsewhere_or_before_comes_in(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    ledger.erase(sign(ledger, mill), LATER)
    upload = started(ledger, counter, mill, LIST)
    work(ledger, counter)
    assert uploading.find(mill, upload.id, ledger=ledger).added == 2
