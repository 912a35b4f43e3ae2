"""Names, mail domains and sites as a search compares them: in any case, in any script, composed or not."""

from unicodedata import normalize

import pytest

from widget.domain.criteria import Criteria
from widget.domain.folding import LINE_LENGTH, folded, found_by

SAME = [
    ("SAM of the CAST", "sam of the cast"),
    ("ՍԱՄ ՏԵՐ", "սամ տեր"),
    ("Երևան", "ԵՐԵՒԱՆ"),
    ("САМ СЛЁЗКИН", "сам слёзкин"),
    ("ΣΑΜ ΚΑΣΤΟΣ", "σαμ καστος"),
    ("IŞIK İNCİ", "ışık inci"),
    ("Işık", "ışik"),
    ("STRASSE", "Straße"),
    (normalize("NFD", "Zoë Françoise"), "zoë françoise"),
    ("  Sam \t of  the\nCast ", "sam of the cast"),
]
APART = [("Zoë", "Zoe"), ("Sam", "Samuel"), ("Слёзкин", "Слезкин")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_in_several_spellings(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert folded(folded(one)) == folded(one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_names(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_what_a_search_compares_has_three_lines_whatever_was_typed() -> None:
    assert found_by("Sam", "of the Cast", "sam@example.org", "https://Petra.example.org:81/mill?a#b") == (
        "sam of the cast\nexample.org\nhttps://petra.example.org:81"
    )
    assert found_by("Sam", "", "", "no address") == "sam\n\n"
    assert found_by("a\nb", "c", '"a@b"@example.org', "").split("\n") == ["a b c", "example.org", ""]


def test_it_fits_into_an_index_however_long_it_is() -> None:
    """PostgreSQL takes 2 704 bytes at most, the number and the state included."""
    longest = found_by("𝅘𝅥𝅮" * 100, "𝅘𝅥𝅮" * 100, f"sam@{'b' * 2_000}.example", f"https://{'ü' * 2_000}/")
    assert len(longest.encode()) <= 3 * LINE_LENGTH + 2
    assert longest.count("\n") == 2


PATTERNS = [
    (Criteria(), None),
    (Criteria(address="sam@example.org"), None),
    (Criteria(name="SAM *"), "sam *\n*\n*"),
    (Criteria(domain="*.Example.org"), "*\n*.example.org\n*"),
    (Criteria(site="https://Petra.example.org/"), "*\n*\nhttps://petra.example.org"),
    (Criteria(site="https://petra.example.org/mill"), "*\n*\nhttps://petra.example.org"),
    (Criteria(site="petra"), "*\n*\npetra"),
    (Criteria(name="a\n*"), "a *\n*\n*"),
]


@pytest.mark.parametrize(("criteria", "pattern"), PATTERNS)
def test_criteria_as_a_pattern(criteria: Criteria, pattern: str | None) -> None:
    assert criteria.found_by == pattern


def test_more_than_an_origin_is_compared_with_the_whole_address() -> None:
    assert Criteria(site="https://petra.example.org/").page is None
    assert Criteria(site="https://petra.example.org/mill/").page == "https://petra.example.org/mill"
    assert Criteria().page is None
