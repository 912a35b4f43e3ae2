"""A petition is changed: its text by language, its settings, where it is in its life."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from widget import i18n, organising, updating
from widget.domain.organiser import Deed
from widget.domain.petition import Confirmation, Petition, Status, Wording
from widget.domain.petition_page import lang_problem
from widget.domain.question import whole_form
from widget.domain.refusals import EditedMeanwhile, PageUnreadable, PetitionClosed, PublicAlready, SlugTaken
from widget.domain.snippet import Options
from widget.domain.update import Kind, read_update
from widget.web.console.door import TEXT_ROOM, OnPetition, on_petition, takes_up_to
from widget.web.console.petition_forms import AddressForm, LanguageForm, SettingsForm, StandingForm, TextForm
from widget.web.console.previewing import preview
from widget.web.console.printing import LANG, page
from widget.web.edge import parts

editing = Blueprint("editing", __name__, url_prefix="/petitions/<slug>/editing")


@editing.get("")
@on_petition(Deed.EDIT)
def show(here: OnPetition) -> ResponseReturnValue:
    """Show the text in the petition's own language."""
    return _text_page(here, here.petition.wordings[0].lang)


@editing.get("/text/<lang>")
@on_petition(Deed.EDIT)
def show_text(here: OnPetition, lang: str) -> ResponseReturnValue:
    """Show the text in a language, empty where there is none yet."""
    return _text_page(here, _checked(lang))


@editing.get("/language")
@on_petition(Deed.EDIT)
def choose_language(here: OnPetition) -> ResponseReturnValue:
    """Go to the text in the language that was typed."""
    if "lang" not in request.args:
        return redirect(url_for("console.editing.show", slug=here.petition.slug))
    form = LanguageForm(request.args)
    tag = form.tag()
    if tag is None:
        return _text_page(here, here.petition.wordings[0].lang, languages=form, status=422)
    return redirect(url_for("console.editing.show_text", slug=here.petition.slug, lang=tag), 303)


@editing.post("/text/<lang>")
@takes_up_to(TEXT_ROOM)
@on_petition(Deed.EDIT)
def save_text(here: OnPetition, lang: str) -> ResponseReturnValue:
    """Make what was typed the wording in a language; refuse where another was saved meanwhile."""
    form = TextForm()
    wording = form.wording(_checked(lang))
    if wording is None:
        return _text_page(here, lang, form=form, status=422)
    made = parts()
    try:
        worded = organising.reword(
            here.petition,
            wording,
            ledger=made.ledger,
            now=made.clock(),
            instead_of=form.text_version.data,
        )
    except EditedMeanwhile:
        here_now = made.ledger.petition_by_id(here.petition.id)
        other = _in(here_now, lang)
        form.text_version.data = other.text_version if other else ""
        return _text_page(here, lang, form=form, other=other, status=409)
    made.catalogue.forget(here.petition.slug)
    said = {"new": "Saved: one more language.", "changed": "Saved: a new wording.", "same": "As it was."}
    flash(said[worded.outcome], "done")
    return redirect(url_for("console.editing.show_text", slug=here.petition.slug, lang=lang), 303)


@editing.post("/text/<lang>/preview")
@takes_up_to(TEXT_ROOM)
@on_petition(Deed.EDIT)
def preview_text(here: OnPetition, lang: str) -> ResponseReturnValue:
    """Show what was typed in the widget and as a page shows it; nothing is stored."""
    wording = TextForm().sketch(_checked(lang))
    return preview(here.petition, wording, Options(lang=lang), full=True)


@editing.get("/preview")
@on_petition(Deed.EDIT)
def show_preview(here: OnPetition) -> ResponseReturnValue:
    """Show the petition as it is, before anything was typed."""
    wording = here.petition.wording(request.args.get("lang"))
    return preview(here.petition, wording, Options(lang=wording.lang), full="text" in request.args)


@editing.post("/settings/preview")
@on_petition(Deed.EDIT)
def preview_settings(here: OnPetition) -> ResponseReturnValue:
    """Show the form and the goal that were chosen, or those there are where something is wrong."""
    shown = replace(here.petition, **(SettingsForm().changes() or {}))
    shown = replace(shown, form=whole_form(shown.form, shown.questions))
    wording = shown.wordings[0]
    return preview(shown, wording, Options(lang=wording.lang))


@editing.get("/settings")
@on_petition(Deed.EDIT)
def show_settings(here: OnPetition) -> ResponseReturnValue:
    """Show the settings."""
    form = SettingsForm(None)
    form.begin_with(here.petition)
    return page("editing_settings.html", here=here, form=form, can_mail=parts().settings.writes_letters)


@editing.post("/settings")
@on_petition(Deed.EDIT)
def save_settings(here: OnPetition) -> ResponseReturnValue:
    """Change the settings; refuse where others were saved meanwhile."""
    form, made, other, status = SettingsForm(), parts(), None, 422
    changes = form.changes()
    if changes and _asks_in_vain(here.petition, changes["confirmation"]):
        form.complain("confirmation", "No letter can be sent here: nobody could confirm.")
        changes = None
    if changes is not None:
        try:
            organising.edit(
                here.petition.slug,
                changes,
                ledger=made.ledger,
                counter=made.counter,
                instead_of=form.settings_version.data,
            )
        except EditedMeanwhile:
            other, status = SettingsForm(None), 409
            other.begin_with(made.ledger.petition_by_id(here.petition.id))
            form.settings_version.data = other.settings_version.data
        else:
            made.catalogue.forget(here.petition.slug)
            flash("Saved.", "done")
            return redirect(url_for("console.editing.show_settings", slug=here.petition.slug), 303)
    return page(
        "editing_settings.html",
        here=here,
        form=form,
        other=other,
        can_mail=made.settings.writes_letters,
        status=status,
    )


@editing.get("/standing")
@on_petition(Deed.EDIT)
def show_standing(here: OnPetition) -> ResponseReturnValue:
    """Show where the petition is in its life."""
    form = StandingForm(None, status=str(here.petition.status))
    return page(
        "editing_standing.html", here=here, form=form, address=AddressForm(None, slug=here.petition.slug)
    )


@editing.post("/standing")
@takes_up_to(TEXT_ROOM)
@on_petition(Deed.EDIT)
def save_standing(here: OnPetition) -> ResponseReturnValue:
    """Open, close or deliver it; an answer is published on its page."""
    form, made = StandingForm(), parts()
    if form.validate_on_submit() and _answer_is_whole(here.petition, form):
        try:
            organising.edit(
                here.petition.slug,
                {"status": Status(form.status.data)},
                ledger=made.ledger,
                counter=made.counter,
            )
            if form.answer.data:
                _publish_answer(here.petition, form)
        except PublicAlready:
            form.complain("status", "It has signatures: it does not become a draft again. Close it instead.")
        except PetitionClosed:
            form.complain("status", "Its signers are forgotten: it stays closed.")
        else:
            made.catalogue.forget(here.petition.slug)
            flash("Saved.", "done")
            return redirect(url_for("console.editing.show_standing", slug=here.petition.slug), 303)
    return _standing_page(here, form, status=422)


@editing.post("/address")
@on_petition(Deed.EDIT)
def save_address(here: OnPetition) -> ResponseReturnValue:
    """Give it another address; the old one goes on leading to it."""
    form, made = AddressForm(), parts()
    if form.validate_on_submit():
        try:
            after = organising.rename(here.petition.slug, form.slug.data, ledger=made.ledger)
        except SlugTaken:
            form.complain("slug", "Another petition has this address, or had it once.")
        except ValueError as error:
            form.complain("slug", f"{error}.")
        else:
            made.catalogue.forget(here.petition.slug)
            flash("Saved. The old address leads to the new one, and snippets go on working.", "done")
            return redirect(url_for("console.editing.show_standing", slug=after.slug), 303)
    standing = StandingForm(None, status=str(here.petition.status))
    return _standing_page(here, standing, form, status=422)


def _standing_page(
    here: OnPetition, form: StandingForm, address: AddressForm | None = None, status: int = 200
) -> ResponseReturnValue:
    address = address or AddressForm(None, slug=here.petition.slug)
    return page("editing_standing.html", here=here, form=form, address=address, status=status)


def _asks_in_vain(petition: Petition, wanted: Confirmation) -> bool:
    """Tell whether signers would begin to be asked for what no letter can ask."""
    begins = wanted is Confirmation.EMAIL and petition.confirmation is not wanted
    return begins and not parts().settings.writes_letters


def _answer_is_whole(petition: Petition, form: StandingForm) -> bool:
    """Tell whether there is no answer, or one that can be published; nothing is changed before."""
    if form.answer.data and not form.answer_title.data:
        form.complain("answer_title", "Give the answer a heading.")
    if form.answer_title.data and not form.answer.data:
        form.complain("answer", "Write what was answered.")
    if form.answer.data and form.status.data == Status.DRAFT:
        form.complain("answer", "Nobody could read it: a draft has no page.")
    if form.answer.data and not form.errors:
        try:
            read_update(_written(form), lang=petition.wordings[0].lang, kind=Kind.ANSWER)
        except PageUnreadable as error:
            form.complain("answer", f"{error.reason.capitalize()}.")
    return not form.errors


def _written(form: StandingForm) -> bytes:
    return f"# {form.answer_title.data}\n\n{form.answer.data}\n".encode()


def _publish_answer(petition: Petition, form: StandingForm) -> None:
    made = parts()
    answer = updating.draft(
        petition.slug,
        _written(form),
        lang=petition.wordings[0].lang,
        kind=Kind.ANSWER,
        ledger=made.ledger,
        now=made.clock(),
    )
    updating.publish(answer.id, mail=False, ledger=made.ledger, now=made.clock())


def _text_page(
    here: OnPetition,
    lang: str,
    *,
    form: TextForm | None = None,
    other: Wording | None = None,
    languages: LanguageForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    present = _in(here.petition, lang)
    if form is None:
        form = TextForm(None)
        if present:
            form.begin_with(present)
    signed = organising.signed_by(here.petition, present, ledger=parts().ledger) if present else 0
    return page(
        "editing.html",
        here=here,
        form=form,
        lang=lang,
        dir=i18n.direction(lang),
        language=i18n.language(LANG, lang),
        present=present,
        other=other,
        signed=signed,
        many=organising.MANY,
        languages=languages or LanguageForm(None),
        status=status,
    )


def _in(petition: Petition, lang: str) -> Wording | None:
    return next((one for one in petition.wordings if one.lang == lang), None)


def _checked(lang: str) -> str:
    if lang_problem(lang):
        raise NotFound
    return lang
