"""A summary says something, is plain and fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.summary import summary

LONG = "The mill has turned for three hundred years and feeds the whole valley with light and bread."


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", ""),
        ("Short.", "Short."),
        (f"Dear council,\n\n{LONG}", LONG),
        (f"## Why\n\n{LONG}", LONG),
        (f"**{LONG[:20]}**{LONG[20:]}", LONG),
        (LONG.replace("mill", "[mill](https://example.org/x)"), LONG),
        (LONG.replace(".", r"\."), LONG),
    ],
)
def test_the_first_telling_paragraph_without_its_markup(markdown: str, expected: str) -> None:
    assert summary(markdown) == expected


@given(st.text())
def test_it_always_fits(markdown: str) -> None:
    assert len(summary(markdown, 80)) <= 80


def test_a_cut_falls_between_words_and_shows() -> None:
    assert summary(LONG, 62) == "The mill has turned for three hundred years and feeds the…"
