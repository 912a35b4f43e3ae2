"""Questions of the organiser's own: listed, added, put in other words, moved, removed, asked again."""

from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from widget import i18n, questioning
from widget.domain import questionnaire
from widget.domain.organiser import Deed
from widget.domain.petition import Petition
from widget.domain.question import Question, QuestionType, asked, whole_form
from widget.domain.questionnaire import LONGEST, MAX_ASKED, USUAL, find
from widget.domain.refusals import EditedMeanwhile
from widget.domain.snippet import Options
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.previewing import preview
from widget.web.console.printing import LANG, page
from widget.web.console.question_forms import KINDS, QuestionForm, form_for
from widget.web.edge import parts

questions = Blueprint("questions", __name__, url_prefix="/petitions/<slug>/editing/questions")

MOVES = {"earlier": -1, "later": 1}
HEIGHT_CHANGED = (
    "The form has another height now: take the snippet anew under “Snippet” for the pages that show it."
)
OVERTAKEN = "Somebody else changed the questions in the same moment. This is how they stand now."


@questions.get("")
@on_petition(Deed.EDIT)
def show(here: OnPetition) -> ResponseReturnValue:
    """List what is asked, and what was asked once."""
    return _list(here)


@questions.get("/new/<kind>")
@on_petition(Deed.EDIT)
def begin(here: OnPetition, kind: str) -> ResponseReturnValue:
    """Show the empty form for a type of question."""
    form = form_for(_kind(kind), here.petition)(None)
    form.begin_with(here.petition)
    return _form(here, form)


@questions.post("/new/<kind>")
@on_petition(Deed.EDIT)
def add(here: OnPetition, kind: str) -> ResponseReturnValue:
    """Ask one more question."""
    form, made = form_for(_kind(kind), here.petition)(), parts()
    new = form.question()
    if new is None:
        return _form(here, form, status=422)
    try:
        _, new = questioning.add(
            here.petition.slug,
            new,
            ledger=made.ledger,
            counter=made.counter,
            instead_of=form.questions_version.data,
        )
    except EditedMeanwhile:
        return _again(here, form, None)
    except ValueError as error:
        form.complain("label_0", f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return _form(here, form, status=422)
    return _done(here, f"It is asked now. In tables its answers stand under {new.name}.")


@questions.post("/new/<kind>/preview")
@on_petition(Deed.EDIT)
def preview_new(here: OnPetition, kind: str) -> ResponseReturnValue:
    """Show the widget with what was typed so far; nothing is stored."""
    form = form_for(_kind(kind), here.petition)()
    sketched = form.question("own_new") or form.sketch("own_new")
    return _preview(here.petition, (*here.petition.questions, sketched))


@questions.get("/<question>")
@on_petition(Deed.EDIT)
def show_one(here: OnPetition, question: str) -> ResponseReturnValue:
    """Show a question as it is, to be put in other words."""
    found = find(here.petition.questions, question)
    form = form_for(found.kind, here.petition)(None)
    form.begin_with(here.petition, found)
    return _form(here, form, found)


@questions.post("/<question>")
@on_petition(Deed.EDIT)
def change(here: OnPetition, question: str) -> ResponseReturnValue:
    """Put a question in other words; its answers stay."""
    found, made = find(here.petition.questions, question), parts()
    form = form_for(found.kind, here.petition)()
    new = form.question(found.name)
    if new is None:
        return _form(here, form, found, status=422)
    try:
        questioning.change(
            here.petition.slug,
            new,
            ledger=made.ledger,
            counter=made.counter,
            instead_of=form.questions_version.data,
        )
    except EditedMeanwhile:
        return _again(here, form, found)
    except ValueError as error:
        form.complain("label_0", f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return _form(here, form, found, status=422)
    return _done(here, "Saved.")


@questions.post("/<question>/preview")
@on_petition(Deed.EDIT)
def preview_one(here: OnPetition, question: str) -> ResponseReturnValue:
    """Show the widget with what was typed so far; nothing is stored."""
    found = find(here.petition.questions, question)
    form = form_for(found.kind, here.petition)()
    sketched = form.question(found.name) or form.sketch(found.name)
    with_it = tuple(sketched if one.name == found.name else one for one in here.petition.questions)
    return _preview(here.petition, with_it)


@questions.post("/<question>/move")
@on_petition(Deed.EDIT)
def move(here: OnPetition, question: str) -> ResponseReturnValue:
    """Ask a question one place earlier or later."""
    by = MOVES.get(request.form.get("to", ""))
    if by is None:
        raise BadRequest
    made = parts()
    try:
        questioning.move(here.petition.slug, question, by, ledger=made.ledger, counter=made.counter)
    except EditedMeanwhile:
        flash(OVERTAKEN, "fault")
        return redirect(_place(here), 303)
    return _done(here, "Moved.", taller=False)


@questions.post("/<question>/remove")
@on_petition(Deed.EDIT)
def remove(here: OnPetition, question: str) -> ResponseReturnValue:
    """Ask a question no more; what was answered stays."""
    made = parts()
    try:
        questioning.remove(here.petition.slug, question, ledger=made.ledger, counter=made.counter)
    except EditedMeanwhile:
        flash(OVERTAKEN, "fault")
        return redirect(_place(here), 303)
    return _done(here, "It is asked no more. What was answered stays; below you can ask it again.")


@questions.post("/<question>/restore")
@on_petition(Deed.EDIT)
def restore(here: OnPetition, question: str) -> ResponseReturnValue:
    """Ask a removed question again."""
    made = parts()
    try:
        questioning.restore(here.petition.slug, question, ledger=made.ledger, counter=made.counter)
    except EditedMeanwhile:
        flash(OVERTAKEN, "fault")
    except ValueError as error:
        flash(f"Not asked again: {error}.", "fault")
    else:
        return _done(here, "It is asked again, after the others.")
    return redirect(_place(here), 303)


def _kind(kind: str) -> QuestionType:
    found = next((one for one in KINDS if one == kind), None)
    if found is None:
        raise NotFound
    return found


def _place(here: OnPetition) -> str:
    return url_for("console.questions.show", slug=here.petition.slug)


def _done(here: OnPetition, words: str, *, taller: bool = True) -> ResponseReturnValue:
    parts().catalogue.forget(here.petition.slug)
    flash(f"{words} {HEIGHT_CHANGED}" if taller else words, "done")
    return redirect(_place(here), 303)


def _preview(petition: Petition, now: tuple[Question, ...]) -> Response:
    wording = petition.wordings[0]
    shown = replace(petition, questions=now, form=whole_form(petition.form, now))
    return preview(shown, wording, Options(lang=wording.lang))


def _list(here: OnPetition) -> Response:
    langs = {wording.lang: i18n.language(LANG, wording.lang) for wording in here.petition.wordings}
    every = here.petition.questions
    missing = {one.name: [langs[lang] for lang in langs if lang not in dict(one.labels)] for one in every}
    return page(
        "questions.html",
        here=here,
        asked=asked(every),
        removed=[one for one in every if one.removed],
        missing=missing,
        kinds=KINDS,
        most=MAX_ASKED,
    )


def _form(
    here: OnPetition,
    form: QuestionForm,
    found: Question | None = None,
    *,
    other: Question | None = None,
    overtaken: bool = False,
    status: int = 200,
) -> Response:
    return page(
        "question.html",
        status=status,
        here=here,
        form=form,
        found=found,
        other=other,
        overtaken=overtaken,
        kinds=KINDS,
        usual=USUAL.get(form.kind),
        longest=LONGEST.get(form.kind),
    )


def _again(here: OnPetition, form: QuestionForm, found: Question | None) -> Response:
    """Show what was typed beside what somebody else has saved meanwhile."""
    now = parts().ledger.petition_by_id(here.petition.id)
    fresh = form_for(form.kind, now)(None)
    fresh.begin_with(now)
    form.questions_version.data = fresh.questions_version.data
    other = questionnaire.find(now.questions, found.name) if found else None
    return _form(here, form, found, other=other, overtaken=True, status=409)
