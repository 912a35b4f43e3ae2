"""What a spreadsheet opens does nothing, and comes back as it was."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.sheet import meant, safe

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What begins a formula, after what a spreadsheet may take away before it looks.
FORMULA = re.compile('[\\s"]*[=+\\-@\uff1d\uff0b\uff0d\uff20]')
# Texts that begin like trouble more often than chance would have it.
cells = st.text(st.sampled_from("'=+-@\t\r\n\",; a\uff1d"), max_size=6) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)


@given(cells)
def test_a_cell_comes_back_as_it_was_and_is_never_run(cell: str) -> None:
    assert meant(safe(cell)) == cell
    assert not safe(cell).startswith(RUN)


@given(st.lists(cells, min_size=2, max_size=5))
def test_a_line_comes_back_through_a_file(line: list[str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerow([safe(cell) for cell in line])
    [read] = csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True)
    assert [meant(cell) for cell in read] == line


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=3), st.sampled_from(",;\t"))
def test_no_reader_finds_a_formula_whatever_its_separator(lines: list[list[str]], separator: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([safe(cell) for cell in line] for line in lines)
    found = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=separator)
    assert [cell for line in found for cell in line if FORMULA.match(cell)] == []


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Jan;=1+1", "Jan;'=1+1"),
        ("Jan\t@A1", "Jan\t'@A1"),
        ("Dear all,\n- one\n\n- two", "Dear all,\n'- one\n'\n'- two"),
        ('Jan; "=1', "Jan;' \"=1"),
        ("Jan;'=1", "Jan;''=1"),
        (" =1", "' =1"),
        (";\uff1d1", "';'\uff1d1"),
    ],
)
def test_where_the_apostrophes_go(cell: str, written: str) -> None:
    assert safe(cell) == written
    assert meant(written) == cell


def test_a_gap_without_end_is_looked_at_once() -> None:
    blanks = "\n" * 100_000  # at quadratic cost this would take minutes
    assert safe(f"a{blanks}b") == f"a{blanks}b"
    assert meant(safe(f"a{blanks}=")) == f"a{blanks}="


QUIET = ["Ani; Sam", "a;b", "one\ttwo", "one\n\ntwo", "one\r\ntwo", "1+1=2", "a - b", "a, =b"]


@pytest.mark.parametrize("name", [*QUIET, "'t Hooft", "O'Neill", "", "'", "''", "Ani"])
def test_what_is_no_formula_is_left_alone(name: str) -> None:
    assert safe(name) == name
