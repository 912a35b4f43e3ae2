"""Signatures on paper, as Anahit brings them to the console."""

from tests.organisers import Desk
from tests.petitions import NOW, draft
from widget.domain.petition import Wording
from widget.parts import Parts

PAPER = "/manage/petitions/save-the-mill/signers/paper"
SCAN = {
    "count": "212",
    "collected_on": "2026-04-30",
    "place": "The market square",
    "reference": "Folder 3, 12-19",
    "note": "rain",
}


def on_paper(parts: Parts) -> int:
    return parts.ledger.tally(parts.ledger.petition("save-the-mill").id).paper


def test_a_figure_joins_the_number_once_and_is_taken_back(anahit_signed_in: Desk, parts: Parts) -> None:
    assert "Nothing on paper yet" in anahit_signed_in.get(PAPER).text
    assert anahit_signed_in.send(PAPER, SCAN).status_code == 303
    again = anahit_signed_in.send(PAPER, SCAN | {"reference": "  FOLDER 3,  12-19"})
    assert again.status_code == 422
    assert "This scan counts already" in again.text
    assert on_paper(parts) == 212
    books = anahit_signed_in.get(PAPER).text
    assert "anahit@example.org" in books
    assert f'href="{PAPER}/1"' in books
    assert anahit_signed_in.send(f"{PAPER}/1").status_code == 422
    assert anahit_signed_in.send(f"{PAPER}/1", {"because": "counted twice"}).status_code == 303
    assert on_paper(parts) == 0
    assert "counted twice" in anahit_signed_in.get(PAPER).text
    for answer in (
        anahit_signed_in.get(f"{PAPER}/1"),
        anahit_signed_in.send(f"{PAPER}/1", {"because": "again"}),
    ):
        assert answer.status_code == 404
    assert on_paper(parts) == 0


def test_what_cannot_be_right_is_told_at_its_field(anahit_signed_in: Desk, parts: Parts) -> None:
    for wrong in (
        {"count": "0"},
        {"count": "many"},
        {"count": str(10**30)},
        {"collected_on": "2999-01-01"},
        {"collected_on": "yesterday"},
        {"place": " "},
        {"reference": ""},
    ):
        answer = anahit_signed_in.send(PAPER, SCAN | wrong)
        assert answer.status_code == 422, wrong
        assert 'id="faults"' in answer.text
        assert 'value="rain"' in answer.text
    assert on_paper(parts) == 0


def test_another_petitions_figure_is_not_found(anahit_signed_in: Desk, parts: Parts) -> None:
    anahit_signed_in.send(PAPER, SCAN)
    parts.ledger.add_petition(draft(slug="other", wording=Wording("en", "Other", (), "Text")), NOW)
    other = PAPER.replace("save-the-mill", "other")
    assert anahit_signed_in.get(f"{other}/1").status_code == 404
    assert anahit_signed_in.send(f"{other}/1", {"because": "a slip"}).status_code == 404
    assert anahit_signed_in.get(f"{PAPER}/{10**30}").status_code == 404
    assert on_paper(parts) == 212


def test_names_are_shown_taken_out_and_removed_one_by_one(anahit_signed_in: Desk, parts: Parts) -> None:
    with_names = SCAN | {"count": "2", "names": "Sam <b>Signs</b>; Gyumri\r\nPetra Hosts\r\n"}
    wrong = anahit_signed_in.send(PAPER, with_names | {"count": "3"})
    assert wrong.status_code == 422
    assert "This has 2 names where 3 were counted." in wrong.text
    assert "Petra Hosts" in wrong.text
    assert anahit_signed_in.send(PAPER, with_names).status_code == 303
    assert f'href="{PAPER}/names.csv"' in anahit_signed_in.get(PAPER).text
    names = anahit_signed_in.get(f"{PAPER}/1/names").text
    assert "Sam &lt;b&gt;Signs&lt;/b&gt;" in names
    table = anahit_signed_in.get(f"{PAPER}/names.csv")
    assert table.mimetype == "text/csv"
    assert "Petra Hosts" in table.text
    assert anahit_signed_in.send(f"{PAPER}/1/names/1").status_code == 303
    assert anahit_signed_in.send(f"{PAPER}/1/names/1").status_code == 404
    assert "Signs" not in anahit_signed_in.get(f"{PAPER}/1/names").text
    assert on_paper(parts) == 2


def test_another_petitions_names_are_not_found(anahit_signed_in: Desk, parts: Parts) -> None:
    anahit_signed_in.send(PAPER, SCAN | {"count": "1", "names": "Sam Signs"})
    parts.ledger.add_petition(draft(slug="other", wording=Wording("en", "Other", (), "Text")), NOW)
    other = PAPER.replace("save-the-mill", "other")
    assert anahit_signed_in.get(f"{other}/1/names").status_code == 404
    assert anahit_signed_in.send(f"{other}/1/names/1").status_code == 404
    assert "Sam" not in anahit_signed_in.get(f"{other}/names.csv").text
    assert "Sam Signs" in anahit_signed_in.get(f"{PAPER}/1/names").text
