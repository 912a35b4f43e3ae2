"""Which of several texts a reader gets."""

import pytest

from widget.domain.language import fitting, spoken, together


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("hy",), "hy"),
        (("HY_am",), "hy"),
        (("pt",), "pt-BR"),
        (("xx", "en"), "en"),
        ((None, ""), None),
        (("xx",), None),
    ],
)
def test_a_language_is_found_by_its_tag_or_by_what_it_is_of(
    wanted: tuple[str | None, ...], found: str | None
) -> None:
    assert fitting(["en", "hy", "pt-BR"], *wanted) == found


def test_words_fall_back_on_the_first() -> None:
    texts = (("hy", "Շնորհակալություն"), ("en", "Thanks"))
    assert spoken(texts, "en-GB") == ("en", "Thanks")
    assert spoken(texts, "fr") == texts[0]
    assert spoken((), "fr") == ("", "")


def test_changed_words_take_their_places_and_empty_ones_go() -> None:
    texts = (("en", "Thanks"), ("de", "Danke"))
    assert together(texts, {"de": "", "hy": "a", "ar": "b"}, first="hy") == (
        ("hy", "a"),
        ("ar", "b"),
        ("en", "Thanks"),
    )
    assert together(texts, {}, first="de") == (("de", "Danke"), ("en", "Thanks"))
