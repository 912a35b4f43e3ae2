"""Signatures on paper: the books, a figure added, a figure taken back."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, IntegerField
from wtforms.validators import InputRequired

from widget import collecting
from widget.domain.organiser import Deed
from widget.domain.paper import (
    NOTE_LENGTH,
    PLACE_LENGTH,
    REFERENCE_LENGTH,
    PaperEntry,
    PaperFigure,
    paper_sum,
)
from widget.domain.paper_names import AT_MOST, read_names
from widget.domain.refusals import PaperNotFound, PaperRefused, ReferenceTaken
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.forms import Form, line_field, text_field
from widget.web.console.printing import number, page
from widget.web.edge import parts

NAMES_LENGTH = 40_000  # characters; a form may have 64 KiB, and a letter takes up to four bytes
FIGURE = ("count", "collected_on", "place", "reference", "note")

paper = Blueprint("paper", __name__, url_prefix="/petitions/<slug>/signers/paper")


class FigureForm(Form):
    """Signatures that were counted together."""

    count = IntegerField(
        "How many", [InputRequired("Type a whole number.")], render_kw={"inputmode": "numeric"}
    )
    collected_on = DateField("Collected on", [InputRequired("Choose the day.")])
    place = line_field("Where", limit=PLACE_LENGTH, required="Say where they were collected.")
    reference = line_field("Number of the scan or folder", limit=REFERENCE_LENGTH, required="Give the scan.")
    note = line_field("Note", limit=NOTE_LENGTH)
    names = text_field("Who they are", limit=NAMES_LENGTH)


class BackForm(Form):
    """Why a figure is taken back."""

    because = line_field("Why", limit=NOTE_LENGTH, required="Say why; it stays in the books.")


@paper.get("")
@on_petition(Deed.SIGNERS)
def show(here: OnPetition) -> ResponseReturnValue:
    """Show the books."""
    return _books(here, FigureForm(formdata=None))


@paper.post("")
@on_petition(Deed.SIGNERS)
def add(here: OnPetition) -> ResponseReturnValue:
    """Add a figure; the same scan twice is refused."""
    form, made = FigureForm(), parts()
    if not form.validate_on_submit():
        return _books(here, form, status=422)
    figure = PaperFigure(**{name: form[name].data for name in FIGURE})
    who = here.organiser.email
    try:
        collecting.add_paper(
            here.petition.slug,
            figure,
            recorded_by=who,
            ledger=made.ledger,
            counter=made.counter,
            now=made.clock(),
            names=read_names(form.names.data or ""),
        )
    except PaperRefused as refused:
        for name, problem in refused.problems.items():
            form.complain(name if name in form else "note", f"This {problem}.")
    except ReferenceTaken:
        form.complain("reference", "This scan counts already: nothing was added.")
    else:
        flash(f"{number(figure.count)} on paper are part of the number now.", "done")
        return redirect(url_for("console.paper.show", slug=here.petition.slug), 303)
    return _books(here, form, status=422)


@paper.get("/<int:entry_id>")
@on_petition(Deed.SIGNERS)
def one(here: OnPetition, entry_id: int) -> ResponseReturnValue:
    """Ask why a figure is to be taken back."""
    return page("paper_back.html", here=here, entry=_entry(here, entry_id), form=BackForm(formdata=None))


@paper.get("/<int:entry_id>/names")
@on_petition(Deed.SIGNERS)
def names(here: OnPetition, entry_id: int) -> ResponseReturnValue:
    """Show who stands on a figure."""
    entry = _entry(here, entry_id)
    people = collecting.names_on(here.petition, entry.id, ledger=parts().ledger)
    return page("paper_names.html", here=here, entry=entry, people=people)


@paper.post("/<int:entry_id>/names/<int:name_id>")
@on_petition(Deed.SIGNERS)
def forget(here: OnPetition, entry_id: int, name_id: int) -> ResponseReturnValue:
    """Take one person off a figure, for good."""
    collecting.forget_name(here.petition, entry_id, name_id, ledger=parts().ledger)
    flash("The name is gone. The figure is what it was.", "done")
    return redirect(url_for("console.paper.names", slug=here.petition.slug, entry_id=entry_id), 303)


@paper.get("/names.csv")
@on_petition(Deed.TRANSFER)
def table(here: OnPetition) -> ResponseReturnValue:
    """Give everybody known by name from paper, as a table."""
    made = parts()
    body = b"".join(collecting.name_table(here.petition, ledger=made.ledger))
    response = Response(body, mimetype="text/csv")
    file = f"{here.petition.slug}-paper-{made.clock():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


@paper.post("/<int:entry_id>")
@on_petition(Deed.SIGNERS)
def take_back(here: OnPetition, entry_id: int) -> ResponseReturnValue:
    """Take a figure back by a line that says the opposite."""
    form, made, entry = BackForm(), parts(), _entry(here, entry_id)
    if not form.validate_on_submit():
        return page("paper_back.html", status=422, here=here, entry=entry, form=form)
    taken = collecting.take_back(
        here.petition.slug,
        entry.id,
        because=form.because.data,
        recorded_by=here.organiser.email,
        ledger=made.ledger,
        counter=made.counter,
        now=made.clock(),
    )
    flash(f"{number(-taken.figure.count)} on paper were taken back.", "done")
    return redirect(url_for("console.paper.show", slug=here.petition.slug), 303)


def _books(here: OnPetition, form: FigureForm, *, status: int = 200) -> Response:
    _, entries = collecting.paper_of(here.petition.slug, ledger=parts().ledger)
    return page(
        "paper.html",
        status=status,
        here=here,
        entries=entries[::-1],
        total=paper_sum(entries),
        named=sum(entry.names for entry in entries),
        most=AT_MOST,
        form=form,
    )


def _entry(here: OnPetition, entry_id: int) -> PaperEntry:
    _, entries = collecting.paper_of(here.petition.slug, ledger=parts().ledger)
    for entry in entries:
        if entry.id == entry_id and entry.stands:
            return entry
    raise PaperNotFound(str(entry_id))
