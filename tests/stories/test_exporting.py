"""Anahit takes the signatures of her petition out."""

import csv
import io
from datetime import timedelta

import pytest

from tests.petitions import MILL, NOW, draft, signature
from widget import exporting
from widget.domain.petition import Petition
from widget.domain.sheet import COLUMNS, meant
from widget.domain.signature import Actor, Consent, State
from widget.store.ledger import Ledger
from widget.store.ledger import exporting as stretches


@pytest.fixture
def mill(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def taken_out(petition: Petition, ledger: Ledger, *states: State) -> list[dict[str, str]]:
    whole = b"".join(some for _, some in exporting.export(petition, states=states, ledger=ledger))
    lines = csv.DictReader(io.StringIO(whole.decode(), newline=""), strict=True)
    return [{name: meant(cell) for name, cell in line.items()} for line in lines]


def test_everything_about_a_signature_is_in_it(ledger: Ledger, mill: Petition) -> None:
    ledger.record(
        signature(
            mill.id,
            given_name="=HYPERLINK(1)",
            family_name="'-Ani",
            comment='Two lines,\nand "quotes"',
            postal_code="0010",
            show_name=True,
            consent=Consent(NOW, "Yes, write to me"),
            source="leaflet",
            page_url="https://partner.example.org/mill",
        ),
        letter=None,
    )
    [line] = taken_out(mill, ledger)
    assert tuple(line) == COLUMNS
    assert line == {
        "id": "1",
        "state": "confirmed",
        "email": "sam@example.org",
        "given_name": "=HYPERLINK(1)",
        "family_name": "'-Ani",
        "country": "AM",
        "postal_code": "0010",
        "comment": 'Two lines,\nand "quotes"',
        "show_name": "yes",
        "consent_at": "2026-05-01T12:00:00+00:00",
        "consent_wording": "Yes, write to me",
        "lang": "en",
        "source": "leaflet",
        "page_url": "https://partner.example.org/mill",
        "text_version": MILL.wording.text_version,
        "signed_at": "2026-05-01T12:00:00+00:00",
        "confirmed_at": "2026-05-01T12:00:00+00:00",
        "moved_at": "2026-05-01T12:00:00+00:00",
        "held_because": "",
    }


def test_the_erased_are_in_no_export_and_other_states_are_named(ledger: Ledger, mill: Petition) -> None:
    wanted = {
        State.CONFIRMED: "ani@example.org",
        State.PENDING: "petra@example.org",
        State.HELD: "omar@example.org",
    }
    for state, email in wanted.items():
        ledger.record(signature(mill.id, email, state=state), letter=None)
    gone = ledger.record(signature(mill.id, "mallory@example.org"), letter=None).id
    back = ledger.record(signature(mill.id, "sam@example.org"), letter=None).id
    assert gone is not None
    assert back is not None
    later = NOW + timedelta(hours=1)
    ledger.erase(gone, later)
    ledger.move(back, State.WITHDRAWN, later, by=Actor.SIGNER, reason="changed my mind")
    found = {line["email"]: line["state"] for line in taken_out(mill, ledger)}
    assert found == {email: state.value for state, email in wanted.items()} | {"sam@example.org": "withdrawn"}
    assert [line["state"] for line in taken_out(mill, ledger, State.WITHDRAWN)] == ["withdrawn"]
    assert taken_out(mill, ledger, State.ERASED) == []
    assert exporting.count(mill, ledger=ledger) == 4


def test_each_is_in_it_once_however_many_pages_it_takes(
    ledger: Ledger, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 3)
    other = ledger.add_petition(draft(slug="another"), NOW)
    for number in range(7):
        ledger.record(signature(mill.id, f"sam.{number}@example.org"), letter=None)
        ledger.record(signature(other.id, f"sam.{number}@example.org"), letter=None)
    steps = [number for number, _ in exporting.export(mill, ledger=ledger)]
    assert steps == [0, 3, 3, 1]
    assert [line["email"] for line in taken_out(mill, ledger)] == [
        f"sam.{number}@example.org" for number in range(7)
    ]


def test_few_of_many_are_found_though_no_question_looks_far(
    ledger: Ledger, mill: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    monkeypatch.setattr(stretches, "STRETCH", 3)
    held = {0, 1, 2, 8, 9, 11}
    for number in range(12):
        state = State.HELD if number in held else State.CONFIRMED
        ledger.record(signature(mill.id, f"sam.{number}@example.org", state=state), letter=None)
    found = [line["email"] for line in taken_out(mill, ledger, State.HELD)]
    assert found == [f"sam.{number}@example.org" for number in sorted(held)]
    assert len(taken_out(mill, ledger)) == 12


def test_nothing_of_the_ledger_is_held_while_lines_are_sent(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    narrow = Ledger.connect(database_url, pool=1)
    petition = narrow.add_petition(MILL, NOW)
    for number in range(3):
        narrow.record(signature(petition.id, f"sam.{number}@example.org"), letter=None)
    sheet = exporting.export(petition, ledger=narrow)
    for sent in range(4):  # whoever signs meanwhile finds the one place free
        next(sheet)
        assert narrow._database.connections() == (0, 1)
        narrow.record(signature(petition.id, f"petra.{sent}@example.org"), letter=None)
    sheet.close()
    narrow.close()


def test_the_file_is_utf8_with_the_ends_of_the_standard(ledger: Ledger, mill: Petition) -> None:
    ledger.record(signature(mill.id, given_name="Անահիտ"), letter=None)
    whole = b"".join(some for _, some in exporting.export(mill, mark=True, ledger=ledger))
    assert whole.startswith(b"\xef\xbb\xbfid,state,")
    assert whole.count(b"\r\n") == 2
    assert "Անահիտ" in whole.decode("utf-8-sig")
