"""Whose file it is, and which column is what."""

import pytest

from widget.domain import mapping
from widget.domain.intake_refusals import MappingUnfit
from widget.domain.sheet import COLUMNS
from widget.web.console.bringing import WRITERS
from widget.web.console.naming import LABELS, worded

SPEAKOUT = ("First Name", "Last Name", "Email Address", "Post Code", "Country", "Date Signed", "Confirmed")


@pytest.mark.parametrize(
    ("head", "writer"),
    [
        (COLUMNS, "export"),
        (("uuid", "First_Name", "last_name", "EMAIL", "zip_code"), "action-network"),
        (("first_name", "last_name", "phone", "email", "subscribed_to_mailinglist", "confirmed"), "pytition"),
        (SPEAKOUT, "speakout"),
        (("E-Mail", "Vorname"), None),
        (("first_name", "last_name", "zip_code"), None),
        ((), None),
    ],
)
def test_a_file_is_recognised_by_its_headings(head: tuple[str, ...], writer: str | None) -> None:
    assert mapping.recognised(head) == writer


def test_what_is_recognised_is_chosen() -> None:
    assert mapping.suggested(SPEAKOUT) == {
        **{"given_name": 0, "family_name": 1, "email": 2, "postal_code": 3, "country": 4, "signed_at": 5},
        "confirmed": 6,
    }
    assert mapping.suggested(("Nachname", "Vorname", "E-Mail", "E-Mail", "Land", "Notiz")) == {
        **{"family_name": 0, "given_name": 1, "email": 2, "country": 4}
    }
    assert mapping.suggested(("email", "x_union"), ["x_union"]) == {"email": 0, "x_union": 1}


def test_columns_by_their_place() -> None:
    assert mapping.by_position({"email": 1, "x_union": 0}, ("a", "b"), ["x_union"]).at["email"] == 1
    for wrong in ({"given_name": 0}, {"email": 2}, {"email": -1}, {"email": 0, "x_union": 1}):
        with pytest.raises(MappingUnfit):
            mapping.by_position(wrong, ("a", "b"))


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("email is no mail address", "E-Mail-Adresse is no mail address"),
        (
            "country 'Mars' is not known; two letters are best",
            "country 'Mars' is not known; two letters are best",
        ),
        ("given_name is longer than 100 characters", "given_name is longer than 100 characters"),
        ("nothing says whether it is confirmed", "nothing says whether it is confirmed"),
        ("has 3 cells, the first line has 4", "has 3 cells, the first line has 4"),
    ],
)
def test_reasons_name_the_columns_of_the_file(why: str, words: str) -> None:
    head = ("E-Mail-Adresse", " ")
    where = mapping.by_position({"email": 0, "given_name": 1}, head)
    assert mapping.in_their_words(why, where, head) == words


def test_every_part_of_a_signature_has_words_in_the_console() -> None:
    assert set(LABELS) == set(mapping.TARGETS)
    assert set(WRITERS) == set(mapping.READY)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("email is no mail address", "Mail address is not valid"),
        ("own_size is longer than 2000 characters", "Shirt &amp; size is longer than 2000 characters"),
        ("consent is neither yes nor no: '<b>'", "Wants news is neither yes nor no: &#39;&lt;b&gt;&#39;"),
        ("has 3 cells, the first line has 4", "has 3 cells, the first line has 4"),
        (
            "signed_at is none like 2026-05-31",
            'Signed at is none like <span class="unbroken">2026-05-31</span>',
        ),
    ],
)
def test_reasons_are_in_the_words_of_the_form(why: str, words: str) -> None:
    assert worded(why, own={"own_size": "Shirt & size"}) == words
