"""From a template to a page: what every page is printed with, and how it leaves for one visitor."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from hashlib import sha256
from typing import Any

from flask import Response, render_template, request
from markupsafe import Markup, escape

from widget import i18n
from widget.domain.petition import Petition
from widget.domain.question import Words, said, spoken
from widget.web.assets import address
from widget.web.edge import OWN_PAGES_POLICY, parts
from widget.web.rendered import Body


def printed(template: str, lang: str, **facts: Any) -> Body:
    """Render a page in a language."""
    public = parts().settings.public_url
    page = render_template(
        template, **_speech(lang), asset=address, url_of=url_of, public_url=public, **facts
    ).encode()
    return Body(page, f'W/"{sha256(page).hexdigest()[:20]}"', "text/html; charset=utf-8")


def once(body: Body, status: int, policy: str = OWN_PAGES_POLICY) -> Response:
    """Answer one visitor: nobody may keep it. The policy is set here, since under /api/ there is none."""
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": policy}
    return Response(body.plain, status, headers, content_type=body.mimetype)


def url_of(petition: Petition) -> str:
    """Return the public address of a petition."""
    return f"{parts().settings.public_url}/p/{petition.slug}"


def moved(slug: str, petition: Petition) -> Response | None:
    """Return the way from a former address to a petition's page; None where it is the present one."""
    if petition.slug == slug:
        return None
    rest = request.path.removeprefix(f"/p/{slug}")
    query = f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else ""
    response = Response(status=308, headers={"Location": f"{url_of(petition)}{rest}{query}"})
    # Not for ever: it may get its old address back.
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def worded(words: Words, tag: str) -> Markup:
    """Return an organiser's words in a language, else in their first one, marked as what they are."""
    spoken_in = spoken(words, tag)
    return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(
        spoken_in, i18n.direction(spoken_in), said(words, tag)
    )


def _speech(lang: str) -> dict[str, Any]:
    """Return what a template speaks with. Values are escaped; HTML in them must come as Markup."""

    def fill(pattern: str, params: Mapping[str, object]) -> Markup:
        return escape(pattern).format_map(params)

    say: dict[str, Callable[..., object]] = {
        "t": lambda key, /, **params: fill(i18n.pattern(lang, key), params),
        "tn": lambda key, count, /, **params: fill(
            i18n.pattern(lang, key, count), {"count": i18n.number(lang, count), **params}
        ),
        "number": lambda n: i18n.number(lang, n),
        "date": lambda day: i18n.date(lang, day),
        "time": lambda moment: f"{moment.astimezone(UTC):%H:%M}",
        "names": lambda people: _names(lang, people),
        "has": lambda key: i18n.has(lang, key),
        "worded": worded,
    }
    return {"lang": lang, "dir": i18n.direction(lang), **say}


def _names(lang: str, people: Sequence[str]) -> Markup:
    # Each in an element of its own, so that one written from right to left disturbs no other.
    joined = i18n.listing(lang, [Markup("<bdi>{}</bdi>").format(name) for name in people])
    return Markup(joined)  # noqa: S704 - every name was escaped on the line before
