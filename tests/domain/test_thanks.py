"""The organiser's own thanks: short, plain, and harmless wherever they are said."""

import pytest

from widget.domain.thanks import FIRST_LINE, LENGTH, in_widget, thanks, thanks_version


def test_each_line_is_a_paragraph_and_blanks_are_no_matter() -> None:
    assert (
        thanks("  See  you \t on Sunday. \r\n\r\n\n Bring a candle.  ")
        == "See you on Sunday.\nBring a candle."
    )
    assert thanks(" \n ") == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("x" * (FIRST_LINE + 1), "the widget has no room for more"),
        ("x\n" + "y" * LENGTH, f"longer than {LENGTH} characters"),
        ("a\nb\nc\nd\ne\nf", "more than 5 lines"),
        ("see \u202eyou", "cannot be read"),
        ("see \x00you", "cannot be read"),
        ("\u2066see you", "cannot be read"),
    ],
)
def test_what_cannot_be_said_is_refused(words: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        thanks(words)


def test_in_the_widget_stands_the_first_line_apart_from_what_is_around_it() -> None:
    assert in_widget("See you on Sunday.\nBring a candle.") == "\u2068See you on Sunday.\u2069"


def test_braces_are_no_places_to_fill_in() -> None:
    assert in_widget("See {you} }on{ {count} {{Sunday}}") == "\u2068See (you) )on( (count) ((Sunday))\u2069"


def test_an_edit_of_older_thanks_is_noticed() -> None:
    one, other = (("en", "a"),), (("en", "b"),)
    assert thanks_version(one) == thanks_version((("en", "a"),)) != thanks_version(other)
