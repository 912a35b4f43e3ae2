"""A question of the organiser's own: a field of the form beside the built-in ones.

Its name is chosen once and never again, so that its words can be mended while answers stay where they
are. The prefix keeps it apart from every name that the contract has or will have. A question that is removed
is kept, no longer asked: its answers still have a column, and nobody else's come under its name.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from widget.domain.form import Field

QuestionType = Literal["text", "textarea", "checkbox", "choice"]
TYPES: tuple[QuestionType, ...] = ("text", "textarea", "checkbox", "choice")
# Words by language, that of the petition first.
Words = tuple[tuple[str, str], ...]
Answer = str | bool  # True is a ticked box; one that was not ticked is no answer
Answers = Mapping[str, Answer]

OPTION_LENGTH = 100
ANSWER_LENGTH = 2_000  # of the longest that any question may ask for


@dataclass(frozen=True, slots=True)
class Question(Field):
    """A field with words of its own. `options` are those of a choice; the first words of each are its value.

    A removed one is not asked any more.
    """

    labels: Words = ()
    options: tuple[Words, ...] = ()
    removed: bool = False

    def label(self, lang: str) -> str:
        """Return what is asked, in a language or else in the petition's own."""
        return said(self.labels, lang)

    def choices(self, lang: str) -> list[tuple[str, str]]:
        """Return value and words of each option."""
        return [(option[0][1], said(option, lang)) for option in self.options]

    def meant(self, typed: str) -> str | None:
        """Return the value of the option that was chosen, in the words of any language; None for none."""
        wanted = same(typed)
        return next((o[0][1] for o in self.options if wanted in {same(words) for _, words in o}), None)

    def answered(self, answer: Answer, lang: str) -> str:
        """Return a text answer in this language, where it is an option that there still is."""
        return dict(self.choices(lang)).get(str(answer), str(answer))

    @property
    def kind(self) -> QuestionType:
        """Return the type, which is one of `TYPES`."""
        return cast("QuestionType", self.type)

    @property
    def room(self) -> int:
        """Return how many characters an answer may have."""
        return {"choice": OPTION_LENGTH, "checkbox": 0}.get(self.type, self.maxlength or 0)


def said(words: Words, lang: str) -> str:
    """Return words in a language: those of "hy" for "hy-AM", too, else the first there are."""
    return _found(words, lang)[1]


def spoken(words: Words, lang: str) -> str:
    """Return the language in which `said` has them."""
    return _found(words, lang)[0]


def whole_form(fields: Iterable[Field], questions: Iterable[Question]) -> tuple[Field, ...]:
    """Return the built-in fields with the questions that are asked among them: consents come last."""
    built_in = [field for field in fields if not isinstance(field, Question)]
    boxes = [field for field in built_in if field.type == "checkbox"]
    return (*(f for f in built_in if f not in boxes), *asked(questions), *boxes)


def built_in(form: Iterable[Field]) -> tuple[Field, ...]:
    """Return a form without questions of the organiser's own."""
    return tuple(field for field in form if not isinstance(field, Question))


def asked(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Return those that are asked, in their order."""
    return tuple(one for one in questions if not one.removed)


def answers_in(form: Iterable[Field], given: Mapping[str, object]) -> Answers | None:
    """Return what was answered to the questions of a form; None for nothing at all."""
    names = (field.name for field in form if isinstance(field, Question))
    return {name: cast("Answer", given[name]) for name in names if given.get(name)} or None


def same(words: str) -> str:
    """Return words in the form in which two spellings of one option are equal."""
    return " ".join(unicodedata.normalize("NFC", words).casefold().split())


def _found(words: Words, lang: str) -> tuple[str, str]:
    wanted = lang.lower()
    exact = (one for one in words if one[0].lower() == wanted)
    kin = (one for one in words if one[0].lower().partition("-")[0] == wanted.partition("-")[0])
    return next(exact, None) or next(kin, None) or words[0]
