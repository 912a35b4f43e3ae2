"""A petition at a glance: what it is, its number and where that comes from, and what can be done next."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from widget import overseeing
from widget.domain.organiser import Deed
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.printing import page
from widget.web.edge import parts

overview = Blueprint("overview", __name__, url_prefix="/petitions/<slug>")


@overview.get("")
@on_petition(Deed.LOOK)
def show(here: OnPetition) -> ResponseReturnValue:
    """Show the petition."""
    made = parts()
    seen = overseeing.overview(
        here.petition, here.membership, ledger=made.ledger, counter=made.counter, now=made.clock()
    )
    carried = made.ledger.carried_over(here.petition.id)
    return page("overview.html", here=here, seen=seen, carried=carried)
