"""What a spreadsheet opens does nothing, and comes back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.sheet import meant, safe

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Texts that begin like trouble more often than chance would have it.
cells = st.text(st.sampled_from("'=+-@\t\r\n\",;a\uff1d"), max_size=6) | st.text(
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


@pytest.mark.parametrize("name", ["'t Hooft", "O'Neill", "", "'", "''", "Ani"])
def test_what_is_no_formula_is_left_alone(name: str) -> None:
    assert safe(name) == name
