"""The organiser's own thanks to whoever has signed, by language, with the widget that says them."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import HiddenField

from widget import i18n, organising
from widget.domain import thanks as rules
from widget.domain.language import Spoken, together
from widget.domain.organiser import Deed
from widget.domain.petition import Petition, Wording
from widget.domain.refusals import EditedMeanwhile
from widget.domain.snippet import Options
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.forms import Form, text_field
from widget.web.console.previewing import preview
from widget.web.console.printing import LANG, page
from widget.web.edge import parts

thanking = Blueprint("thanking", __name__, url_prefix="/petitions/<slug>/editing/thanks")


class ThanksForm(Form):
    """Thanks in one language. `thanks_version` is that of all languages when the edit began."""

    thanks = text_field("Your thanks (optional)", limit=2 * rules.LENGTH, render_kw={"rows": 4})
    thanks_version = HiddenField()


@thanking.get("")
@on_petition(Deed.EDIT)
def show(here: OnPetition) -> ResponseReturnValue:
    """Show the thanks in the petition's own language."""
    return _page(here, here.petition.wordings[0])


@thanking.get("/<lang>")
@on_petition(Deed.EDIT)
def show_in(here: OnPetition, lang: str) -> ResponseReturnValue:
    """Show the thanks in another language of the petition."""
    return _page(here, _wording(here.petition, lang))


@thanking.post("/<lang>")
@on_petition(Deed.EDIT)
def save(here: OnPetition, lang: str) -> ResponseReturnValue:
    """Keep the thanks in a language; refuse where others were saved meanwhile."""
    form, made, wording = ThanksForm(), parts(), _wording(here.petition, lang)
    typed = form.read("thanks", rules.thanks) if form.validate_on_submit() else None
    if typed is None:
        return _page(here, wording, form=form, status=422)
    try:
        organising.edit(
            here.petition.slug,
            {"thanks_text": _with(here.petition, lang, typed)},
            ledger=made.ledger,
            counter=made.counter,
            instead_of=form.thanks_version.data,
        )
    except EditedMeanwhile:
        now = made.ledger.petition_by_id(here.petition.id)
        form.thanks_version.data = rules.thanks_version(now.thanks_text)
        theirs = dict(now.thanks_text).get(lang, "")
        return _page(here, wording, form=form, theirs=theirs, status=409)
    made.catalogue.forget(here.petition.slug)
    flash("Saved.", "done")
    return redirect(url_for("console.thanking.show_in", slug=here.petition.slug, lang=lang), 303)


@thanking.get("/<lang>/preview")
@on_petition(Deed.EDIT)
def show_preview(here: OnPetition, lang: str) -> ResponseReturnValue:
    """Show the thanks as they are, before anything was typed."""
    return preview(here.petition, _wording(here.petition, lang), Options(lang=lang), signed=True)


@thanking.post("/<lang>/preview")
@on_petition(Deed.EDIT)
def preview_thanks(here: OnPetition, lang: str) -> ResponseReturnValue:
    """Show what was typed as the widget says it, as far as it can be said; nothing is stored."""
    wording = _wording(here.petition, lang)
    typed = ThanksForm().read("thanks", rules.thanks)
    shown = (
        here.petition
        if typed is None
        else replace(here.petition, thanks_text=_with(here.petition, lang, typed))
    )
    return preview(shown, wording, Options(lang=lang), signed=True)


def _with(petition: Petition, lang: str, words: str) -> Spoken:
    return together(petition.thanks_text, {lang: words}, first=petition.wordings[0].lang)


def _wording(petition: Petition, lang: str) -> Wording:
    found = next((one for one in petition.wordings if one.lang == lang), None)
    if found is None:
        raise NotFound
    return found


def _page(
    here: OnPetition,
    wording: Wording,
    *,
    form: ThanksForm | None = None,
    theirs: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    if form is None:
        form = ThanksForm(None, thanks=dict(here.petition.thanks_text).get(wording.lang, ""))
        form.thanks_version.data = rules.thanks_version(here.petition.thanks_text)
    field = form.thanks
    field.render_kw = {**field.render_kw, "lang": wording.lang, "dir": i18n.direction(wording.lang)}
    return page(
        "editing_thanks.html",
        here=here,
        form=form,
        lang=wording.lang,
        dir=i18n.direction(wording.lang),
        language=i18n.language(LANG, wording.lang),
        theirs=theirs,
        most=rules.LENGTH,
        lines=rules.LINES,
        first=rules.FIRST_LINE,
        status=status,
    )
