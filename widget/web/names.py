"""The public list of those who sign with their name, where the organiser wants one."""

from flask import Blueprint, Response, request

from widget import i18n, naming
from widget.web.edge import parts
from widget.web.printing import printed
from widget.web.rendered import answer

names = Blueprint("names", __name__)

# Whoever hides their name is gone from the next page that anybody opens: caches ask each time.
ASKED_EACH_TIME = "no-cache"


@names.get("/p/<slug>/signers")
def signers(slug: str) -> Response:
    """Show a page of the list. Search engines are asked to leave it alone: a name is not for ever."""
    made = parts()
    asked = request.args.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 20 else None
    found = naming.listed(slug, before=before, catalogue=made.catalogue, ledger=made.ledger)
    lang = i18n.choose(request.args.get("lang"), found.petition.wordings[0].lang)
    wording = found.petition.wording(lang)
    body = printed(
        "signers.html",
        lang,
        petition=found.petition,
        wording=wording,
        wording_dir=i18n.direction(wording.lang),
        listed=found,
        countries=dict(i18n.countries(lang)),
        first=before is None,
    )
    return answer(body, ASKED_EACH_TIME, {"X-Robots-Tag": "noindex"})
