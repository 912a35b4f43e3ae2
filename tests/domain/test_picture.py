"""What is said of a picture, and the space it takes."""

import pytest

from widget.domain.picture import CREDIT_LENGTH, DESCRIPTION_LENGTH, Picture, Rendition, credit, descriptions


def picture(width: int, height: int) -> Picture:
    page = Rendition("page", "0" * 32, "image/webp", width, height)
    return Picture(
        (("hy", "Ջրաղացը"), ("en", "The mill")),
        "",
        (page, Rendition("link", "1" * 32, "image/jpeg", 1200, 630)),
    )


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(1280, 640, (1280, 640)), (1280, 853, (960, 640)), (800, 1600, (320, 640)), (400, 300, (400, 300))],
)
def test_a_picture_is_shown_no_higher_than_leaves_the_title_in_sight(
    width: int, height: int, shown: tuple[int, int]
) -> None:
    assert picture(width, height).shown == shown


def test_a_description_is_in_the_language_of_the_reader_or_the_petitions() -> None:
    assert picture(640, 480).described("en") == ("The mill", "en")
    assert picture(640, 480).described("fr") == ("Ջրաղացը", "hy")


def test_the_petitions_own_language_is_described() -> None:
    assert descriptions({"hy": "  Ջրաղացը \n գետի մոտ ", "en": ""}, own="hy", decorates=False) == {
        "hy": "Ջրաղացը գետի մոտ"
    }
    assert descriptions({"hy": " "}, own="hy", decorates=True) == {}
    with pytest.raises(ValueError, match="say what it shows"):
        descriptions({"hy": "", "en": "The mill"}, own="hy", decorates=False)
    with pytest.raises(ValueError, match="either"):
        descriptions({"hy": "Ջրաղացը"}, own="hy", decorates=True)


@pytest.mark.parametrize("words", ["x" * (DESCRIPTION_LENGTH + 1), "a \u202e line", "a \x00 line"])
def test_words_that_cannot_be_read_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="description"):
        descriptions({"en": words}, own="en", decorates=False)


def test_a_credit_is_one_line() -> None:
    assert credit(" Photo:\n Anahit ") == "Photo: Anahit"
    with pytest.raises(ValueError, match="credit"):
        credit("x" * (CREDIT_LENGTH + 1))
