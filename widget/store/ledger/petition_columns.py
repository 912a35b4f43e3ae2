"""What of a petition is kept as JSON; its form in two columns: built-in fields, and own questions."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from widget.domain.editing import Changes
from widget.domain.form import Field
from widget.domain.question import Question, Words, built_in, whole_form


def columns_of(changes: Changes) -> dict[str, Any]:
    """Return changes by column, in the form in which they are read again."""
    given: dict[str, Any] = dict(changes)
    return {name: _KEPT_AS[name](value) if name in _KEPT_AS else value for name, value in given.items()}


def stored_form(form: Iterable[Field]) -> list[dict[str, Any]]:
    """Return the built-in fields of a form as they are kept."""
    return [asdict(field) for field in built_in(form)]


def stored_questions(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return questions as they are kept: words as lists of language and text."""
    return [
        asdict(one) | {"labels": _listed(one.labels), "options": [_listed(o) for o in one.options]}
        for one in questions
    ]


def read_form(row: Row[Any]) -> tuple[tuple[Field, ...], tuple[Question, ...]]:
    """Return what a petition asks for, and all questions it ever had."""
    fields = (Field(**field) for field in row.form)
    questions = tuple(
        Question(
            **kept | {"labels": _words(kept["labels"]), "options": tuple(map(_words, kept["options"]))},
        )
        for kept in row.questions
    )
    return whole_form(fields, questions), questions


def _listed(words: Words) -> list[list[str]]:
    return [list(pair) for pair in words]


def _words(listed: Iterable[Iterable[str]]) -> Words:
    return tuple((lang, text) for lang, text in listed)


_KEPT_AS: dict[str, Callable[[Any], list[Any]]] = {
    "allowed_origins": list,
    "ladder": list,
    "form": stored_form,
    "questions": stored_questions,
    "thanks_text": _listed,
}
