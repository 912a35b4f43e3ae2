"""The first page: every petition of the organiser's organisations, with its number."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from widget import overseeing
from widget.domain.organiser import Deed
from widget.web.console.door import Here, signed_in
from widget.web.console.printing import page
from widget.web.edge import parts

petitions = Blueprint("petitions", __name__)


@petitions.get("")
@signed_in
def show(here: Here) -> ResponseReturnValue:
    """List the petitions."""
    made = parts()
    seen = overseeing.petitions(here.organiser, ledger=made.ledger, counter=made.counter, now=made.clock())
    several = len({one.membership.organisation.id for one in seen}) > 1
    may_create = bool(here.organiser.where_may(Deed.EDIT))
    return page("petitions.html", here=here, seen=seen, several=several, may_create=may_create)
