"""What may be asked, under which name, in which words; and how the questions of a petition change."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.questions import AGE, ALL, BRANCH, SIZE, STORY
from widget.domain import questionnaire
from widget.domain.form import BUILT_IN, STANDARD_FORM
from widget.domain.question import Question, answers_in, said, spoken, whole_form
from widget.domain.refusals import QuestionNotFound


def text(name: str, **more: Any) -> Question:
    return Question(f"own_{name}", "text", labels=(("en", name),), maxlength=20, **more)


def names(questions: Any) -> list[str]:
    return [one.name for one in questions if not one.removed]


# Names


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Which union are you in?", "own_which_union_are_you_in"),
        ("E-mail", "own_e_mail"),  # never that of a field of ours
        ("Straße", "own_strasse"),
        ("Ո՞ր արհմիությունը", "own_1"),
        ("?", "own_1"),
        ("A very long question that goes on and on and on", "own_a_very_long_question_that_goes_on"),
        ("x" * 60, "own_" + "x" * 33),
    ],
)
def test_a_name_is_made_from_the_words(words: str, name: str) -> None:
    made = questionnaire.name_for(words, ())
    assert made == name
    assert questionnaire.name_problem(made) is None


def test_no_name_is_given_twice_and_none_of_a_removed_question() -> None:
    questions = [text("shirt", removed=True), text("1"), text("shirt_2")]
    assert questionnaire.name_for("Shirt", questions) == "own_shirt_3"
    assert questionnaire.name_for("Չափը", questions) == "own_2"


@given(st.text(max_size=200))
def test_every_question_gets_a_name_that_fits(words: str) -> None:
    assert questionnaire.name_problem(questionnaire.name_for(words, ())) is None


@pytest.mark.parametrize(
    "name", [*BUILT_IN, "website", "lang", "own_", "own__a", "own_A", "own_a_", "own_" + "a" * 37]
)
def test_what_is_no_name_of_a_question(name: str) -> None:
    assert questionnaire.name_problem(name)


# Words


def test_words_are_found_as_a_text_is() -> None:
    words = (("en", "Shirt"), ("pt-BR", "Camisa"), ("hy", "Վերնաշապիկ"))
    assert [said(words, lang) for lang in ("hy-AM", "PT", "pt-br", "de")] == [
        *("Վերնաշապիկ", "Camisa", "Camisa", "Shirt")
    ]
    assert [spoken(words, lang) for lang in ("hy-AM", "pt", "de")] == ["hy", "pt-BR", "en"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "is missing"),
        (" \u200b ", "is missing"),
        ("x" * 201, "is longer than 200"),
        ("turn\u202ed", "cannot be shown"),
        ("nul\x00", "cannot be shown"),
    ],
)
def test_words_that_cannot_be_a_question(words: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        questionnaire.label(words)


def test_a_question_is_one_line_and_any_letters() -> None:
    assert questionnaire.label("  <b>Which</b>\n one?  ") == "<b>Which</b> one?"


def test_options_stand_together_line_by_line() -> None:
    options = questionnaire.translated({"en": ("Small", "Large"), "hy": ("Փոքր", "Մեծ"), "ar": ()})
    assert options == (*SIZE.options[:1], (("en", "Large"), ("hy", "Մեծ")))


@pytest.mark.parametrize(
    ("by_lang", "why"),
    [
        ({"en": ("Small", "Large"), "hy": ("Փոքր",)}, "there are 2 options in en and 1 in hy"),
        ({"en": ("Small", " small ")}, "means two options"),
        ({"en": ("One", "Two"), "hy": ("Two", "One")}, "means two options"),
    ],
)
def test_options_that_nobody_could_tell_apart(by_lang: dict[str, tuple[str, ...]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        questionnaire.translated(by_lang)


@pytest.mark.parametrize("lines", [[], ["one"], [f"option {n}" for n in range(31)]])
def test_a_list_has_some_options_and_not_too_many(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="2 to 30 options"):
        questionnaire.options(lines)


def test_an_answer_is_as_long_as_is_usual_or_as_wanted() -> None:
    assert [questionnaire.length(kind, None) for kind in ("text", "textarea", "choice")] == [100, 500, None]
    assert questionnaire.length("text", 300) == 300
    for kind, number in (("text", 0), ("text", 301), ("textarea", 2_001)):
        with pytest.raises(ValueError, match="characters at most"):
            questionnaire.length(kind, number)


# All of them


def test_one_comes_goes_and_comes_back() -> None:
    questions: tuple[Question, ...] = ()
    for one in (BRANCH, STORY, SIZE):
        questions = questionnaire.added(questions, one)
    questions = questionnaire.removed(questions, "own_branch")
    assert names(questions) == ["own_story", "own_size"]
    assert questionnaire.find(questions, "own_branch").labels == BRANCH.labels
    assert questionnaire.removed(questions, "own_branch") == questions
    questions = questionnaire.restored(questions, "own_branch")
    assert names(questions) == ["own_story", "own_size", "own_branch"]
    assert questionnaire.restored(questions, "own_branch") == questions


def test_one_moves_among_those_that_are_asked() -> None:
    questions = (BRANCH, STORY, SIZE, text("old", removed=True))
    assert names(questionnaire.moved(questions, "own_size", -1)) == ["own_branch", "own_size", "own_story"]
    assert names(questionnaire.moved(questions, "own_branch", -1)) == names(questions)
    assert names(questionnaire.moved(questions, "own_size", 9)) == names(questions)
    with pytest.raises(QuestionNotFound):
        questionnaire.moved(questions, "own_old", 1)


def test_words_change_and_the_type_does_not() -> None:
    mended = Question("own_size", "choice", labels=(("en", "Your shirt"),), options=SIZE.options)
    assert questionnaire.changed(ALL, mended)[-1] == mended
    with pytest.raises(ValueError, match="stays of the type choice"):
        questionnaire.changed(ALL, text("size"))
    with pytest.raises(QuestionNotFound):
        questionnaire.changed(ALL, text("none"))


def test_a_form_asks_for_no_more_than_people_fill_in() -> None:
    questions = tuple(text(str(n)) for n in range(8))
    with pytest.raises(ValueError, match="at most 8 questions"):
        questionnaire.added(questions, text("more"))
    with pytest.raises(ValueError, match="at most 8 questions"):
        questionnaire.restored((*questions, text("old", removed=True)), "own_old")
    with pytest.raises(ValueError, match="already"):
        questionnaire.added((text("old", removed=True),), text("old"))
    many = tuple(text(str(n), removed=True) for n in range(40))
    with pytest.raises(ValueError, match="40 were asked already"):
        questionnaire.added(many, text("more"))


def test_all_answers_fit_into_a_request() -> None:
    """Each may be in letters of nine bytes on the wire; a form has 64 KiB."""
    long = [Question(f"own_{n}", "textarea", labels=(("en", "x"),), maxlength=2_000) for n in range(3)]
    with pytest.raises(ValueError, match="with this one 6,000"):
        questionnaire.added(long[:2], long[2])


def test_the_consents_come_last() -> None:
    form = [field.name for field in whole_form(STANDARD_FORM, (*ALL, text("old", removed=True)))]
    assert form[5:] == [one.name for one in ALL] + ["show_name", "updates"]
    assert whole_form(whole_form(STANDARD_FORM, ALL), ()) == STANDARD_FORM


def test_only_what_is_asked_is_an_answer() -> None:
    form = whole_form(STANDARD_FORM, (BRANCH, AGE))
    assert answers_in(form, {"own_branch": "North", "own_age": False, "own_size": "x", "email": "y"}) == {
        "own_branch": "North"
    }
    assert answers_in(form, {"own_branch": ""}) is None
