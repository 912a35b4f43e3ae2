"""Names typed off a sheet of paper: one person a line, nobody twice, as many as were counted."""

import pytest

from widget.domain.paper_names import AT_MOST, PaperName, agree, cells_of, read_names
from widget.domain.refusals import PaperRefused

SHEET = " Sam  Signs ; Gyumri\r\n\r\nPetra Hosts\tPO 12; Vanadzor\nՍամ Ստորագրող\n"


def problem(text: str) -> str:
    with pytest.raises(PaperRefused) as refused:
        read_names(text)
    return refused.value.problems["names"]


def test_one_person_a_line_and_where_from_after_a_semicolon_or_tab() -> None:
    assert read_names(SHEET) == (
        PaperName("Sam Signs", "Gyumri"),
        PaperName("Petra Hosts", "PO 12 Vanadzor"),
        PaperName("Սամ Ստորագրող"),
    )
    assert read_names(" \n\n;\n") == ()


def test_the_same_person_is_taken_once_and_namesakes_are_told_apart() -> None:
    assert "line 3 is line 1 again" in problem("Sam Signs; Gyumri\nPetra\nSAM signs;gyumri")
    assert len(read_names("Sam Signs; Gyumri\nSam Signs; Vanadzor\nSam Signs junior; Gyumri")) == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("; Gyumri", "line 2 names nobody"),
        ("x" * 201, "line 2 is longer than 200"),
        ("Sam;" + "y" * 201, "line 2 is longer than 200"),
        ("Sam\x00Signs", "line 2 has characters"),
        ("Sam\u202eSigns", "line 2 has characters"),
    ],
)
def test_a_line_that_cannot_be_right_is_named(line: str, words: str) -> None:
    assert words in problem(f"Petra\n{line}\n")


def test_as_many_as_were_counted_or_none() -> None:
    agree(3, read_names(SHEET))
    agree(120, ())
    with pytest.raises(PaperRefused, match="3 names where 4 were counted"):
        agree(4, read_names(SHEET))
    many = "\n".join(f"Signer {number}" for number in range(AT_MOST + 1))
    assert "more than 500 lines" in problem(many)
    assert len(read_names(many.rpartition("\n")[0])) == AT_MOST


def test_a_cell_that_a_spreadsheet_would_run_is_made_safe() -> None:
    cells = cells_of("=1+1", "the market", "2026-04-30", PaperName("@Sam", "+374"))
    assert cells == ("'=1+1", "the market", "2026-04-30", "'@Sam", "'+374")
