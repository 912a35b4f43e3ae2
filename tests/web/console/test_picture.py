"""A picture at Anahit's desk: chosen, described, refused, replaced, taken away."""

import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.images import encoded, opened, photo, png_that_says, taken_by_phone
from tests.organisers import Desk
from tests.petitions import NOW, draft
from widget import picturing
from widget.domain.petition import Status, Wording
from widget.domain.picture import MAX_BYTES, Picture, picture_version
from widget.parts import Parts

PLACE = "/manage/petitions/save-the-mill/editing/picture"
SAID = {"description_en": "The mill by the river", "credit": "Photo: Anahit"}


def sent(parts: Parts, data: bytes | None, **changes: Any) -> dict[str, Any]:
    """Return what the form sends with this file, or none."""
    file = {} if data is None else {"file": FileStorage(io.BytesIO(data), "mill.jpg")}
    return {**SAID, "picture_version": picture_version(known(parts)), **file, **changes}


def send(desk: Desk, form: dict[str, Any]) -> TestResponse:
    """Send the form as a browser does. What is large the client would put into a file it never closes."""
    boundary, body = encode_multipart({"csrf_token": desk.token(), **form})
    return desk.post(PLACE, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def known(parts: Parts) -> Picture | None:
    return parts.ledger.petition("save-the-mill").picture


def test_a_picture_is_chosen_described_and_shown(anahit_signed_in: Desk, parts: Parts) -> None:
    assert "Take the picture away" not in anahit_signed_in.get(PLACE).text
    answer = send(anahit_signed_in, sent(parts, taken_by_phone()))
    assert (answer.status_code, answer.location) == (303, PLACE)
    picture = known(parts)
    assert picture
    assert (picture.descriptions, picture.credit) == ((("en", "The mill by the river"),), "Photo: Anahit")
    page = anahit_signed_in.get(PLACE).text
    assert "Saved." in page
    for size in picture.renditions:
        assert f"{PLACE}/{size.name}" in page
        inside = anahit_signed_in.get(f"{PLACE}/{size.name}")
        assert opened(inside.data).size == (size.width, size.height)
        assert inside.headers["Cache-Control"] == "no-store"
        assert inside.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert 'alt="The mill by the river"' in anahit_signed_in.get("/p/save-the-mill").text


def test_words_change_without_a_file(anahit_signed_in: Desk, parts: Parts) -> None:
    send(anahit_signed_in, sent(parts, taken_by_phone()))
    before = known(parts)
    send(anahit_signed_in, sent(parts, None, description_en="The old mill", credit=""))
    after = known(parts)
    assert before
    assert after
    assert (after.descriptions, after.credit) == ((("en", "The old mill"),), "")
    assert after.renditions == before.renditions


def test_one_that_decorates_says_so(anahit_signed_in: Desk, parts: Parts) -> None:
    send(anahit_signed_in, sent(parts, taken_by_phone(), description_en="", decorates="y"))
    picture = known(parts)
    assert picture
    assert picture.descriptions == ()
    assert "checked" in anahit_signed_in.get(PLACE).text


def test_each_language_of_the_petition_has_its_description(anahit_signed_in: Desk, parts: Parts) -> None:
    mill = parts.ledger.petition("save-the-mill")
    for lang in ("ar", "pt-BR"):
        parts.ledger.set_wording(mill.id, Wording(lang, "T", ("a",), "w"), NOW)
    page = anahit_signed_in.get(PLACE).text
    assert "What it shows, in Arabic" in page
    assert 'dir="rtl"' in page
    anahit_signed_in.send(
        PLACE, sent(parts, taken_by_phone(), description_ar="الطاحونة", description_pt_BR="O moinho")
    )
    picture = known(parts)
    assert picture
    assert dict(picture.descriptions) == {"en": SAID["description_en"], "ar": "الطاحونة", "pt-BR": "O moinho"}


@pytest.mark.parametrize(
    ("data", "changes", "said"),
    [
        (None, {}, "It is missing: choose a file."),
        (b"no picture", {}, "It is no picture that can be read here"),
        (b"<svg onload=alert(1)></svg>", {}, "It is an SVG"),
        (png_that_says(30_000, 30_000), {}, "million pixels"),
        (taken_by_phone()[:4000], {}, "It is damaged or cut off"),
        (b"\xff" * (MAX_BYTES + 1), {}, "It is larger than 12 MB"),
        (taken_by_phone(), {"description_en": " "}, "Say what it shows"),
        (taken_by_phone(), {"decorates": "y"}, "Either describe it, or say that it only decorates."),
        (taken_by_phone(), {"description_en": "a \u202e line"}, "cannot be read"),
        (taken_by_phone(), {"description_en": "x" * 301}, "at most 300 characters"),
        (taken_by_phone(), {"credit": "x" * 151}, "at most 150 characters"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_words_stay(
    anahit_signed_in: Desk, parts: Parts, data: bytes | None, changes: dict[str, str], said: str
) -> None:
    answer = send(anahit_signed_in, sent(parts, data, **{"credit": "Photo: Sam", **changes}))
    assert answer.status_code == 422
    assert said in answer.text
    assert "Not saved yet" in answer.text
    if "description_en" not in changes:
        assert SAID["description_en"] in answer.text
    if "credit" not in changes:
        assert "Photo: Sam" in answer.text
    assert known(parts) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (taken_by_phone(), "The file is good, but was not kept: choose it again."),
        (b"<svg></svg>", "It is an SVG"),
        (None, "It is missing: choose a file."),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    anahit_signed_in: Desk, parts: Parts, data: bytes | None, said: str
) -> None:
    answer = send(anahit_signed_in, sent(parts, data, description_en=" ", credit="x" * 151))
    assert answer.status_code == 422
    for words in (said, "Say what it shows", "at most 150 characters"):
        assert words in answer.text
    assert known(parts) is None


def test_the_field_says_what_is_taken(anahit_signed_in: Desk) -> None:
    page = anahit_signed_in.get(PLACE).text
    for words in ("at most 12 MB", "at least 320 pixels wide and 160 high", "50 million pixels"):
        assert words in page


def test_a_file_far_too_large_is_refused_before_it_is_read(anahit_signed_in: Desk, parts: Parts) -> None:
    answer = send(anahit_signed_in, sent(parts, b"\xff" * 21 * 1024 * 1024))
    assert answer.status_code == 413
    assert known(parts) is None


def test_whoever_saves_second_sees_the_other_picture_first(anahit_signed_in: Desk, parts: Parts) -> None:
    mine = sent(parts, taken_by_phone())
    send(anahit_signed_in, sent(parts, encoded(photo(mode="L"))))
    theirs = known(parts)
    answer = send(anahit_signed_in, mine)
    assert answer.status_code == 409
    assert "Somebody changed it while you wrote" in answer.text
    assert theirs
    assert theirs.on_page[0].digest in answer.text
    assert known(parts) == theirs
    assert send(anahit_signed_in, sent(parts, taken_by_phone())).status_code == 303


def test_a_picture_is_taken_away(anahit_signed_in: Desk, parts: Parts) -> None:
    send(anahit_signed_in, sent(parts, taken_by_phone()))
    picture = known(parts)
    assert picture
    assert anahit_signed_in.send(f"{PLACE}/remove").status_code == 303
    assert known(parts) is None
    assert anahit_signed_in.get(f"{PLACE}/{picture.for_links.name}").status_code == 404
    assert "<img" not in anahit_signed_in.get("/p/save-the-mill").text
    assert anahit_signed_in.send(f"{PLACE}/remove").status_code == 303


def test_a_draft_shows_it_to_members_alone(
    anahit_signed_in: Desk, elsewhere_signed_in: Desk, viewer_signed_in: Desk, parts: Parts
) -> None:
    draft_of = parts.ledger.add_petition(draft(slug="save-the-lake", status=Status.DRAFT), NOW)
    made = picturing.show(
        draft_of, taken_by_phone(), descriptions={"en": "The lake"}, credit="", ledger=parts.ledger
    )
    assert made.picture
    name = made.picture.for_links.name
    place = f"/manage/petitions/save-the-lake/editing/picture/{name}"
    assert anahit_signed_in.get(place).status_code == 200
    assert elsewhere_signed_in.get(place).status_code == 404
    assert viewer_signed_in.get(place).status_code == 403
    assert anahit_signed_in.get(f"/pictures/{name}").status_code == 404
    # A picture of one petition is not another's, whatever the address says.
    assert anahit_signed_in.get(f"{PLACE}/{name}").status_code == 404
