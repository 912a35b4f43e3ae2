"""A file on its way in: which column is what, the trial, the import as it goes, what was not taken."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import RadioField, SelectField
from wtforms.validators import AnyOf

from widget import importing, uploading
from widget.domain import mapping
from widget.domain.intake_refusals import FileUnreadable, MappingUnfit
from widget.domain.organiser import Deed
from widget.domain.petition import Petition
from widget.domain.signature import State
from widget.domain.upload import UNDERWAY, Stage, Upload
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.forms import Form, options
from widget.web.console.naming import LABELS, worded
from widget.web.console.printing import number, page
from widget.web.edge import parts

bringing = Blueprint("bringing", __name__, url_prefix="/petitions/<slug>/imports/files")

WRITERS = {
    "export": "an export of this service",
    "action-network": "a report of Action Network",
    "pytition": "an export of Pytition",
    "speakout": "an export of SpeakOut (SpeakUp)",
}
STATES = {
    "": "What the file says: a column “Confirmed” or “State” is chosen",
    State.CONFIRMED.value: "All of them count",
    State.PENDING.value: "None of them counts until its signer has signed again and confirmed",
}
UNTOUCHED = timedelta(seconds=30)  # after which somebody may wonder whether there is a worker


@bringing.get("/<upload_key>")
@on_petition(Deed.TRANSFER)
def show(here: OnPetition, upload_key: str) -> ResponseReturnValue:
    """Show where a file stands, and what can be done next."""
    upload = _found(here, upload_key)
    if upload.stage is not Stage.ARRIVED:
        made = parts()
        idle = upload.stage in UNDERWAY and made.clock() - upload.touched_at > UNTOUCHED
        return page("upload.html", idle=idle, **_known(here, upload))
    own = [one.name for one in here.petition.questions]
    known = upload.columns or mapping.suggested(upload.head, own)
    return _columns(here, upload, _form(here.petition, upload, known, upload.state))


@bringing.post("/<upload_key>/columns")
@on_petition(Deed.TRANSFER)
def choose(here: OnPetition, upload_key: str) -> ResponseReturnValue:
    """Show the first rows with the columns chosen, or try all of it."""
    upload, made = _found(here, upload_key), parts()
    form = _form(here.petition, upload)
    columns = _chosen(form, upload)
    if columns is None or not form.validate_on_submit():
        return _columns(here, upload, form, status=422)
    if "look" in request.form:
        return _columns(here, upload, form)
    state = State(form["state"].data) if form["state"].data else None
    try:
        uploading.try_out(here.petition, upload, columns, state, ledger=made.ledger, now=made.clock())
    except MappingUnfit as unfit:
        form.complain("state", f"{unfit.detail[:1].upper()}{unfit.detail[1:]}.")
        return _columns(here, upload, form, status=422)
    return _back(here, upload)


@bringing.post("/<upload_key>/turn")
@on_petition(Deed.TRANSFER)
def turn(here: OnPetition, upload_key: str) -> ResponseReturnValue:
    """Start, stop, go on, choose the columns again, or delete the file."""
    upload, made = _found(here, upload_key), parts()
    given: dict[str, Any] = {"ledger": made.ledger, "now": made.clock()}
    turns = {
        "start": partial(uploading.start, upload, recorded_by=here.organiser.email, **given),
        "stop": partial(uploading.stop, upload, **given),
        "resume": partial(uploading.resume, upload, **given),
        "again": partial(uploading.choose_again, upload, **given),
    }
    to = request.form.get("to", "")
    if to == "discard":
        uploading.discard(upload, ledger=made.ledger)
        flash(f"{upload.file_name} is deleted here. What came in of it stays.", "done")
        return redirect(url_for("console.imports.show", slug=here.petition.slug), 303)
    if to not in turns:
        raise NotFound
    turns[to]()
    return _back(here, upload)


@bringing.get("/<upload_key>/standing")
@on_petition(Deed.TRANSFER)
def standing(here: OnPetition, upload_key: str) -> ResponseReturnValue:
    """Say how far a file is, for the script on its page: figures as they are read, and if it goes on."""
    upload = _found(here, upload_key)
    figures = {
        "rows": upload.at.row,
        "added": upload.added,
        "merged": upload.merged,
        "refused": upload.refused,
    }
    said = {name: number(figure) for name, figure in figures.items()}
    return jsonify(said | {"percent": int(upload.done * 100), "underway": upload.stage in UNDERWAY})


@bringing.get("/<upload_key>/errors.csv")
@on_petition(Deed.TRANSFER)
def errors(here: OnPetition, upload_key: str) -> ResponseReturnValue:
    """Stream the lines that were not taken, with the reasons, safe to open."""
    upload = _found(here, upload_key)
    lines = uploading.errors(upload, ledger=parts().ledger)
    response = Response((line.encode() for line in _marked(lines)), mimetype="text/csv")
    name = f"{here.petition.slug}-not-taken-{upload.id}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _marked(lines: Iterator[str]) -> Iterator[str]:
    yield "\ufeff"  # older spreadsheets read all letters right then, and an import passes it over
    yield from lines


def _found(here: OnPetition, upload_key: str) -> Upload:
    return uploading.find_by_key(here.petition, upload_key, ledger=parts().ledger)


def _back(here: OnPetition, upload: Upload) -> ResponseReturnValue:
    return redirect(url_for("console.bringing.show", slug=here.petition.slug, upload_key=upload.key), 303)


def _form(
    petition: Petition, upload: Upload, known: Mapping[str, int] | None = None, state: State | None = None
) -> Form:
    """Return a form with a list for each column; filled in from what was sent, or from what is known."""
    own = {one.name: f"Answer: {one.label('en')}" for one in petition.questions}
    choices = options({"": "Leave it out"} | LABELS | own)
    fields: dict[str, Any] = {
        f"column_{at}": SelectField(name or f"column {at + 1}", choices=choices, default="")
        for at, name in enumerate(upload.head)
    }
    fields["state"] = RadioField(
        "Who counts", choices=options(STATES), validators=[AnyOf(list(STATES), message="Choose one.")]
    )
    made = type("ColumnsForm", (Form,), fields)
    if known is None:
        return made()  # type: ignore[no-any-return]
    what = {at: target for target, at in known.items()}
    given = {f"column_{at}": what.get(at, "") for at in range(len(upload.head))}
    counts = state.value if state else "" if {"state", "confirmed"} & known.keys() else "confirmed"
    return made(formdata=None, state=counts, **given)  # type: ignore[no-any-return]


def _chosen(form: Form, upload: Upload) -> dict[str, int] | None:
    """Return which column is what; None where one thing was chosen twice, and the form says so."""
    columns: dict[str, int] = {}
    for at in range(len(upload.head)):
        field = form[f"column_{at}"]
        if field.data and field.data in columns:
            form.validate()
            form.complain(field.name, f"Another column is “{LABELS.get(field.data, field.data)}” already.")
            return None
        if field.data:
            columns[field.data] = at
    return columns


def _columns(here: OnPetition, upload: Upload, form: Form, *, status: int = 200) -> Response:
    """Show the choice of columns, with the first rows as they are and as they would come in."""
    made = parts()
    columns = {form[f"column_{at}"].data: at for at in range(len(upload.head)) if form[f"column_{at}"].data}
    state = State(form["state"].data) if form["state"].data in {"confirmed", "pending"} else None
    rows, shown, unfit = [], [], ""
    try:
        rows = uploading.first_rows(upload, ledger=made.ledger)
        shown = uploading.preview(here.petition, upload, rows, columns, state)
        unfit = "" if rows else "the first lines are empty; trying reads the others, too"
    except (MappingUnfit, FileUnreadable) as no:
        unfit = no.detail
    writer = mapping.recognised(upload.head)
    return page(
        "upload_columns.html",
        status=status,
        form=form,
        samples=[_sample(rows, at) for at in range(len(upload.head))],
        shown=shown,
        unfit=unfit,
        writer=WRITERS.get(writer or ""),
        **_known(here, upload),
    )


def _known(here: OnPetition, upload: Upload) -> dict[str, Any]:
    """Return what every page about a file says: what became of the same file before, and reasons in words."""
    ledger = parts().ledger
    own = {one.name: one.label("en") for one in here.petition.questions}
    before = uploading.before(here.petition, upload, ledger=ledger)
    struck = importing.struck(here.petition, ledger=ledger) if before else {}
    return {
        **{"here": here, "upload": upload, "before": before, "struck": struck},
        "worded": partial(worded, own=own),
    }


def _sample(rows: list[tuple[int, list[str]]], at: int) -> list[str]:
    """Return what the first rows have in a column, cut short."""
    found = [cells[at].strip() for _, cells in rows if at < len(cells) and cells[at].strip()]
    return [f"{cell[:40]}…" if len(cell) > 40 else cell for cell in found[:3]]
