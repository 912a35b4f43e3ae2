"""A wording that an organiser writes as a file: read in full, or refused with its line."""

from pathlib import Path

import pytest

from widget.domain.page_letter import MAX_TEXT
from widget.domain.page_opening import MAX_ADDRESSEES, MAX_NAME, MAX_TITLE
from widget.domain.petition import Wording
from widget.domain.petition_page import read_page
from widget.domain.refusals import PageUnreadable
from widget.domain.wording_page import read_wording, written

SAMPLE = Path(__file__).parents[2] / "widget" / "samples" / "stop-bloodshed-in-artsakh.txt"
FILE = """\ufeff# Փրկենք ջրաղացը
To: քաղաքային խորհուրդ
to:  the   mayor

Այն պտտվում է **երեք հարյուր** տարի։

- one
    - two, inside one
a line that ends here  \nand another

---

An appendix.

---

Its second part.
"""


def read(text: str) -> Wording:
    return read_wording(text.encode(), lang="hy")


def test_a_file_is_read_whole() -> None:
    assert read(FILE) == Wording(
        "hy",
        "Փրկենք ջրաղացը",
        ("քաղաքային խորհուրդ", "the mayor"),
        "Այն պտտվում է **երեք հարյուր** տարի։\n\n- one\n    - two, inside one\n"
        "a line that ends here  \nand another",
        "An appendix.\n\n---\n\nIts second part.",
    )


def test_line_ends_of_any_system_make_the_same_wording() -> None:
    assert read(FILE.replace("\n", "\r\n")).text_version == read(FILE).text_version


def test_what_is_written_reads_as_it_was() -> None:
    for wording in (read(FILE), read_page(SAMPLE.read_bytes()).draft.wording):
        assert read_wording(written(wording).encode(), lang=wording.lang) == wording


def test_three_hyphens_under_a_line_are_a_heading_of_the_text() -> None:
    wording = read("# T\nTo: N\n\nA heading\n---\n\nText")
    assert (wording.text, wording.appendix) == ("A heading\n---\n\nText", "")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Save the mill\nTo: N\n\nText", 1, "the title is missing"),
        ("\n\n#\nTo: N\n\nText", 3, "the title is missing"),
        (f"# {'t' * (MAX_TITLE + 1)}\nTo: N\n\nText", 1, "the title is longer"),
        ("# T\n\nText\nTo: N", 3, "who is addressed is missing"),
        ("# T\nTo:\n\nText", 2, "no name follows"),
        (f"# T\nTo: {'n' * (MAX_NAME + 1)}\n\nText", 2, "the name here is longer"),
        ("# T\n" + "To: N\n" * (MAX_ADDRESSEES + 1) + "\nText", MAX_ADDRESSEES + 2, "more than 20 lines"),
        ("# T\nTo: N\n\n---\n\nAppendix", 6, "the text is missing"),
        (f"# T\nTo: N\n\n{'x' * (MAX_TEXT + 1)}", None, "the text is longer"),
        ("# T\nTo: N\n", None, "nothing but the title"),
        ("# T\nTo: N\n\nA\u202eB", 4, "invisible character"),
        ("# T\nTo: N\n\n<script src=x></script>\n", 4, "this is HTML"),
        ("", None, "the file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(text: str, line: int | None, said: str) -> None:
    with pytest.raises(PageUnreadable) as refused:
        read(text)
    assert refused.value.line == line
    assert said in refused.value.reason


def test_the_longest_things_that_may_be_are_read() -> None:
    names = "\n".join(f"To: {'n' * MAX_NAME}" for _ in range(MAX_ADDRESSEES))
    wording = read(f"# {'t' * MAX_TITLE}\n{names}\n\n{'x' * MAX_TEXT}")
    assert (len(wording.title), len(wording.addressed_to), len(wording.text)) == (300, 20, MAX_TEXT)
