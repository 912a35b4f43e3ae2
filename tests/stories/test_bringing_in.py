"""Anahit brings in what was signed elsewhere."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.petitions import MILL, NOW, draft, signature
from widget import exporting, importing, reviewing
from widget.domain.audit import running_totals
from widget.domain.criteria import Criteria
from widget.domain.intake_refusals import FileUnreadable, ImportElsewhere, ImportNotFound, MappingUnfit
from widget.domain.petition import Petition
from widget.domain.signature import Actor, Consent, State
from widget.importing import Step
from widget.store.counter import Counter
from widget.store.ledger import Ledger

LATER = NOW + timedelta(days=2)
PLAIN = "E-Mail,Vorname\nsam@example.org,Sam\npetra@example.org,Petra\n"
COLUMNS = {"email": "e-mail", "given_name": "Vorname"}


@pytest.fixture
def mill(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


@pytest.fixture
def counter(ledger: Ledger) -> Iterator[Counter]:
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: NOW)
    yield counter
    counter.close()


def bring(
    ledger: Ledger,
    counter: Counter,
    petition: Petition,
    content: str | bytes,
    *,
    ready: str | None = None,
    state: State | None = State.CONFIRMED,
    now: datetime = LATER,
    dry: bool = False,
) -> list[Step]:
    """Bring a file in from end to end."""
    plain = content.encode() if isinstance(content, str) else content
    file = importing.opened(io.BytesIO(plain))
    where = importing.places(file, ready=ready, columns={} if ready else COLUMNS)
    how = importing.reading(petition, where, state, "list.csv", now)
    if dry:
        return list(importing.rehearse(file, how, ledger=ledger))
    into = importing.begin(
        file, how, mapped=importing.mapped(where, file), recorded_by="Anahit", ledger=ledger, now=now
    )
    clock = lambda: now  # noqa: E731
    return list(importing.carry_on(into, file, how, ledger=ledger, counter=counter, clock=clock))


def balanced(ledger: Ledger, petition: Petition) -> int:
    """Check that number, audit and rows agree; return what was given here."""
    [*_, (_, total)] = running_totals(ledger.audit(petition.id), before=0)
    here = ledger.tally(petition.id).here
    assert ledger.recount(petition.id).drift == 0
    assert total == here
    return here


def test_an_export_comes_back_without_loss(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    full = {
        "given_name": "=HYPERLINK(1)",
        "family_name": "'-Անահիտ",
        "comment": 'Two lines,\nand "quotes"',
        "postal_code": "0010",
        "show_name": True,
        "consent": Consent(NOW, "@all of you may write to me"),
        "source": "leaflet",
        "page_url": "https://partner.example.org/mill",
    }
    ledger.record(signature(mill.id, "Sam+mill@example.org", **full), letter=None)
    for state, email in ((State.PENDING, "petra@example.org"), (State.HELD, "omar@example.org")):
        ledger.record(signature(mill.id, email, state=state), letter=None)
    back = ledger.record(signature(mill.id, "ani@example.org"), letter=None).id
    assert back is not None
    ledger.move(back, State.WITHDRAWN, NOW + timedelta(hours=1), by=Actor.SIGNER, reason="changed my mind")
    other = ledger.add_petition(draft(slug="another"), NOW)

    table = b"".join(some for _, some in exporting.export(mill, mark=True, ledger=ledger))
    steps = bring(ledger, counter, other, table, ready="export", state=None)

    assert [(step.added, step.merged, step.wrong) for step in steps] == [(4, 0, ())]
    again = b"".join(some for _, some in exporting.export(other, mark=True, ledger=ledger))
    assert _but_number(again) == _but_number(table)
    assert balanced(ledger, other) == 1


def _but_number(table: bytes) -> list[str]:
    return [line.partition(",")[2] for line in table.decode().split("\r\n")]


def test_who_signed_before_stays_as_they_are(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    ledger.record(signature(mill.id, given_name="Samuel"), letter=None)
    [step] = bring(ledger, counter, mill, PLAIN + "SAM@example.org,Another\nsam+x@example.org,More\n")
    assert (step.added, step.merged) == (1, 3)
    kept = ledger.signature(mill.id, "sam@example.org")
    assert kept is not None
    assert kept.given_name == "Samuel"
    assert balanced(ledger, mill) == 2
    [one] = ledger.imports(mill.id)
    assert (one.file_name, one.recorded_by, one.recorded_at) == ("list.csv", "Anahit", LATER)
    assert (one.added, one.merged, one.refused, one.last_row) == (1, 3, 0, 4)
    assert one.mapping == {"email": "E-Mail", "given_name": "Vorname"}
    assert one.finished_at == LATER


def test_a_dry_run_says_the_same_and_stores_nothing(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    ledger.record(signature(mill.id), letter=None)
    [step] = bring(ledger, counter, mill, PLAIN + "petra@example.org,Petra\nnobody,X\n", dry=True)
    assert (step.added, step.merged, len(step.wrong)) == (1, 2, 1)
    assert ledger.tally(mill.id).here == 1
    assert ledger.imports(mill.id) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_it_is_read_however_it_is_written(
    ledger: Ledger, counter: Counter, mill: Petition, encoding: str, delimiter: str
) -> None:
    text = "Vorname,E-Mail\r\nԱնահիտ,ani@example.org\r\n\r\n".replace(",", delimiter)
    [step] = bring(ledger, counter, mill, text.encode(encoding))
    assert [one.new.given_name for one in step.some] == ["Անահիտ"]


def test_others_reports_have_ready_mappings(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    speakout = (
        "First Name\tLast Name\tEmail Address\tCountry\tDate Signed\tConfirmed\tEmail Opt-in\n"
        "Sam\tCast\tsam@example.org\tArmenia\t2026-03-01 10:00:00\t1\ty\n"
        "Petra\tHost\tpetra@example.org\tDE\t2026-03-02 10:00:00\t0\t\n"
    )
    [step] = bring(ledger, counter, mill, speakout.encode("utf-16"), ready="speakout", state=None)
    sam, petra = (one.new for one in step.some)
    assert (sam.country, sam.state, sam.signed_at.isoformat()) == (
        "AM",
        State.CONFIRMED,
        "2026-03-01T10:00:00+00:00",
    )
    assert sam.consent == Consent(sam.signed_at, "As imported from list.csv")
    assert (petra.state, petra.consent) == (State.PENDING, None)
    pytition = (
        "first_name,last_name,phone,email,subscribed_to_mailinglist,confirmed\n"
        "Ani,Cast,,ani@example.org,True,True\n"
    )
    [step] = bring(ledger, counter, mill, pytition, ready="pytition", state=None)
    assert (step.some[0].new.state, step.some[0].new.consent) == (State.CONFIRMED, None)
    action = "uuid,first_name,last_name,email,zip_code\n1,Omar,Cast,omar@example.org,0010\n"
    [step] = bring(ledger, counter, mill, action, ready="action-network")
    assert step.some[0].new.postal_code == "0010"
    with pytest.raises(MappingUnfit, match="no column says whether"):
        bring(ledger, counter, mill, action, ready="action-network", state=None)
    assert balanced(ledger, mill) == 3


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nobody,Mallory", "email is no mail address"),
        (",Mallory", "email is missing"),
        ("mal@exa mple.org,M", "email is no mail address"),
        ("mal..x@example.org,M", "email is no mail address"),
        ("mallory@example.org,M\u202eallory", "given_name holds what cannot be read"),
        (f"mallory@example.org,{'M' * 101}", "given_name is longer than 100 characters"),
        ("mallory@example.org", "has 1 cells, the first line has 2"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_taken(
    ledger: Ledger, counter: Counter, mill: Petition, line: str, why: str
) -> None:
    [step] = bring(ledger, counter, mill, f"{PLAIN}{line}\n")
    assert [(one.row, one.line, one.why) for one in step.wrong] == [(3, 4, why)]
    assert step.added == 2
    assert balanced(ledger, mill) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        ("E-Mail,Vorname\nsam@example.org,Zoë\n".encode("latin-1"), "line [12]: is not written in UTF-8"),
        (b"E-Mail,E-Mail\n", "two columns are called"),
        (b"Vorname\nSam\n", "the file has no column 'e-mail'"),
        (b'E-Mail,Vorname\n"sam@example.org,Sam\n', "line 2: "),
    ],
)
def test_a_file_that_is_none_is_refused(
    ledger: Ledger, counter: Counter, mill: Petition, content: bytes, words: str
) -> None:
    with pytest.raises((FileUnreadable, MappingUnfit), match=words):
        bring(ledger, counter, mill, content)
    assert ledger.tally(mill.id).here == 0


def test_a_stopped_import_goes_on_where_it_was_and_only_with_its_file(
    ledger: Ledger, counter: Counter, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    content = "E-Mail,Vorname\n" + "".join(f"sam.{number}@example.org,Sam\n" for number in range(5))
    file = importing.opened(io.BytesIO(content.encode()))
    where = importing.places(file, ready=None, columns=COLUMNS)
    how = importing.reading(mill, where, State.CONFIRMED, "list.csv", LATER)
    into = importing.begin(file, how, mapped={}, recorded_by="Anahit", ledger=ledger, now=LATER)
    going = {"ledger": ledger, "counter": counter, "clock": lambda: LATER}
    stopped = importing.carry_on(into, file, how, **going)  # type: ignore[arg-type]
    assert next(stopped).added == 2
    stopped.close()

    at = importing.find(mill, into.id, ledger=ledger)
    assert (at.last_row, at.finished_at) == (2, None)
    with pytest.raises(ImportElsewhere):  # one that still believes to be at the beginning
        list(importing.carry_on(into, file, how, **going))  # type: ignore[arg-type]
    other = importing.opened(io.BytesIO(PLAIN.encode()))
    with pytest.raises(MappingUnfit, match="not the file"):
        list(importing.carry_on(at, other, how, **going))  # type: ignore[arg-type]
    rest = list(importing.carry_on(at, file, how, **going))  # type: ignore[arg-type]
    assert [step.added for step in rest] == [2, 1]
    assert balanced(ledger, mill) == 5
    assert importing.find(mill, into.id, ledger=ledger).finished_at == LATER


def test_a_whole_import_is_struck_and_brought_back(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    ledger.record(signature(mill.id, "ani@example.org"), letter=None)
    bring(ledger, counter, mill, PLAIN)
    [one] = ledger.imports(mill.id)
    review = reviewing.invalidating(
        mill.slug, Criteria(import_id=one.id), ledger=ledger, reason="the wrong file"
    )
    assert reviewing.count(review, ledger=ledger) == 2
    doing = {"ledger": ledger, "counter": counter, "clock": lambda: LATER, "within": timedelta(days=7)}
    assert sum(reviewing.carry_out(review, **doing)) == 2  # type: ignore[arg-type]
    assert balanced(ledger, mill) == 1
    plan = reviewing.undoing(mill.slug, review.batch, ledger=ledger)
    assert sum(reviewing.undo(plan, **doing)) == 2  # type: ignore[arg-type]
    assert balanced(ledger, mill) == 3


def test_nobody_is_written_to(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    bring(ledger, counter, mill, PLAIN, state=State.PENDING)
    assert ledger.tally(mill.id).here == 0
    assert not ledger.letter_is_due(LATER + timedelta(days=30))


def test_another_petitions_import_is_not_found(ledger: Ledger, counter: Counter, mill: Petition) -> None:
    bring(ledger, counter, mill, PLAIN)
    other = ledger.add_petition(draft(slug="another"), NOW)
    with pytest.raises(ImportNotFound):
        importing.find(other, 1, ledger=ledger)
