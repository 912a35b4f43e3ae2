"""The story of a question of the organiser's own: added, put in other words, moved, removed, asked again.

Each function reads the petition, and stores nothing when somebody else changes its questions in between. All
raise PetitionNotFound, EditedMeanwhile, QuestionNotFound where one is named, and ValueError, in words for the
reader, for what cannot be asked.
"""

from collections.abc import Callable
from dataclasses import replace

from widget import organising
from widget.domain import questionnaire
from widget.domain.editing import questions_version
from widget.domain.petition import Petition
from widget.domain.question import Question
from widget.store.counter import Counter
from widget.store.ledger import Ledger

Change = Callable[[tuple[Question, ...]], tuple[Question, ...]]


def add(
    slug: str, question: Question, *, ledger: Ledger, counter: Counter, instead_of: str | None = None
) -> tuple[Petition, Question]:
    """Ask one more question, last; without a name it gets one from its words.

    `instead_of` is the `questions_version` that the edit began with.
    """
    petition = ledger.petition(slug)
    name = question.name or questionnaire.name_for(question.labels[0][1], petition.questions)
    new = replace(question, name=name)
    after = _change(petition, lambda had: questionnaire.added(had, new), ledger, counter, instead_of)
    return after, new


def change(
    slug: str, question: Question, *, ledger: Ledger, counter: Counter, instead_of: str | None = None
) -> Petition:
    """Put a question in other words; name and type stay, and so do the answers. `instead_of` as above."""
    petition = ledger.petition(slug)
    return _change(petition, lambda had: questionnaire.changed(had, question), ledger, counter, instead_of)


def remove(slug: str, name: str, *, ledger: Ledger, counter: Counter) -> Petition:
    """Ask a question no more. What was answered stays, and tables go on having it."""
    return _change(ledger.petition(slug), lambda had: questionnaire.removed(had, name), ledger, counter, None)


def restore(slug: str, name: str, *, ledger: Ledger, counter: Counter) -> Petition:
    """Ask a removed question again, last."""
    return _change(
        ledger.petition(slug), lambda had: questionnaire.restored(had, name), ledger, counter, None
    )


def move(slug: str, name: str, by: int, *, ledger: Ledger, counter: Counter) -> Petition:
    """Ask a question so many places later, or earlier below 0."""
    return _change(
        ledger.petition(slug), lambda had: questionnaire.moved(had, name, by), ledger, counter, None
    )


def _change(
    petition: Petition, change: Change, ledger: Ledger, counter: Counter, instead_of: str | None
) -> Petition:
    return organising.edit(
        petition.slug,
        {"questions": change(petition.questions)},
        ledger=ledger,
        counter=counter,
        instead_of=instead_of or questions_version(petition),
    )
