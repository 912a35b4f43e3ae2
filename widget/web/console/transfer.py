"""In and out: signatures as a table that streams."""

from collections.abc import Iterator

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from widget import exporting
from widget.domain.organiser import Deed
from widget.domain.sheet import EXPORTED
from widget.domain.signature import State
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.printing import page
from widget.web.edge import parts

transfer = Blueprint("transfer", __name__, url_prefix="/petitions/<slug>/transfer")

# What each state is to somebody who takes signatures out.
STATES = {
    State.CONFIRMED: "Counted",
    State.PENDING: "Waiting for their confirmation",
    State.HELD: "Held for a look",
    State.WITHDRAWN: "Taken back by their signers",
    State.INVALIDATED: "Struck",
}


@transfer.get("")
@on_petition(Deed.TRANSFER)
def show(here: OnPetition) -> ResponseReturnValue:
    """Offer the table, the delivery pack, and the way in."""
    return page("transfer.html", here=here, states=STATES)


@transfer.get("/signatures.csv")
@on_petition(Deed.TRANSFER)
def download(here: OnPetition) -> ResponseReturnValue:
    """Stream the table. Its first lines are read before the answer begins, so that a no is still a page."""
    wanted = request.args.getlist("state")
    if not set(wanted) <= EXPORTED:
        raise NotFound
    made = parts()
    sheet = exporting.export(
        here.petition,
        states=[State(one) for one in wanted],
        mark="bom" in request.args,
        ledger=made.ledger,
    )
    _, head = next(sheet)
    first = next(sheet, (0, b""))[1]
    day = f"{made.clock():%Y-%m-%d}"
    response = Response(_sent(head + first, sheet), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{here.petition.slug}-{day}.csv"'
    return response


def _sent(first: bytes, sheet: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    yield first
    for _, some in sheet:
        yield some
