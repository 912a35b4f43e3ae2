"""In and out, at the desk."""

from tests.organisers import Desk
from tests.petitions import signature
from widget.domain.signature import State
from widget.parts import Parts

PLACE = "/manage/petitions/save-the-mill/transfer"


def test_the_table_streams_as_a_file_that_nobody_keeps(parts: Parts, anahit_signed_in: Desk) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.record(signature(mill.id, given_name="=1+1"), letter=None)
    parts.ledger.record(signature(mill.id, "petra@example.org", state=State.HELD), letter=None)
    answer = anahit_signed_in.get(f"{PLACE}/signatures.csv?state=confirmed&bom=yes")
    assert answer.status_code == 200
    assert answer.is_streamed
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Accel-Buffering" not in answer.headers  # nginx takes it in for a slow reader
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="save-the-mill-2')
    assert answer.data.startswith(b"\xef\xbb\xbfid,")
    assert "'=1+1" in answer.text
    assert "petra@example.org" not in answer.text
    both = anahit_signed_in.get(f"{PLACE}/signatures.csv").text
    assert "petra@example.org" in both


def test_an_unknown_state_is_not_found(anahit_signed_in: Desk) -> None:
    assert anahit_signed_in.get(f"{PLACE}/signatures.csv?state=erased").status_code == 404


def test_the_page_stands_in_the_navigation_of_those_who_may(
    anahit_signed_in: Desk, viewer_signed_in: Desk
) -> None:
    assert "Take signatures out" in anahit_signed_in.get(PLACE).text
    assert "In and out" in anahit_signed_in.get("/manage/petitions/save-the-mill").text
    assert viewer_signed_in.get(PLACE).status_code == 403
    assert viewer_signed_in.get(f"{PLACE}/signatures.csv").status_code == 403
    assert "In and out" not in viewer_signed_in.get("/manage/petitions/save-the-mill").text
