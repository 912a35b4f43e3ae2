"""The delivery pack: a petition as it is handed over, to be printed or saved as PDF by the browser."""

from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from widget import figures, i18n, presenting
from widget.domain.figures import Kind, Part, Period
from widget.domain.organiser import Deed
from widget.domain.withholding import SMALL
from widget.web.console.door import OnPetition, on_petition
from widget.web.edge import parts
from widget.web.markdown import letter
from widget.web.printing import once, printed

delivery = Blueprint("delivery", __name__, url_prefix="/petitions/<slug>/delivery")

PAPERS = {"a4": "A4", "letter": "Letter"}


@delivery.get("")
@on_petition(Deed.TRANSFER)
def pack(here: OnPetition) -> ResponseReturnValue:
    """Show a volume on the paper and in the language asked for."""
    made, asked = parts(), request.args
    place = asked.get("before", "")
    before = int(place) if place.isascii() and place.isdigit() and len(place) < 20 else None
    wording = here.petition.wording(asked.get("lang"))
    lang = i18n.choose(wording.lang)
    body = printed(
        "console/delivery.html",
        lang,
        pack=presenting.pack(here.petition, before=before, ledger=made.ledger, now=made.clock()),
        petition=here.petition,
        wording=wording,
        wording_dir=i18n.direction(wording.lang),
        letter=letter(wording),
        countries=dict(i18n.countries(lang)),
        by_country=_by_country(here) if before is None else [],
        paper=asked["paper"] if asked.get("paper") in PAPERS else "a4",
        papers=PAPERS,
        before=before,
    )
    return once(body, 200)


def _by_country(here: OnPetition) -> list[tuple[str, int]]:
    """Return the countries that count, the largest first: no group so small that it points at somebody."""
    made = parts()
    seen = figures.show(
        here.petition,
        Period.ALL,
        ledger=made.ledger,
        counter=made.counter,
        now=made.clock(),
        confirm_within=timedelta(days=made.settings.confirm_within),
    )
    found = seen.figures.of(Part.COUNTRY, Period.ALL) if seen.figures else []
    return [(name, count) for kind, name, count in found if kind is Kind.NAMED and count >= SMALL]
