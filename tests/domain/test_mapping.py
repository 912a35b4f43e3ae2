"""Whose file it is, and which column is what."""

import pytest

from widget.domain import mapping
from widget.domain.intake_refusals import MappingUnfit
from widget.domain.sheet import COLUMNS
from widget.web.console.bringing import LABELS, WRITERS

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


def test_every_part_of_a_signature_has_words_in_the_console() -> None:
    assert set(LABELS) == set(mapping.TARGETS)
    assert set(WRITERS) == set(mapping.READY)
