"""Pictures of petitions, under addresses that name their content."""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, abort, request

from widget import picturing
from widget.domain.petition import Petition
from widget.domain.picture import ENDINGS, PictureFile, Rendition
from widget.web.edge import parts

pictures = Blueprint("pictures", __name__)

# A browser keeps it for good. A cache that many share asks again after an hour: what was taken away goes.
KEPT = "public, max-age=31536000, s-maxage=3600, immutable, stale-if-error=86400"
# Opened by itself it is a picture and nothing else, whatever a browser would like to see in it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}

_NAME = re.compile(r"([0-9a-f]{32})\.(webp|jpg)")


@pictures.get("/pictures/<name>")
def picture(name: str) -> Response:
    """Give a size of a petition's picture, as long as a public petition shows it."""
    return answer(picturing.look(digest_in(name), ledger=parts().ledger), name, KEPT, HEADERS)


def digest_in(name: str) -> str:
    """Return the hash that a picture's address names; 404 for what is no such address."""
    found = _NAME.fullmatch(name)
    if not found:
        abort(404)
    return found[1]


def answer(found: PictureFile | None, name: str, kept: str, headers: Mapping[str, str]) -> Response:
    """Send a picture, as packed as it is; 404 for none, or under a wrong ending."""
    if found is None or not name.endswith(f".{ENDINGS[found.media_type]}"):
        abort(404)
    response = Response(found.content, headers=dict(headers), content_type=found.media_type)
    response.headers["Cache-Control"] = kept
    response.set_etag(digest_in(name))
    response.make_conditional(request)
    return response


def address(rendition: Rendition) -> str:
    """Return the path of a size of a picture."""
    return f"/pictures/{rendition.name}"


def shown(petition: Petition, *wanted: str | None, place: str = "/pictures/") -> dict[str, object] | None:
    """Return what a page needs to show a petition's picture; None where it has none."""
    if petition.picture is None:
        return None
    words, lang = petition.picture.described(*wanted)
    width, height = petition.picture.shown
    return {
        "sizes": [(f"{place}{one.name}", one.width) for one in petition.picture.on_page],
        "link": petition.picture.for_links,
        "width": width,
        "height": height,
        "alt": words,
        "lang": lang,
        "credit": petition.picture.credit,
    }
