"""oEmbed 1.0 (https://oembed.com): a petition's address, pasted into an editor, becomes the widget.

401 is never answered: no petition is for some eyes only. A draft is unknown to everybody, 404.
"""

import json
import re
from hashlib import sha256
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, abort, request

from widget import signing
from widget.domain.petition import Petition, Wording
from widget.domain.refusals import PetitionNotFound
from widget.web.edge import PUBLIC_HEADERS, parts
from widget.web.pictures import address as path_of
from widget.web.rendered import Body, answer

oembed = Blueprint("oembed", __name__)

PROVIDER = "Support Now"
KEPT = 86_400  # seconds; what changes, the frame shows by itself
CACHED = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400"
WIDTH = 720
# Where the frame is narrower than this, words and fields take more lines.
NARROW = 400
HEIGHT, NARROW_HEIGHT = 446, 500
CARRIED = ("lang", "source")  # of the pasted address, as far as the frame takes it
CARRIED_LENGTH = 100

_PATH = re.compile(r"/p/([a-z0-9-]{1,80})/?")
_LENGTH = re.compile(r"[1-9][0-9]{0,4}")


@oembed.get("/oembed")
def describe() -> Response:
    """Tell an editor how to show the petition at `url`, no larger than `maxwidth` and `maxheight`."""
    if request.args.get("format", "json") != "json":
        abort(501)
    most_wide, most_high = _pixels("maxwidth"), _pixels("maxheight")
    slug, carried = _pasted(request.args.get("url", ""))
    petition = signing.find(slug, catalogue=parts().catalogue)
    width = min(WIDTH, most_wide or WIDTH)
    height = HEIGHT if width >= NARROW else NARROW_HEIGHT
    thumbnail = _thumbnail(petition, most_wide, most_high)
    body = _body(petition, carried, width, min(height, most_high or height), thumbnail)
    return answer(body, CACHED, PUBLIC_HEADERS)


def _body(
    petition: Petition, carried: dict[str, str], width: int, height: int, thumbnail: dict[str, object]
) -> Body:
    public_url = parts().settings.public_url
    wording = petition.wording(carried.get("lang"))
    content = {
        "type": "rich",
        "version": "1.0",
        "title": wording.title,
        "author_name": petition.started_by,
        "provider_name": PROVIDER,
        "provider_url": public_url,
        "cache_age": KEPT,
        "html": _frame(f"{public_url}/embed/{petition.slug}", carried, wording, width, height),
        "width": width,
        "height": height,
        **thumbnail,
    }
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Body(plain, f'"{sha256(plain).hexdigest()[:20]}"')


def _thumbnail(petition: Petition, most_wide: int | None, most_high: int | None) -> dict[str, object]:
    """Return the petition's picture as a thumbnail, the largest that fits; nothing where none does."""
    fitting = [
        one
        for one in (petition.picture.renditions if petition.picture else ())
        if one.width <= (most_wide or one.width) and one.height <= (most_high or one.height)
    ]
    if not fitting:
        return {}
    best = max(fitting, key=lambda one: (one.purpose == "link", one.width))
    return {
        "thumbnail_url": f"{parts().settings.public_url}{path_of(best)}",
        "thumbnail_width": best.width,
        "thumbnail_height": best.height,
    }


def _frame(address: str, carried: dict[str, str], wording: Wording, width: int, height: int) -> str:
    """Return the frame snippet: no script and no style, which editors take out."""
    source = f"{address}?{urlencode(carried)}" if carried else address
    return (
        f'<iframe src="{escape(source)}" title="Petition: {escape(wording.title)}" '
        f'width="{width}" height="{height}" loading="lazy"></iframe>'
    )


def _pixels(name: str) -> int | None:
    """Return a length that was asked for, None without one; 400 for what is no number of pixels."""
    asked = request.args.get(name)
    if not asked:
        return None
    if not _LENGTH.fullmatch(asked):
        abort(400)
    return int(asked)


def _pasted(address: str) -> tuple[str, dict[str, str]]:
    """Return the slug in a petition's address and what of its query the frame takes.

    Raises PetitionNotFound for every other address, of ours or of somebody else.
    """
    try:
        pasted = urlsplit(address.strip())
    except ValueError as error:
        raise PetitionNotFound from error
    ours = urlsplit(parts().settings.public_url)
    found = _PATH.fullmatch(pasted.path)
    # Pasted without the "s", a petition of ours is still one of ours.
    if pasted.scheme not in {"http", "https"} or pasted.netloc.lower() != ours.netloc.lower() or not found:
        raise PetitionNotFound
    query = parse_qs(pasted.query)
    return found[1], {name: query[name][0][:CARRIED_LENGTH] for name in CARRIED if name in query}
