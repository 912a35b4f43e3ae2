"""Pictures in the ledger: the bytes of the present one and no others, in the backup too."""

import io
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.petitions import NOW, draft
from widget.domain.petition import Status
from widget.domain.picture import MOST_BYTES, Picture, PictureFile, Rendition, picture_version
from widget.domain.refusals import EditedMeanwhile, PetitionNotFound
from widget.store import backups
from widget.store.ledger import Ledger

BYTES = bytes(range(256)) * 400


def picture(*digests: str, words: str = "The mill") -> Picture:
    purposes = ["page"] * (len(digests) - 1) + ["link"]
    sizes = zip(purposes, digests, strict=True)
    return Picture(
        (("en", words),),
        "Anahit",
        tuple(Rendition(to, one * 32, "image/webp", 640, 480) for to, one in sizes),  # type: ignore[arg-type]
    )


def contents(*digests: str) -> dict[str, bytes]:
    return {one * 32: one.encode() + BYTES for one in digests}


def test_a_picture_is_known_with_its_petition_and_its_bytes_apart(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(), NOW)
    assert mill.picture is None
    ledger.set_picture(mill.id, picture("a", "b"), contents("a", "b"))
    known = ledger.petition(mill.slug)
    assert (known.picture, known.revision) == (picture("a", "b"), mill.revision + 1)
    assert ledger.public_picture("b" * 32) == PictureFile("image/webp", b"b" + BYTES)
    assert ledger.picture_of(mill.id, "a" * 32) == PictureFile("image/webp", b"a" + BYTES)
    assert ledger.public_picture("c" * 32) is None


def test_what_was_replaced_is_gone_and_what_stayed_is_there(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(), NOW)
    ledger.set_picture(mill.id, picture("a", "b"), contents("a", "b"))
    ledger.set_picture(mill.id, picture("b", "c"), contents("b", "c"))
    assert [ledger.public_picture(one * 32) is not None for one in "abc"] == [False, True, True]
    ledger.set_picture(mill.id, None, {})
    assert ledger.petition(mill.slug).picture is None
    assert [ledger.public_picture(one * 32) for one in "abc"] == [None, None, None]


def test_other_words_need_no_bytes_and_the_same_again_changes_nothing(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(), NOW)
    ledger.set_picture(mill.id, picture("a", "b"), contents("a", "b"))
    ledger.set_picture(mill.id, picture("a", "b", words="The old mill"), {})
    told = ledger.petition(mill.slug)
    assert told.picture == picture("a", "b", words="The old mill")
    ledger.set_picture(mill.id, told.picture, contents("a", "b"))
    assert ledger.petition(mill.slug).revision == told.revision


def test_of_two_edits_at_once_the_second_is_told(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(), NOW)
    seen = picture_version(None)
    ledger.set_picture(mill.id, picture("a", "b"), contents("a", "b"), instead_of=seen)
    with pytest.raises(EditedMeanwhile):
        ledger.set_picture(mill.id, picture("c", "d"), contents("c", "d"), instead_of=seen)
    ledger.set_picture(mill.id, None, {})
    with pytest.raises(EditedMeanwhile):  # other words to a picture that was taken away meanwhile
        ledger.set_picture(mill.id, picture("a", "b", words="The old mill"), {})
    assert ledger.petition(mill.slug).picture is None


def test_many_at_once_leave_one_whole_picture(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(), NOW)
    pairs = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]
    senders = [
        threading.Thread(target=ledger.set_picture, args=(mill.id, picture(*pair), contents(*pair)))
        for pair in pairs * 2
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    shown = ledger.petition(mill.slug).picture
    assert shown in [picture(*pair) for pair in pairs]
    assert shown is not None
    there = {one for one in "abcd" if ledger.public_picture(one * 32)}
    assert there == {one.digest[0] for one in shown.renditions}


def test_a_picture_that_two_petitions_show_stays_while_one_does(ledger: Ledger) -> None:
    mill, lake = ledger.add_petition(draft(), NOW), ledger.add_petition(draft(slug="save-the-lake"), NOW)
    for one in (mill, lake):
        ledger.set_picture(one.id, picture("a", "b"), contents("a", "b"))
    ledger.set_picture(mill.id, None, {})
    assert ledger.public_picture("a" * 32)
    assert ledger.picture_of(mill.id, "a" * 32) is None


def test_the_picture_of_a_draft_is_for_its_members(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(status=Status.DRAFT), NOW)
    ledger.set_picture(mill.id, picture("a", "b"), contents("a", "b"))
    assert ledger.public_picture("a" * 32) is None
    assert ledger.picture_of(mill.id, "a" * 32)
    for status in (Status.OPEN, Status.CLOSED, Status.DELIVERED):
        ledger.change(mill.id, {"status": status})
        assert ledger.public_picture("a" * 32)


def test_no_size_is_larger_than_its_bound(ledger: Ledger) -> None:
    mill = ledger.add_petition(draft(), NOW)
    with pytest.raises(Exception, match="bounded"):
        ledger.set_picture(
            mill.id, picture("a", "b"), contents("a", "b") | {"a" * 32: b"x" * (MOST_BYTES + 1)}
        )
    assert ledger.petition(mill.slug).picture is None


def test_a_petition_that_is_not_there_has_no_picture(ledger: Ledger) -> None:
    with pytest.raises(PetitionNotFound):
        ledger.set_picture(7, picture("a", "b"), contents("a", "b"))


def test_a_backup_has_the_picture(ledger: Ledger, database_url: str) -> None:
    mill = ledger.add_petition(draft(), NOW)
    odd = {"a" * 32: bytes(range(256)) * 1500, "b" * 32: b"\\.\n\\N\t\r\n\0" * 9}
    ledger.set_picture(mill.id, picture("a", "b"), odd)
    out = io.BytesIO()
    backups.write(database_url, out, datetime.now(UTC))
    ledger.set_picture(mill.id, replace(picture("c", "d"), credit=""), contents("c", "d"))
    backups.read(database_url, io.BytesIO(out.getvalue()), datetime.now(UTC), replace=True)
    assert ledger.petition(mill.slug).picture == picture("a", "b")
    for digest, content in odd.items():
        assert ledger.public_picture(digest) == PictureFile("image/webp", content)
    assert ledger.public_picture("c" * 32) is None
