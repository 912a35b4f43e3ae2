"""A petition begins: its text, who starts it, and whose it is."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from widget import organising, overseeing
from widget.domain.organiser import Deed
from widget.domain.petition import Confirmation, Petition, PetitionDraft, Status, Wording
from widget.domain.petition_page import lang_problem
from widget.domain.refusals import NotAllowed, SlugTaken
from widget.domain.snippet import Options
from widget.web.console.door import TEXT_ROOM, Here, signed_in, takes_up_to
from widget.web.console.forms import options
from widget.web.console.petition_forms import NewForm
from widget.web.console.previewing import preview
from widget.web.console.printing import page
from widget.web.edge import parts

creating = Blueprint("creating", __name__, url_prefix="/petitions/new")


@creating.get("")
@signed_in
def show(here: Here) -> ResponseReturnValue:
    """Show the empty form."""
    form = _form(here)
    form.lang.data = "en"
    return page("new_petition.html", here=here, form=form)


@creating.post("")
@takes_up_to(TEXT_ROOM)
@signed_in
def create(here: Here) -> ResponseReturnValue:
    """Create it, as a draft or open at once."""
    form = _form(here)
    wording = form.wording()
    if wording is not None:
        owner = overseeing.find_organisation(form.organisation.data, here.organiser, Deed.EDIT).organisation
        made = parts()
        draft = PetitionDraft(
            slug=form.slug.data,
            wording=wording,
            started_by=form.started_by.data,
            started_on=made.clock().date(),
            status=Status.OPEN if request.form.get("status") == Status.OPEN else Status.DRAFT,
            confirmation=Confirmation.NONE if made.settings.smtp_url is None else Confirmation.EMAIL,
        )
        try:
            petition = organising.create(
                draft, ledger=made.ledger, now=made.clock(), organisation_id=owner.id
            )
        except SlugTaken:
            form.complain("slug", "Another petition has this address: choose another one.")
        except ValueError as error:
            form.complain("slug", f"{str(error).capitalize()}.")
        else:
            flash(_said(petition.status), "done")
            return redirect(url_for(f"console.{_next(petition.status)}.show", slug=petition.slug), 303)
    return page("new_petition.html", here=here, form=form, status=422)


@creating.post("/preview")
@takes_up_to(TEXT_ROOM)
@signed_in
def preview_new(here: Here) -> ResponseReturnValue:
    """Show what was typed so far; nothing is stored."""
    form = _form(here)
    lang = form.lang.data if not lang_problem(form.lang.data or "") else "en"
    wording = form.sketch(lang)
    return preview(_sketched(wording, form.started_by.data or ""), wording, Options(lang=lang), full=True)


def _sketched(wording: Wording, started_by: str) -> Petition:
    """Return a petition that is nowhere yet, as a new one would be."""
    draft = PetitionDraft(slug="new", wording=wording, started_by=started_by)
    return Petition(
        id=0,
        slug=draft.slug,
        status=draft.status,
        started_by=started_by,
        started_on=None,
        confirmation=draft.confirmation,
        goal_kind=draft.goal_kind,
        goal_aim=None,
        ladder=draft.ladder,
        form=draft.form,
        allowed_origins=(),
        closes_at=None,
        decision_makers=None,
        revision=0,
        wordings=(wording,),
        text_versions=frozenset(),
    )


def _form(here: Here) -> NewForm:
    """Return the form with the organisations there are to choose from. Raises NotAllowed."""
    mine = here.organiser.where_may(Deed.EDIT)
    if not mine:
        raise NotAllowed(Deed.EDIT)
    form = NewForm()
    form.organisation.choices = options({one.slug: one.name for one in mine})
    if not form.organisation.data:
        form.organisation.data = mine[0].slug
    return form


def _next(status: Status) -> str:
    return "snippet" if status is Status.OPEN else "editing"


def _said(status: Status) -> str:
    if status is Status.OPEN:
        return "It is open. Next: put its widget on a page."
    return "Kept as a draft. Nobody but members sees it until you open it, under Edit."
