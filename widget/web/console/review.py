"""Review: what the guard held, what is let count or struck, and the way back. Counted first, then done.

One request moves some batches; what is left is offered again under the same name, so that no request lasts
longer than a browser waits.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import DateTimeLocalField, RadioField, SelectField
from wtforms.validators import AnyOf, Optional

from widget import browsing, reviewing
from widget.domain.criteria import Criteria
from widget.domain.guard import Reason
from widget.domain.organiser import Deed
from widget.domain.refusals import InvalidInput
from widget.reviewing import Review
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.forms import Form, SureForm, id_of, line_field, options
from widget.web.console.printing import number, page
from widget.web.console.signers import REASONS, STATES, StrikeForm, dossier
from widget.web.edge import parts

review = Blueprint("review", __name__, url_prefix="/petitions/<slug>/signers")

ON_A_PAGE = 50
STEPS = 10  # batches that one request moves
MINUTE = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class ReviewForm(Form):
    """Which signatures, and what becomes of them. Whatever is given has to fit."""

    deed = RadioField(
        "What becomes of them",
        choices=options(
            {"accept": "Let them count: those that are held", "invalidate": "Strike them, whatever they are"}
        ),
        default="accept",
        validators=[AnyOf(["accept", "invalidate"], message="Choose one.")],
    )
    address = line_field("Mail address", limit=254)
    domain = line_field("Mail domain", limit=254)
    name = line_field("Whole name", limit=254)
    network = line_field("Network", limit=64)
    site = line_field("Site of the form", limit=300)
    reason = SelectField(
        "Why they were held",
        choices=options({"": "No matter"} | {str(r): w for r, w in REASONS.items()}),
        default="",
    )
    since = DateTimeLocalField("Signed at this moment or later (UTC)", format=MINUTE, validators=[Optional()])
    before = DateTimeLocalField("Signed before this moment (UTC)", format=MINUTE, validators=[Optional()])
    because = line_field("Why you do it", limit=reviewing.REASON_LENGTH)

    def chosen(self) -> tuple[int, ...]:
        """Return the signatures that were ticked."""
        return tuple(found for one in request.form.getlist("ids") if (found := id_of(one)) is not None)

    def criteria(self) -> Criteria:
        """Return which are meant."""
        given: dict[str, Any] = {
            name: self[name].data or None
            for name in ("address", "domain", "name", "network", "site", "reason")
        }
        return Criteria(
            ids=self.chosen(), since=_in_utc(self.since.data), before=_in_utc(self.before.data), **given
        )

    def sent(self) -> list[tuple[str, str]]:
        """Return what was sent, to be sent again with the next form."""
        names = {*self._fields, "ids"}
        return [(name, value) for name, value in request.form.items(multi=True) if name in names]


@review.get("/held")
@on_petition(Deed.SIGNERS)
def held(here: OnPetition) -> ResponseReturnValue:
    """List what waits for a look, the earliest first."""
    after = id_of(request.args.get("after")) or 0
    total, some = reviewing.held(
        here.petition.slug, Criteria(), ledger=parts().ledger, after=after, limit=ON_A_PAGE
    )
    return page("held.html", here=here, total=total, some=some, on_a_page=ON_A_PAGE, reasons=REASONS)


@review.get("/review")
@on_petition(Deed.SIGNERS)
def ask(here: OnPetition) -> ResponseReturnValue:
    """Ask which signatures are meant, some of it filled in by the link that led here."""
    given = {name: request.args.get(name, "") for name in ("network", "domain", "reason")}
    return page("review.html", here=here, form=ReviewForm(formdata=None, **given), chosen=())


@review.post("/review")
@on_petition(Deed.SIGNERS)
def count(here: OnPetition) -> ResponseReturnValue:
    """Count them, and ask for the number before anything is done."""
    form = ReviewForm()
    plan = _planned(here, form)
    total = reviewing.count(plan, ledger=parts().ledger) if plan else 0
    if plan is None or not total:
        if plan:
            flash("No signature fits: nothing was changed.", "fault")
        return page("review.html", status=422, here=here, form=form, chosen=form.chosen())
    return _sure(here, plan, form, total, SureForm(formdata=None))


@review.post("/review/carry-out")
@on_petition(Deed.SIGNERS)
def carry_out(here: OnPetition) -> ResponseReturnValue:
    """Move them, if the number typed is still right."""
    form, typed = ReviewForm(), SureForm()
    plan = _planned(here, form)
    if plan is None:
        return page("review.html", status=422, here=here, form=form, chosen=form.chosen())
    total = reviewing.count(plan, ledger=parts().ledger)
    if not typed.agrees(total):
        return _sure(here, plan, form, total, typed, status=422)
    moved = sum(islice(reviewing.carry_out(plan, **_moving()), STEPS))
    left = reviewing.count(plan, ledger=parts().ledger) if moved else 0
    if left:
        return page("review_left.html", here=here, plan=plan, sent=form.sent(), moved=moved, left=left)
    flash(f"{number(moved)} done, as review {plan.batch}. It can be taken back below.", "done")
    return redirect(_reviews(here), 303)


@review.get("/reviews")
@on_petition(Deed.SIGNERS)
def reviews(here: OnPetition) -> ResponseReturnValue:
    """List the reviews that there were."""
    return page("reviews.html", here=here, reviews=browsing.reviews(here.petition, ledger=parts().ledger))


@review.get("/reviews/<batch>")
@on_petition(Deed.SIGNERS)
def one(here: OnPetition, batch: str) -> ResponseReturnValue:
    """Say what taking a review back would touch."""
    plan = reviewing.undoing(here.petition.slug, batch, ledger=parts().ledger)
    if not plan.moved:
        raise NotFound
    return page("undo.html", here=here, plan=plan, typed=SureForm(formdata=None))


@review.post("/reviews/<batch>")
@on_petition(Deed.SIGNERS)
def undo(here: OnPetition, batch: str) -> ResponseReturnValue:
    """Bring back what a review moved, except what has moved on since."""
    plan, typed = reviewing.undoing(here.petition.slug, batch, ledger=parts().ledger), SureForm()
    if not plan.moved:
        raise NotFound
    if not typed.agrees(plan.still):
        return page("undo.html", status=422, here=here, plan=plan, typed=typed)
    back = sum(islice(reviewing.undo(plan, **_moving()), STEPS))
    if back < plan.still:
        flash(f"{number(back)} of {number(plan.still)} came back. Go on with the rest below.", "done")
        return redirect(url_for("console.review.one", slug=here.petition.slug, batch=batch), 303)
    flash(f"{number(back)} came back to where they were.", "done")
    return redirect(_reviews(here), 303)


@review.post("/<int:signature_id>/accept")
@on_petition(Deed.SIGNERS)
def accept_one(here: OnPetition, signature_id: int) -> ResponseReturnValue:
    """Let one held signature count."""
    browsing.look_up(here.petition, signature_id, ledger=parts().ledger)
    only = Criteria(ids=(signature_id,))
    plan = reviewing.accepting(here.petition.slug, only, ledger=parts().ledger)
    return _moved(here, signature_id, reviewing.carry_out(plan, **_moving()), "It is let count.")


@review.post("/<int:signature_id>/invalidate")
@on_petition(Deed.SIGNERS)
def invalidate_one(here: OnPetition, signature_id: int) -> ResponseReturnValue:
    """Strike one signature."""
    found = browsing.look_up(here.petition, signature_id, ledger=parts().ledger)
    form = StrikeForm()
    if not form.validate_on_submit():
        return dossier(here, found, form, status=422)
    plan = reviewing.invalidating(
        here.petition.slug, Criteria(ids=(signature_id,)), ledger=parts().ledger, reason=form.because.data
    )
    return _moved(here, signature_id, reviewing.carry_out(plan, **_moving()), "It is struck.")


def _moved(here: OnPetition, signature_id: int, steps: Iterable[int], words: str) -> ResponseReturnValue:
    if sum(steps):
        flash(f"{words} Its history below leads to the way back.", "done")
    else:
        flash("Nothing was changed: it has moved on meanwhile.", "fault")
    return redirect(url_for("console.signers.one", slug=here.petition.slug, signature_id=signature_id), 303)


def _planned(here: OnPetition, form: ReviewForm) -> Review | None:
    """Return the review that a form asks for, None once the form says what is wrong with it."""
    if not form.validate_on_submit():
        return None
    slug, criteria, because, ledger = (
        here.petition.slug,
        form.criteria(),
        form.because.data or "",
        parts().ledger,
    )
    batch = _batch()
    if form.deed.data == "accept":
        return reviewing.accepting(slug, criteria, ledger=ledger, reason=because or "accepted", batch=batch)
    try:
        return reviewing.invalidating(slug, criteria, ledger=ledger, reason=because, batch=batch)
    except InvalidInput as wrong:
        if "reason" in wrong.errors:
            form.complain("because", "Say why; it stays in the history. Never a name or an address.")
        else:
            form.complain("deed", "Say which signatures: give at least one of the things below.")
        return None


def _batch() -> str | None:
    """Return the name of the review that goes on, None for a new one."""
    named = request.form.get("batch", "")
    return named if len(named) == 8 and set(named) <= set("0123456789abcdef") else None


def _sure(
    here: OnPetition, plan: Review, form: ReviewForm, total: int, typed: SureForm, *, status: int = 200
) -> Response:
    return page(
        "review_sure.html",
        status=status,
        here=here,
        plan=plan,
        sent=form.sent(),
        total=total,
        typed=typed,
        facts=list(_facts(plan.criteria)),
    )


def _facts(criteria: Criteria) -> Iterator[tuple[str, str]]:
    """Say in words which signatures are meant."""
    if criteria.ids:
        yield "Ticked", number(len(criteria.ids))
    for name, label in (("address", "Address"), ("domain", "Mail domain"), ("name", "Name")):
        if getattr(criteria, name):
            yield label, getattr(criteria, name)
    for name, label in (("network", "Network"), ("site", "Site")):
        if getattr(criteria, name):
            yield label, getattr(criteria, name)
    if criteria.reason:
        yield "Held because", REASONS[Reason(criteria.reason)]
    for name, label in (("since", "Signed from"), ("before", "Signed before")):
        if moment := getattr(criteria, name):
            yield label, f"{moment:%Y-%m-%d %H:%M} UTC"
    yield "State", ", ".join(STATES[state] for state in sorted(criteria.states))


def _moving() -> dict[str, Any]:
    made = parts()
    within = timedelta(days=made.settings.confirm_within)
    return {"ledger": made.ledger, "counter": made.counter, "clock": made.clock, "within": within}


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _reviews(here: OnPetition) -> str:
    return url_for("console.review.reviews", slug=here.petition.slug)
