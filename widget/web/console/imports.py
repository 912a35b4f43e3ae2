"""What was brought in: a file is sent, each import with where it is from, one taken back as a whole."""

from contextlib import closing
from datetime import timedelta
from itertools import islice

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired

from widget import importing, reviewing, uploading
from widget.domain.criteria import Criteria
from widget.domain.intake import Import
from widget.domain.intake_refusals import FileUnreadable, UploadsWait
from widget.domain.organiser import Deed
from widget.domain.petition import Petition
from widget.domain.upload import Stage, Upload
from widget.reviewing import Review
from widget.web.console.door import OnPetition, on_petition, takes_up_to
from widget.web.console.forms import Form, SureForm
from widget.web.console.naming import called
from widget.web.console.printing import page
from widget.web.edge import parts

imports = Blueprint("imports", __name__, url_prefix="/petitions/<slug>/imports")

FORM_AROUND = 64 * 1024  # bytes of a form besides its file
STEPS = 20  # batches that one request takes back


class FileForm(Form):
    """A table with signatures."""

    file = FileField("Table (CSV or TSV)", [FileRequired("Choose a file.")])


@imports.get("")
@on_petition(Deed.TRANSFER)
def show(here: OnPetition) -> ResponseReturnValue:
    """List what was brought in and what waits to be, and take a file."""
    return _listed(here, FileForm(formdata=None))


@imports.post("")
@takes_up_to(uploading.SIZE_AT_MOST + FORM_AROUND)
@on_petition(Deed.TRANSFER)
def send(here: OnPetition) -> ResponseReturnValue:
    """Keep a file, and go on to its columns."""
    form, made = FileForm(), parts()
    if not form.validate_on_submit():
        return _listed(here, form, status=422)
    try:
        with closing(form.file.data.stream) as stream:
            upload_id = uploading.receive(
                here.petition,
                stream,
                form.file.data.filename or "",
                sent_by=here.organiser.email,
                ledger=made.ledger,
                now=made.clock(),
            )
    except FileUnreadable as unfit:
        form.complain("file", f"{unfit.detail[:1].upper()}{unfit.detail[1:]}.")
    except UploadsWait as wait:
        form.complain("file", f"{wait.detail}. Bring them in or delete them first.")
    else:
        upload = uploading.find(here.petition, upload_id, ledger=made.ledger)
        return redirect(url_for("console.bringing.show", slug=here.petition.slug, upload_key=upload.key), 303)
    return _listed(here, form, status=422)


@imports.get("/<int:import_id>")
@on_petition(Deed.TRANSFER)
def one(here: OnPetition, import_id: int) -> ResponseReturnValue:
    """Say where an import is from and what became of it."""
    found, upload = _found(here, import_id)
    back = importing.struck(here.petition, ledger=parts().ledger).get(import_id)
    own = {one.name: one.label("en") for one in here.petition.questions}
    return page("import.html", here=here, one=found, upload=upload, back=back, own=own, called=called)


@imports.get("/<int:import_id>/take-back")
@on_petition(Deed.TRANSFER)
def ask(here: OnPetition, import_id: int) -> ResponseReturnValue:
    """Say what taking it back would touch."""
    found, _ = _found(here, import_id)
    return _sure(here, found, _planned(here.petition, found), SureForm(formdata=None))


@imports.post("/<int:import_id>/take-back")
@on_petition(Deed.TRANSFER)
def take_back(here: OnPetition, import_id: int) -> ResponseReturnValue:
    """Strike what an import brought, as a review that can itself be taken back; its file goes."""
    (found, upload), made, typed = _found(here, import_id), parts(), SureForm()
    if upload is not None and upload.stage is Stage.GOING:
        uploading.stop(upload, ledger=made.ledger, now=made.clock())
    plan = _planned(here.petition, found, request.form.get("batch", ""))
    if not typed.agrees(reviewing.count(plan, ledger=made.ledger)):
        return _sure(here, found, plan, typed, status=422)
    if upload is not None:
        uploading.discard(upload, ledger=made.ledger)
    steps = reviewing.carry_out(
        plan,
        ledger=made.ledger,
        counter=made.counter,
        clock=made.clock,
        within=timedelta(days=made.settings.confirm_within),
    )
    moved = sum(islice(steps, STEPS))
    left = reviewing.count(plan, ledger=made.ledger)
    if left:
        return page("import_left.html", here=here, one=found, plan=plan, moved=moved, left=left)
    flash(f"Import {found.id} is taken back. That can be undone below.", "done")
    return redirect(url_for("console.imports.one", slug=here.petition.slug, import_id=found.id), 303)


def _listed(here: OnPetition, form: FileForm, *, status: int = 200) -> Response:
    ledger = parts().ledger
    return page(
        "imports.html",
        status=status,
        here=here,
        form=form,
        imports=importing.imports(here.petition.slug, ledger=ledger)[::-1],
        struck=importing.struck(here.petition, ledger=ledger),
        waiting=uploading.waiting(here.petition, ledger=ledger),
        megabytes=uploading.SIZE_AT_MOST // 1_000_000,
    )


def _found(here: OnPetition, import_id: int) -> tuple[Import, Upload | None]:
    ledger = parts().ledger
    found = importing.find(here.petition, import_id, ledger=ledger)
    return found, uploading.of_import(here.petition, import_id, ledger=ledger)


def _planned(petition: Petition, found: Import, batch: str = "") -> Review:
    named = batch if len(batch) == 8 and set(batch) <= set("0123456789abcdef") else None
    return reviewing.invalidating(
        petition.slug,
        Criteria(import_id=found.id),
        ledger=parts().ledger,
        reason=f"import {found.id} was taken back",
        batch=named,
    )


def _sure(here: OnPetition, found: Import, plan: Review, typed: SureForm, *, status: int = 200) -> Response:
    total = reviewing.count(plan, ledger=parts().ledger)
    upload = uploading.of_import(here.petition, found.id, ledger=parts().ledger)
    facts = {"here": here, "one": found, "plan": plan, "total": total, "typed": typed, "upload": upload}
    return page("import_back.html", status=status, **facts)
