"""Answers to own questions, on both databases: kept with the signature, gone with the person."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.petitions import MILL, NOW, draft, signature
from tests.questions import ALL, BRANCH, SIZE, STORY
from widget import exporting, importing
from widget.domain.editing import questions_version, settings_version
from widget.domain.form import STANDARD_FORM
from widget.domain.intake_refusals import MappingUnfit
from widget.domain.petition import Petition
from widget.domain.question import whole_form
from widget.domain.questionnaire import removed
from widget.domain.refusals import EditedMeanwhile
from widget.domain.signature import Occasion, Signature, State
from widget.store.counter import Counter
from widget.store.ledger import Ledger

ANSWERS = {
    "own_branch": '"Հյուսիս" \\ {1,2} NULL',
    "own_age": True,
    "own_story": "=1+1;\n=2",
    "own_size": "=Large",
}


@pytest.fixture
def mill(ledger: Ledger) -> Petition:
    made = ledger.add_petition(MILL, NOW)
    return ledger.change(made.id, {"questions": ALL})


def signed(ledger: Ledger, petition: Petition) -> Signature:
    found = ledger.signature(petition.id, "sam@example.org")
    assert found is not None
    return found


def test_questions_are_read_as_they_were_written(ledger: Ledger, mill: Petition) -> None:
    assert mill.questions == ALL
    assert mill.form == whole_form(STANDARD_FORM, ALL)
    again = ledger.change(mill.id, {"questions": ALL})
    assert again.revision == mill.revision
    gone = ledger.change(mill.id, {"questions": removed(ALL, "own_story")})
    assert gone.revision == mill.revision + 1
    assert "own_story" not in [field.name for field in gone.form]
    assert "own_story" in [one.name for one in gone.questions]


def test_an_edit_of_the_settings_leaves_the_questions_alone(ledger: Ledger, mill: Petition) -> None:
    settings, questions = settings_version(mill), questions_version(mill)
    after = ledger.change(mill.id, {"started_by": "Friends", "form": mill.form}, instead_of=settings)
    assert after.questions == ALL
    assert after.form == mill.form
    ledger.change(mill.id, {"questions": (BRANCH,)}, instead_of=questions)  # begun before, and no quarrel
    with pytest.raises(EditedMeanwhile):
        ledger.change(mill.id, {"questions": ()}, instead_of=questions)


@pytest.mark.parametrize("letter", [None, Occasion.RECEIPT])
def test_answers_come_back_as_they_were_given(
    ledger: Ledger, mill: Petition, letter: Occasion | None
) -> None:
    ledger.record(signature(mill.id, answers=ANSWERS), letter)
    assert signed(ledger, mill).answers == ANSWERS


def test_no_answer_is_null(ledger: Ledger, mill: Petition) -> None:
    ledger.record(signature(mill.id), None)
    assert signed(ledger, mill).answers is None
    with ledger._database.reading() as connection:
        nothing = "SELECT count(*) FROM signatures WHERE answers IS NULL"
        assert connection.exec_driver_sql(nothing).scalar() == 1


def test_a_repeat_overwrites_nothing(ledger: Ledger, mill: Petition) -> None:
    ledger.record(signature(mill.id, answers=ANSWERS), None)
    assert ledger.record(signature(mill.id, answers={"own_branch": "South"}), None).id is None
    assert signed(ledger, mill).answers == ANSWERS


def test_they_go_with_the_person(ledger: Ledger, mill: Petition) -> None:
    number = ledger.record(signature(mill.id, answers=ANSWERS), None).id
    ledger.record(signature(mill.id, "petra@example.org", answers=ANSWERS), None)
    assert number is not None
    ledger.erase(number, NOW + timedelta(days=1))
    erased = ledger.signature_by_id(number)
    assert erased is not None
    assert erased.answers is None
    ledger.anonymise(mill.id, NOW + timedelta(days=2))
    with ledger._database.reading() as connection:
        left = "SELECT count(*) FROM signatures WHERE answers IS NOT NULL"
        assert connection.exec_driver_sql(left).scalar() == 0


@pytest.mark.parametrize("state", [State.PENDING, State.HELD])
def test_they_go_with_whoever_is_forgotten_unconfirmed_or_unreviewed(
    ledger: Ledger, mill: Petition, state: State
) -> None:
    ledger.record(signature(mill.id, state=state, answers=ANSWERS), None)
    later = NOW + timedelta(days=400)
    [window] = ledger.windows()
    erased = (
        ledger.erase_unconfirmed(ledger.unconfirmed(window, later), later, later)
        if state is State.PENDING
        else ledger.erase_unreviewed(ledger.unreviewed(window, later), later, later)
    )
    assert erased == 1
    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT answers FROM signatures").scalar() is None


# Out and in again


def table_of(ledger: Ledger, petition: Petition) -> bytes:
    return b"".join(some for _, some in exporting.export(petition, ledger=ledger))


def bring(
    ledger: Ledger, petition: Petition, table: bytes, columns: dict[str, str] | None = None
) -> list[str]:
    """Bring a table in; return what was wrong."""
    file = importing.opened(io.BytesIO(table))
    ready = None if columns else "export"
    where = importing.places(file, ready=ready, columns=columns or {}, petition=petition)
    now = NOW + timedelta(days=9)
    how = importing.reading(petition, where, State.CONFIRMED if columns else None, "table.csv", now)
    mapped = importing.mapped(where, file)
    into = importing.begin(file, how, mapped=mapped, recorded_by="Anahit", ledger=ledger, now=now)
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: now)
    steps = list(importing.carry_on(into, file, how, ledger=ledger, counter=counter, clock=lambda: now))
    counter.close()
    return [wrong.why for step in steps for wrong in step.wrong]


def test_an_export_brings_every_answer_back(ledger: Ledger, mill: Petition) -> None:
    ledger.record(signature(mill.id, answers=ANSWERS), None)
    ledger.record(signature(mill.id, "petra@example.org"), None)
    # What was asked when they answered may be asked otherwise by now, or not at all.
    asked = (replace(BRANCH, maxlength=1), replace(STORY, removed=True), *ALL[2:4], replace(SIZE, options=()))
    mill = ledger.change(mill.id, {"questions": asked})
    table = table_of(ledger, mill)
    other = ledger.add_petition(draft(slug="another"), NOW)
    other = ledger.change(other.id, {"questions": asked})
    assert bring(ledger, other, table) == []
    assert signed(ledger, other).answers == ANSWERS
    petra = ledger.signature(other.id, "petra@example.org")
    assert petra is not None
    assert petra.answers is None
    lines = [
        list(csv.reader(io.StringIO(one.decode(), newline=""))) for one in (table, table_of(ledger, other))
    ]
    assert [line[1:] for line in lines[0]] == [line[1:] for line in lines[1]]


def test_answers_to_a_question_that_was_never_asked_are_not_dropped(ledger: Ledger, mill: Petition) -> None:
    ledger.record(signature(mill.id, answers=ANSWERS), None)
    other = ledger.add_petition(draft(slug="another"), NOW)
    with pytest.raises(MappingUnfit, match="never asked: own_branch, own_story, own_age, own_size"):
        bring(ledger, other, table_of(ledger, mill))


def test_questions_that_nobody_answered_are_left_out(ledger: Ledger, mill: Petition) -> None:
    ledger.record(signature(mill.id, answers={"own_size": "Large"}), None)
    table = table_of(ledger, mill)
    other = ledger.add_petition(draft(slug="another"), NOW)
    with pytest.raises(MappingUnfit, match="never asked: own_size\\."):
        bring(ledger, other, table)
    other = ledger.change(other.id, {"questions": (SIZE,)})
    file = importing.opened(io.BytesIO(table))
    assert importing.left_out(file, other) == ["own_branch", "own_story", "own_age", "own_help"]
    assert bring(ledger, other, table) == []
    assert signed(ledger, other).answers == {"own_size": "Large"}


def test_a_column_may_be_an_answer_by_hand(ledger: Ledger, mill: Petition) -> None:
    table = b"E-mail,Shirt,Helps\nsam@example.org,Large,yes\npetra@example.org,,perhaps\n"
    columns = {"email": "E-mail", "own_size": "shirt", "own_help": "Helps"}
    assert bring(ledger, mill, table, columns) == ["own_help is neither yes nor no: 'perhaps'"]
    assert signed(ledger, mill).answers == {"own_size": "Large", "own_help": True}
    with pytest.raises(MappingUnfit, match="'own_hat' is no part of a signature"):
        bring(ledger, mill, table, {"email": "E-mail", "own_hat": "Shirt"})


def test_an_answer_longer_than_any_may_be_is_told(ledger: Ledger, mill: Petition) -> None:
    table = b"E-mail,Shirt\nsam@example.org," + b"x" * 2_001 + b"\n"
    columns = {"email": "E-mail", "own_size": "shirt"}
    assert bring(ledger, mill, table, columns) == ["own_size is longer than 2000 characters"]
