"""Figures people look at: charts with a table behind each, and every table as a file for a spreadsheet."""

from datetime import timedelta

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from widget import charting
from widget import figures as story
from widget.domain.figure_table import Cell, FigureTable
from widget.domain.figures import Period
from widget.domain.organiser import Deed
from widget.domain.sheet import safe, written
from widget.figures import Seen
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.printing import page
from widget.web.edge import parts

figures = Blueprint("figures", __name__, url_prefix="/petitions/<slug>/figures")

PERIODS = {
    Period.DAY: "24 hours",
    Period.WEEK: "7 days",
    Period.MONTH: "30 days",
    Period.ALL: "All",
}


@figures.get("")
@on_petition(Deed.LOOK)
def show(here: OnPetition) -> ResponseReturnValue:
    """Show the figures."""
    seen, discreet = _seen(here), _is_discreet(here)
    found, period = seen.figures, seen.period
    return page(
        "figures.html",
        here=here,
        seen=seen,
        periods=PERIODS,
        panels=charting.panels(seen, discreet=discreet),
        states=charting.states(found, period, discreet=discreet) if found else None,
        asked=charting.confirmation(found, period, discreet=discreet) if found else None,
        discreet=discreet,
    )


@figures.get("/<table>.csv")
@on_petition(Deed.LOOK)
def download(here: OnPetition, table: str) -> ResponseReturnValue:
    """Give one table as a file."""
    seen, discreet = _seen(here), _is_discreet(here)
    found = charting.tables(seen, discreet=discreet).get(table)
    if found is None:
        raise NotFound
    answer = Response(_written(found), mimetype="text/csv")
    period = charting.period_of(table, seen.period, discreet=discreet)
    name = f"{here.petition.slug}-{table}-{period}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _is_discreet(here: OnPetition) -> bool:
    # Whoever sees the signers themselves may know how few of them there are.
    return not here.may(Deed.SIGNERS)


def _seen(here: OnPetition) -> Seen:
    asked = request.args.get("period", Period.MONTH)
    if asked not in set(Period):
        raise NotFound
    made = parts()
    return story.show(
        here.petition,
        Period(asked),
        ledger=made.ledger,
        counter=made.counter,
        now=made.clock(),
        confirm_within=timedelta(days=made.settings.confirm_within),
    )


def _written(table: FigureTable) -> bytes:
    return written([table.heads, *map(_line, table.lines)])


def _line(line: tuple[Cell, ...]) -> list[str]:
    return [str(cell) if isinstance(cell, int) else safe(str(cell)) for cell in line]
