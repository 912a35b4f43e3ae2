"""The delivery pack: what lies on the addressee's desk."""

import re

import pytest

from tests.organisers import Desk
from tests.petitions import signature
from widget import presenting
from widget.domain.signature import State
from widget.parts import Parts

PLACE = "/manage/petitions/save-the-mill/delivery"


@pytest.fixture(autouse=True)
def signers(parts: Parts) -> None:
    mill = parts.ledger.petition("save-the-mill")
    people = {
        "Ani": {"show_name": True},
        "Sam": {"show_name": False},
        "Petra": {"show_name": True},
        "Mallory": {"show_name": True, "state": State.HELD},
        "Omar": {"show_name": True, "state": State.PENDING},
    }
    for name, facts in people.items():
        address = f"{name.lower()}@example.org"
        parts.ledger.record(
            signature(mill.id, address, given_name=name, family_name="", **facts), letter=None
        )


def test_it_has_words_figures_and_consenting_names_alone(anahit_signed_in: Desk) -> None:
    answer = anahit_signed_in.get(PLACE)
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.text
    for words in (
        "Save the mill",
        "the town council",
        "It has turned for three hundred years.",
        "52 supporters",
    ):
        assert words in text
    assert "49 carried over" in text
    assert re.findall(r"<li><bdi>(\w+)</bdi>", text) == ["Petra", "Ani"]
    assert "Signed by name: 2" in text
    for nobody in ("Sam<", "Mallory", "Omar", "@example.org", "<script"):
        assert nobody not in text


def test_countries_are_listed_but_no_group_that_points_at_somebody(
    anahit_signed_in: Desk, parts: Parts
) -> None:
    mill = parts.ledger.petition("save-the-mill")
    assert "countries" not in anahit_signed_in.get(PLACE).text.partition("<h2>")[2]
    for country, many in (("FR", 6), ("GE", 5), ("DE", 4)):
        for number in range(many):
            address = f"{country}{number}@mail.example"
            parts.ledger.record(signature(mill.id, address, country=country), letter=None)
    text = anahit_signed_in.get(PLACE).text
    assert re.findall(r"<dt>(\w+)</dt><dd>(\d+)</dd>", text) == [("France", "6"), ("Georgia", "5")]


def test_paper_is_chosen(anahit_signed_in: Desk) -> None:
    assert '<body class="a4">' in anahit_signed_in.get(PLACE).text
    assert '<body class="letter">' in anahit_signed_in.get(f"{PLACE}?paper=letter").text
    assert '<body class="a4">' in anahit_signed_in.get(f"{PLACE}?paper=%3Cscript%3E&before=x").text


def test_many_names_come_in_volumes(anahit_signed_in: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presenting, "VOLUME", 1)
    first = anahit_signed_in.get(PLACE).text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = anahit_signed_in.get(following[1].replace("&amp;", "&")).text
    assert re.findall(r"<li><bdi>(\w+)</bdi>", first + second) == ["Petra", "Ani"]
    assert "It has turned" not in second
    assert 'rel="next"' not in second


def test_a_viewer_sees_no_names(viewer_signed_in: Desk) -> None:
    assert viewer_signed_in.get(PLACE).status_code == 403
