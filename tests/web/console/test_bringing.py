"""Signatures brought in at the desk: a file is sent, its columns are chosen, it is tried, it comes in."""

import io
import re
from typing import Any

import pytest
from flask import Flask

from tests.organisers import HOST, Desk, desk
from tests.petitions import signature
from widget import bringing, sheets, uploading
from widget.parts import Parts

PLACE = "/manage/petitions/save-the-mill/imports"
PYTITION = (
    "first_name,last_name,phone,email,subscribed_to_mailinglist,confirmed\n"
    "Ani,Cast,,ani@example.org,True,True\n"
    "=1+1,Cast,,sam@example.org,True,True\n"
    "Omar,Cast,,nobody,True,True\n"
)


def send(who: Desk, content: str | bytes = PYTITION, name: str = "list.csv") -> Any:
    plain = content.encode() if isinstance(content, str) else content
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    token = f'Content-Disposition: form-data; name="csrf_token"\r\n\r\n{who.token()}\r\n'
    body = b"--seam\r\n" + token.encode() + b"--seam\r\n" + head.encode() + plain + b"\r\n--seam--\r\n"
    return who.post(PLACE, data=body, content_type="multipart/form-data; boundary=seam")


def work(parts: Parts) -> None:
    while bringing.step(ledger=parts.ledger, counter=parts.counter, clock=parts.clock):
        pass


def chosen(text: str) -> dict[str, str]:
    """Return what the lists of columns have chosen."""
    found = {}
    for name, inner in re.findall(r'<select[^>]* name="(column_\d+)"[^>]*>(.*?)</select>', text, re.S):
        picked = re.search(r'<option selected value="([^"]*)"', inner)
        found[name] = picked[1] if picked else ""
    return found


def test_from_a_file_to_signatures_and_back(parts: Parts, anahit_signed_in: Desk) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.record(signature(mill.id), letter=None)
    sent = send(anahit_signed_in)
    assert sent.status_code == 303
    place = sent.location
    page = anahit_signed_in.get(place).text
    assert "It looks like an export of Pytition" in page
    columns = chosen(page)
    assert columns == {
        **{"column_0": "given_name", "column_1": "family_name", "column_2": "", "column_3": "email"},
        **{"column_4": "", "column_5": "confirmed"},
    }
    assert "ani@example.org" in page
    assert "Not taken: Mail address is not valid" in page

    assert anahit_signed_in.send(f"{place}/columns", {**columns, "state": "", "try": "1"}).status_code == 303
    assert "data-live" in anahit_signed_in.get(place).text
    work(parts)
    page = anahit_signed_in.get(place).text
    assert "data-live" not in page
    assert "Bring 1 signature in" in page
    assert "Mail address is not valid" in page
    assert parts.ledger.tally(mill.id).here == 1
    errors = anahit_signed_in.get(f"{place}/errors.csv")
    assert errors.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert errors.headers["Cache-Control"] == "no-store"
    assert errors.data.startswith(b"\xef\xbb\xbfline,why,first_name")

    anahit_signed_in.send(f"{place}/turn", {"to": "start"})
    anahit_signed_in.send(f"{place}/turn", {"to": "start"})  # pressed twice
    far = anahit_signed_in.get(f"{place}/standing").json
    assert far == {
        **dict.fromkeys(("rows", "added", "merged", "refused"), "0"),
        "percent": 0,
        "underway": True,
    }
    work(parts)
    assert parts.ledger.tally(mill.id).here == 2


def bring(parts: Parts, who: Desk) -> str:
    """Bring the list in; return the address of its file."""
    place: str = send(who).location
    columns = chosen(who.get(place).text)
    who.send(f"{place}/columns", {**columns, "state": "", "try": "1"})
    work(parts)
    who.send(f"{place}/turn", {"to": "start"})
    work(parts)
    return place


def test_where_it_is_from_stands_there_and_all_of_it_is_taken_back(
    parts: Parts, anahit_signed_in: Desk
) -> None:
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.record(signature(mill.id), letter=None)
    place = bring(parts, anahit_signed_in)
    listed = anahit_signed_in.get(PLACE).text
    assert "list.csv" in listed
    assert "anahit@example.org" in listed
    one = anahit_signed_in.get(f"{PLACE}/1").text
    assert "Given name: <bdi>first_name</bdi>" in one
    assert "taken back" not in listed
    assert "errors.csv" in one
    again = send(anahit_signed_in).location
    assert "is there already" in anahit_signed_in.get(again).text

    back = f"{PLACE}/1/take-back"
    ask = anahit_signed_in.get(back).text
    batch = re.search(r'name="batch" value="(\w+)"', ask)
    assert batch
    assert "lines that were not taken are deleted here at once" in ask
    assert anahit_signed_in.send(back, {"batch": batch[1], "typed_number": "2"}).status_code == 422
    done = anahit_signed_in.send(back, {"batch": batch[1], "typed_number": "1"})
    assert done.location.endswith(f"{PLACE}/1")
    one, review = anahit_signed_in.get(done.location).text, f"{PLACE[:-8]}/signers/reviews/{batch[1]}"
    assert "Import 1 is taken back" in one
    assert f'href="{review}"' in one
    assert "/take-back" not in one
    assert "taken back" in anahit_signed_in.get(PLACE).text
    told = anahit_signed_in.get(again).text
    assert "was struck and does not count" in told
    assert "is there already" not in told
    assert f'href="{review}"' in told
    assert parts.ledger.tally(mill.id).here == 1
    assert "nothing of it left" in anahit_signed_in.get(back).text
    assert anahit_signed_in.get(place).status_code == 404
    anahit_signed_in.send(review, {"typed_number": "1"})
    assert parts.ledger.tally(mill.id).here == 2
    assert "/take-back" in anahit_signed_in.get(f"{PLACE}/1").text
    assert "taken back" not in anahit_signed_in.get(PLACE).text


def test_an_address_is_never_that_of_another_file(anahit_signed_in: Desk) -> None:
    """SQLite gives the number of a deleted file again."""
    place = send(anahit_signed_in).location
    anahit_signed_in.send(f"{place}/turn", {"to": "discard"})
    assert send(anahit_signed_in, "E-Mail\nsam@example.org\n").location != place
    for each in (place, f"{place}/errors.csv", f"{PLACE}/files/1"):
        assert anahit_signed_in.get(each).status_code == 404
    assert anahit_signed_in.send(f"{place}/turn", {"to": "discard"}).status_code == 404


def test_stop_go_on_and_delete(parts: Parts, anahit_signed_in: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    content = "E-Mail\n" + "".join(f"sam.{number}@example.org\n" for number in range(5))
    place = send(anahit_signed_in, content).location
    form = {"column_0": "email", "state": "confirmed", "try": "1"}
    anahit_signed_in.send(f"{place}/columns", form)
    anahit_signed_in.send(f"{place}/turn", {"to": "stop"})
    assert "Which column is what" in anahit_signed_in.get(place).text
    anahit_signed_in.send(f"{place}/columns", form)
    work(parts)
    anahit_signed_in.send(f"{place}/turn", {"to": "again"})
    assert "Which column is what" in anahit_signed_in.get(place).text
    anahit_signed_in.send(f"{place}/columns", form)
    work(parts)
    anahit_signed_in.send(f"{place}/turn", {"to": "start"})
    bringing.step(ledger=parts.ledger, counter=parts.counter, clock=parts.clock)
    anahit_signed_in.send(f"{place}/turn", {"to": "stop"})
    work(parts)
    page = anahit_signed_in.get(place).text
    assert "Stopped" in page
    assert '<span data-now="rows">2</span> lines' in page
    assert parts.ledger.tally(1).here == 2
    anahit_signed_in.send(f"{place}/turn", {"to": "resume"})
    work(parts)
    assert "Brought in" in anahit_signed_in.get(place).text
    assert parts.ledger.tally(1).here == 5
    assert anahit_signed_in.send(f"{place}/turn", {"to": "dance"}).status_code == 404
    assert anahit_signed_in.send(f"{place}/turn", {"to": "discard"}).location.endswith("/imports")
    assert anahit_signed_in.get(place).status_code == 404
    assert parts.ledger.tally(1).here == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04" + b"\0" * 50, "open it and save it as CSV"),
        ("E-Mail\nZoë@example.org\n".encode("latin-1"), "UTF-8"),
        (b"E-Mail\n", "no line below"),
    ],
)
def test_what_is_no_table_comes_back_with_the_reason(
    anahit_signed_in: Desk, content: bytes, words: str
) -> None:
    answer = send(anahit_signed_in, content)
    assert answer.status_code == 422
    assert words in answer.text


def test_no_file_at_all(anahit_signed_in: Desk) -> None:
    answer = anahit_signed_in.send(PLACE, {})
    assert (answer.status_code, "Choose a file." in answer.text) == (422, True)


def test_no_fourth_file(anahit_signed_in: Desk) -> None:
    for _ in range(3):
        assert send(anahit_signed_in).status_code == 303
    answer = send(anahit_signed_in)
    assert (answer.status_code, "3 files wait here" in answer.text) == (422, True)


def test_a_choice_that_does_not_fit_keeps_what_was_chosen(anahit_signed_in: Desk) -> None:
    place = send(anahit_signed_in).location
    twice = {"column_3": "email", "column_0": "given_name", "column_1": "given_name", "state": "confirmed"}
    answer = anahit_signed_in.send(f"{place}/columns", {**twice, "try": "1"})
    assert answer.status_code == 422
    assert "Another column is “Given name” already." in answer.text
    assert chosen(answer.text)["column_1"] == "given_name"
    none = {"column_0": "given_name", "state": "confirmed", "try": "1"}
    assert anahit_signed_in.send(f"{place}/columns", none).status_code == 422
    silent = {"column_3": "email", "state": "", "try": "1"}
    assert "No column says whether" in anahit_signed_in.send(f"{place}/columns", silent).text
    look = anahit_signed_in.send(f"{place}/columns", {**silent, "state": "pending", "look": "1"})
    assert (look.status_code, "not yet" in look.text) == (200, True)
    assert anahit_signed_in.send(f"{place}/columns", {**none, "column_0": "nonsense"}).status_code == 422


def test_a_file_name_is_nothing_but_a_name(anahit_signed_in: Desk) -> None:
    place = send(anahit_signed_in, name="../../<b>list\u202e.csv").location
    page = anahit_signed_in.get(place).text
    assert "&lt;b&gt;list.csv" in page
    assert "<b>" not in page


def test_a_large_file_of_somebody_who_was_signed_out_meanwhile(app: Flask, anahit_signed_in: Desk) -> None:
    token = anahit_signed_in.token()
    body = {"csrf_token": token, "file": (io.BytesIO(b"x" * 200_000), "list.csv")}
    answer = desk(app).post(PLACE, data=body, content_type="multipart/form-data", base_url=HOST)
    assert answer.status_code == 401
    assert "Sign in first" in answer.text


def test_too_large_a_file_is_told(anahit_signed_in: Desk) -> None:
    answer = send(anahit_signed_in, b"x" * 31_000_000)
    assert answer.status_code == 413
    assert "Send a smaller file" in answer.text


def test_millions_of_empty_lines_do_not_hold_the_columns_up(
    anahit_signed_in: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = send(anahit_signed_in, PYTITION + "\n" * 2_000_000).location
    read, following = [], sheets._Text.__next__
    monkeypatch.setattr(sheets._Text, "__next__", lambda text: read.append(1) or following(text))
    page = anahit_signed_in.get(place).text
    assert "ani@example.org" in page
    assert len(read) <= uploading.LOOKED_AT  # once for the columns and the first lines together


def test_a_beginning_that_is_empty_is_told(anahit_signed_in: Desk) -> None:
    head, rest = PYTITION.split("\n", 1)
    page = anahit_signed_in.get(send(anahit_signed_in, head + "\n" * 2_000 + rest).location).text
    assert "The first lines are empty; trying reads the others, too." in page
