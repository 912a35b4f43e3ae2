"""A petition's picture: chosen, described, replaced, taken away."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, StringField

from widget import i18n, picturing
from widget.domain import picture as rules
from widget.domain.organiser import Deed
from widget.domain.petition import Petition
from widget.domain.picture import CREDIT_LENGTH, DESCRIPTION_LENGTH, MAX_BYTES, PictureUnfit, picture_version
from widget.domain.refusals import EditedMeanwhile
from widget.web import pictures
from widget.web.console.door import OnPetition, on_petition, takes_up_to
from widget.web.console.forms import Form, line_field
from widget.web.console.printing import HEADERS, LANG, page
from widget.web.edge import parts

picture = Blueprint("picture", __name__, url_prefix="/petitions/<slug>/editing/picture")

# Of a file somewhat too large its field says so; of one far too large, a page of its own.
MAX_SENT = MAX_BYTES + 8 * 1024 * 1024
KINDS = "image/jpeg,image/png,image/webp"


class PictureForm(Form):
    """A picture and what is said of it; a description for each language of the petition is added to it."""

    file = FileField("The picture", render_kw={"accept": KINDS})
    decorates = BooleanField("It only decorates: who cannot see it misses nothing")
    credit = line_field("Credit (optional)", limit=CREDIT_LENGTH, render_kw={"dir": "auto"})
    picture_version = HiddenField()

    def begin_with(self, petition: Petition) -> None:
        """Fill in what there is."""
        known = petition.picture
        self.picture_version.data = picture_version(known)
        if known:
            self.credit.data, self.decorates.data = known.credit, not known.descriptions
            for lang, words in known.descriptions:
                if _name(lang) in self:
                    self[_name(lang)].data = words

    def described(self, petition: Petition) -> list[StringField]:
        """Return the fields for the descriptions, that of the petition's own language first."""
        return [self[_name(wording.lang)] for wording in petition.wordings]

    def said(self, petition: Petition) -> dict[str, str] | None:
        """Return the descriptions that were typed; None where something is wrong, which its field says."""
        typed = {wording.lang: self[_name(wording.lang)].data or "" for wording in petition.wordings}
        own = petition.wordings[0].lang
        return self.read(
            _name(own), lambda _: rules.descriptions(typed, own=own, decorates=self.decorates.data)
        )


@picture.get("")
@on_petition(Deed.EDIT)
def show(here: OnPetition) -> ResponseReturnValue:
    """Show the picture there is, and the form for another."""
    form = _form(here.petition, None)
    form.begin_with(here.petition)
    return _page(here, form)


@picture.post("")
@takes_up_to(MAX_SENT)
@on_petition(Deed.EDIT)
def save(here: OnPetition) -> ResponseReturnValue:
    """Take the picture, or other words for the one there is; refuse where others were saved meanwhile."""
    form, status = _form(here.petition), 422
    valid = form.validate_on_submit()
    said = form.said(here.petition)
    if not valid or said is None or form.errors:
        _look_over(here.petition, form)
    if valid and said is not None and not form.errors:
        try:
            _keep(here.petition, form, said)
        except PictureUnfit as unfit:
            form.complain("file", _sentence(unfit))
        except EditedMeanwhile:
            now = parts().ledger.petition_by_id(here.petition.id)
            form.picture_version.data, status = picture_version(now.picture), 409
            again = ", choose your file again" if form.file.data else ""
            words = f"Somebody changed it while you wrote: look at theirs{again}, then save again."
            form.complain("file", words)
            return _page(here, form, now=now, status=status)
        else:
            parts().catalogue.forget(here.petition.slug)
            flash("Saved.", "done")
            return redirect(url_for("console.picture.show", slug=here.petition.slug), 303)
    return _page(here, form, status=status)


@picture.post("/remove")
@on_petition(Deed.EDIT)
def remove(here: OnPetition) -> ResponseReturnValue:
    """Take the picture away."""
    picturing.remove(here.petition, ledger=parts().ledger)
    parts().catalogue.forget(here.petition.slug)
    flash("The picture is taken away.", "done")
    return redirect(url_for("console.picture.show", slug=here.petition.slug), 303)


@picture.get("/<name>")
@on_petition(Deed.EDIT)
def give(here: OnPetition, name: str) -> Response:
    """Give a size of the picture to members, also while the petition is a draft."""
    found = picturing.look_inside(here.petition, pictures.digest_in(name), ledger=parts().ledger)
    kept = {key: value for key, value in pictures.HEADERS.items() if key not in HEADERS}
    return pictures.answer(found, name, HEADERS["Cache-Control"], kept)


def _keep(petition: Petition, form: PictureForm, said: dict[str, str]) -> None:
    sent = form.file.data
    picturing.show(
        petition,
        sent.read(MAX_BYTES + 1) if sent else None,
        descriptions=said,
        credit=form.credit.data or "",
        ledger=parts().ledger,
        instead_of=form.picture_version.data,
    )


def _look_over(petition: Petition, form: PictureForm) -> None:
    """Say what is wrong with the file together with the rest: a browser does not send it a second time."""
    sent = form.file.data
    if not sent:
        if petition.picture is None:
            form.complain("file", "It is missing: choose a file.")
        return
    try:
        picturing.read(sent.read(MAX_BYTES + 1))
    except PictureUnfit as unfit:
        form.complain("file", _sentence(unfit))
    else:
        form.complain("file", "The file is good, but was not kept: choose it again.")


def _sentence(unfit: PictureUnfit) -> str:
    words = str(unfit)
    return f"{words[:1].upper()}{words[1:]}."


def _form(petition: Petition, *typed: None) -> PictureForm:
    """Return the form with a description for each language of the petition; `None` leaves it empty."""
    several = len(petition.wordings) > 1
    fields: dict[str, Any] = {}
    for wording in petition.wordings:
        label = f"What it shows, in {i18n.language(LANG, wording.lang)}" if several else "What it shows"
        kw = {"lang": wording.lang, "dir": i18n.direction(wording.lang)}
        fields[_name(wording.lang)] = line_field(label, limit=DESCRIPTION_LENGTH, render_kw=kw)
    made: PictureForm = type("PictureForm", (PictureForm,), fields)(*typed)
    return made


def _name(lang: str) -> str:
    return f"description_{lang.replace('-', '_')}"


def _page(
    here: OnPetition, form: PictureForm, *, now: Petition | None = None, status: int = 200
) -> ResponseReturnValue:
    petition = now or here.petition
    place = url_for("console.picture.show", slug=here.petition.slug)
    return page(
        "editing_picture.html",
        here=here,
        form=form,
        place=place,
        descriptions=form.described(here.petition),
        rules=rules,
        picture=pictures.shown(petition, place=f"{place}/"),
        status=status,
    )
